//! WARC records (ISO 28500), as web archives and Common Crawl's WET files have them.

use super::chunks::End;

/// What every record begins with.
pub(super) const MARK: &[u8] = b"\nWARC/1.";

/// Where the record ends that `bytes` begin with. `all` says that nothing follows them.
pub(super) fn end(_bytes: &[u8], _all: bool) -> End {
    End::Behind(None)
}

/// Where the next record begins after `from`.
pub(super) fn next_mark(bytes: &[u8], from: usize) -> Option<usize> {
    memchr::memmem::find(bytes.get(from..)?, MARK).map(|i| from + i + 1)
}
