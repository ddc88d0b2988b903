//! What may stand at a word or at a pair of words: bit filters that stay in the cache, then a search.

use super::compiled::Target;

/// A block with more words than this is prose to the scanner: only rules that may match a part of a block are tried.
const LONG_BLOCK: usize = 48;
/// Single words say something only in blocks of at most this many words.
const LABEL_WORDS: usize = 12;

/// How long a block is, as far as it decides what can be found in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Size {
    /// Everything is looked for.
    Label,
    /// No phrases of one word.
    Line,
    /// Only what may match a part of a block.
    Prose,
}

impl Size {
    /// The size of a block of so many words.
    pub fn of(words: usize) -> Self {
        if words <= LABEL_WORDS {
            Self::Label
        } else if words <= LONG_BLOCK {
            Self::Line
        } else {
            Self::Prose
        }
    }
}

/// All keys, and what each leads to.
#[derive(Debug, Default)]
pub(crate) struct Lookup {
    /// Sorted. Keys are hashes, evenly spread.
    keys: Vec<(u64, Target)>,
    /// Where in `keys` those with the same leading bits begin: a bucket holds one or two.
    buckets: Vec<u32>,
    /// One for each [`Size`]: most words stand in prose, where few keys count.
    filters: [Filter; 3],
}

/// Leading bits of a key that choose its bucket.
const BUCKET_BITS: u32 = 16;

impl Lookup {
    /// `found_in` says in blocks of which size and all smaller ones a target can be found, if in any.
    pub fn new(mut keys: Vec<(u64, Target)>, found_in: impl Fn(Target) -> Option<Size>) -> Self {
        keys.retain(|(_, target)| found_in(*target).is_some());
        keys.sort_unstable();
        let filters = [Size::Label, Size::Line, Size::Prose].map(|size| {
            let here = keys.iter().filter(|(_, target)| found_in(*target).is_some_and(|most| size <= most));
            Filter::of(&here.map(|(key, _)| *key).collect::<Vec<_>>())
        });
        let buckets = (0..=1_u64 << BUCKET_BITS)
            .map(|b| keys.partition_point(|(k, _)| u128::from(*k) < u128::from(b) << (64 - BUCKET_BITS)) as u32)
            .collect();
        Self { keys, buckets, filters }
    }

    /// What may stand at a word or pair of words with this hash in a block of this size; some of it may be for smaller blocks.
    #[inline]
    pub fn at(&self, key: u64, size: Size) -> &[(u64, Target)] {
        if self.filters[size as usize].may_have(key) { self.find(key) } else { &[] }
    }

    fn find(&self, key: u64) -> &[(u64, Target)] {
        let bucket = (key >> (64 - BUCKET_BITS)) as usize;
        let bucket = &self.keys[self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize];
        let start = bucket.iter().position(|(k, _)| *k == key).unwrap_or(bucket.len());
        let len = bucket[start..].iter().take_while(|(k, _)| *k == key).count();
        &bucket[start..start + len]
    }
}

/// A set of keys of which two bits each are kept: it may say yes to others too.
#[derive(Debug, Default)]
struct Filter {
    /// A power of two, or none.
    slots: Vec<u64>,
}

/// Bits of a filter for each of its keys: about one other word in thirty is let through.
const BITS_A_KEY: usize = 10;
/// The most numbers of 64 bits in a filter: 64 KiB. A larger one lets fewer words through, but is not at hand as fast.
const MAX_SLOTS: usize = 1 << 13;

impl Filter {
    fn of(keys: &[u64]) -> Self {
        let slots = (keys.len() * BITS_A_KEY).div_ceil(64).next_power_of_two().min(MAX_SLOTS);
        let mut filter = Self { slots: if keys.is_empty() { Vec::new() } else { vec![0; slots] } };
        for key in keys {
            let (slot, bits) = filter.place(*key);
            filter.slots[slot] |= bits;
        }
        filter
    }

    /// A key's slot, and its two bits there.
    #[inline]
    fn place(&self, key: u64) -> (usize, u64) {
        let slot = (key >> 40) as usize & self.slots.len().wrapping_sub(1);
        (slot, 1 << (key >> 28 & 63) | 1 << (key >> 34 & 63))
    }

    #[inline]
    fn may_have(&self, key: u64) -> bool {
        let (slot, bits) = self.place(key);
        self.slots.get(slot).is_some_and(|set| set & bits == bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_where() {
        let key = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let keys: Vec<_> = (0..3000).map(|n| (key(n), Target::Phrase(n as u32))).collect();
        let most = [Some(Size::Label), Some(Size::Line), Some(Size::Prose), None];
        let found_in = |target: Target| match target {
            Target::Phrase(id) => most[id as usize % 4],
            Target::Pattern { .. } => None,
        };
        let lookup = Lookup::new(keys.clone(), found_in);
        for (n, (key, target)) in keys.iter().enumerate() {
            for size in [Size::Label, Size::Line, Size::Prose] {
                let wanted = most[n % 4].is_some_and(|most| size <= most);
                let found = lookup.at(*key, size).contains(&(*key, *target));
                assert!(found || !wanted, "{n} in {size:?}");
            }
        }
        let others = (3000..13_000).filter(|n| !lookup.at(key(*n), Size::Label).is_empty()).count();
        assert_eq!(others, 0);
        assert!(Lookup::default().at(7, Size::Label).is_empty());
        assert!(Lookup::new(Vec::new(), found_in).at(7, Size::Prose).is_empty());
    }

    #[test]
    fn sizes() {
        assert_eq!([0, 12, 13, 48, 49].map(Size::of), [Size::Label, Size::Label, Size::Line, Size::Line, Size::Prose]);
    }
}
