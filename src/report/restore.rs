//! The way back: body and removed pieces to the input.

use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};

/// Puts removed pieces back into a body. Spans are byte ranges of the original, sorted and disjoint.
///
/// # Errors
///
/// [`ErrorKind::Report`] when a span and its bytes differ in length, spans overlap or are out of order, or the body is too
/// short for them: then body and report do not belong together.
pub fn restore<'a>(body: &[u8], removed: impl IntoIterator<Item = (Range<usize>, &'a [u8])>) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut body = body;
    for (span, bytes) in removed {
        if span.end.checked_sub(span.start) != Some(bytes.len()) {
            return Err(Error::new(
                ErrorKind::Report,
                format!("a removed piece of {} bytes claims the range {span:?}", bytes.len()),
            ));
        }
        let kept = span.start.checked_sub(out.len()).filter(|n| *n <= body.len()).ok_or_else(|| {
            Error::new(
                ErrorKind::Report,
                format!("the range {span:?} does not fit the body: it was changed, or belongs to another report"),
            )
        })?;
        let (before, after) = body.split_at(kept);
        out.extend_from_slice(before);
        out.extend_from_slice(bytes);
        body = after;
    }
    out.extend_from_slice(body);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_go_back_where_they_were() {
        let removed: [(Range<usize>, &[u8]); 3] = [(0..1, b"a"), (2..4, b"cd"), (5..6, b"f")];
        assert_eq!(restore(b"be", removed).unwrap(), b"abcdef");
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        for bad in [
            vec![(0..2, &b"a"[..])],
            vec![(3..4, b"x")],
            vec![(1..2, b"x"), (0..1, b"y")],
            vec![(Range { start: 2, end: 1 }, b"")],
        ] {
            assert_eq!(restore(b"be", bad).unwrap_err().kind(), ErrorKind::Report);
        }
    }
}
