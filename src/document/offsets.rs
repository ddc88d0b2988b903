//! From the text view back to the raw bytes.

/// Maps byte offsets of the text view to byte offsets of the raw input.
///
/// UTF-8 input is its own view and needs no map. Elsewhere the map is a list of runs of characters that have the same
/// width in the view and the same width in the raw bytes: ASCII in a UTF-16 file is one run of (1, 2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OffsetMap {
    runs: Vec<Run>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    view: usize,
    raw: usize,
    /// Bytes of one character of this run in the view and in the raw input.
    view_width: usize,
    raw_width: usize,
}

impl OffsetMap {
    /// The map of a view that is the raw bytes themselves.
    pub fn identity() -> Self {
        Self::default()
    }

    /// Appends one character; `view` and `raw` are where it starts.
    pub fn push(&mut self, view: usize, raw: usize, view_width: usize, raw_width: usize) {
        if let Some(last) = self.runs.last()
            && last.view_width == view_width
            && last.raw_width == raw_width
            && (view - last.view) / view_width * raw_width + last.raw == raw
        {
            return;
        }
        self.runs.push(Run { view, raw, view_width, raw_width });
    }

    /// The raw offset of a view offset on a character boundary.
    pub fn raw(&self, view: usize) -> usize {
        let after = self.runs.partition_point(|r| r.view <= view);
        match after.checked_sub(1).map(|i| self.runs[i]) {
            None => view,
            Some(run) => run.raw + (view - run.view) / run.view_width * run.raw_width,
        }
    }
}

impl OffsetMap {
    /// Where the raw bytes of the character that ends at a view offset end.
    pub fn raw_end(&self, view: usize) -> usize {
        let after = self.runs.partition_point(|r| r.view < view);
        match after.checked_sub(1).map(|i| self.runs[i]) {
            None => view,
            Some(run) => run.raw + (view - run.view).div_ceil(run.view_width) * run.raw_width,
        }
    }

    /// Continues the map with that of text that begins at `view` of this one's view.
    pub fn append(&mut self, other: OffsetMap, view: usize) {
        self.runs.extend(other.runs.into_iter().map(|run| Run { view: run.view + view, ..run }));
    }

    /// The map of a view of a view: `outer` leads from the new view to this map's view.
    pub fn after(&self, outer: OffsetMap) -> OffsetMap {
        if self.runs.is_empty() {
            return outer;
        }
        let mut out = OffsetMap::identity();
        for (i, run) in outer.runs.iter().enumerate() {
            if run.raw_width == run.view_width {
                // A stretch that was copied: cut it where the inner map changes its widths.
                let end = outer.runs.get(i + 1).map_or(usize::MAX, |next| run.raw + (next.view - run.view));
                let first = self.runs.partition_point(|r| r.view <= run.raw).saturating_sub(1);
                for inner in self.runs[first..].iter().take_while(|r| r.view < end) {
                    let from = inner.view.max(run.raw);
                    let raw = inner.raw + (from - inner.view) / inner.view_width * inner.raw_width;
                    out.push(run.view + (from - run.raw), raw, inner.view_width, inner.raw_width);
                }
            } else {
                let raw = self.raw(run.raw);
                let width = if run.raw_width == 0 { 0 } else { self.raw(run.raw + run.raw_width) - raw };
                out.push(run.view, raw, run.view_width, width);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_maps_to_itself() {
        assert_eq!(OffsetMap::identity().raw(7), 7);
    }

    #[test]
    fn runs_are_joined_and_searched() {
        let mut map = OffsetMap::default();
        // "aé b" in UTF-16: a(1→2) é(2→2) space(1→2) b(1→2)
        map.push(0, 0, 1, 2);
        map.push(1, 2, 2, 2);
        map.push(3, 4, 1, 2);
        map.push(4, 6, 1, 2);
        assert_eq!(map.runs.len(), 3);
        assert_eq!([0, 1, 3, 4, 5].map(|v| map.raw(v)), [0, 2, 4, 6, 8]);
    }
}
