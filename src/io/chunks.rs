//! A file of records as a row of chunks: each holds some whole records, and no record is ever all in memory that is larger
//! than the limit.

use std::io::{self, Read};

use super::read::has_memory_for;
use super::warc;

/// Bytes of a chunk: enough that handing it over costs nothing, little enough that many fit in memory.
const CHUNK: usize = 1 << 20;
/// Records of a chunk: what is told of tiny ones takes a hundred times their own size.
const RECORDS: usize = 4096;

/// How records follow one another in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Framing {
    /// Each line is a record, its line feed included.
    Lines,
    /// Each record says its own length, as in WARC and WET.
    Warc,
}

/// A part of a file of records.
#[derive(Debug)]
#[non_exhaustive]
pub enum Chunk {
    /// Some whole records.
    Records {
        /// The number of the first; a file's first record is 1.
        first: u64,
        /// Their bytes.
        bytes: Vec<u8>,
        /// Where each ends in `bytes`.
        ends: Vec<usize>,
    },
    /// A piece of a record that is not looked at.
    Whole {
        /// The record's number.
        number: u64,
        /// Its next bytes.
        bytes: Vec<u8>,
        /// Whether they are the last.
        last: bool,
        /// Why it is passed through.
        why: Why,
    },
}

/// Why a record is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// It is larger than the limit.
    TooLarge,
    /// There is not enough memory to clean it.
    NoMemory,
    /// The file ends, or can be read no further, in the middle of it.
    CutShort,
}

impl Chunk {
    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Records { bytes, .. } | Self::Whole { bytes, .. } => bytes,
        }
    }
}

/// Where a record ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// After so many bytes.
    At(usize),
    /// Behind what is there: after so many bytes, where that is known.
    Behind(Option<u64>),
}

/// Reads a file of records chunk by chunk. An error is the last item; what was read before it comes first.
pub struct Chunks<R> {
    from: R,
    framing: Framing,
    max_record: usize,
    /// What was read and not given out: begins with a record, or with the rest of a large one.
    rest: Vec<u8>,
    /// Bytes of `rest` that hold no line feed.
    scanned: usize,
    next: u64,
    /// Bytes that are read next.
    step: usize,
    /// What is left of a record that is passed through: its bytes where they are known.
    large: Option<Option<u64>>,
    /// Why it is passed through.
    why: Why,
    state: State,
}

enum State {
    Reading,
    Ended,
    Failed(io::Error),
    Over,
}

impl<R: Read> Chunks<R> {
    /// Begins with record number `first`. Records of more than `max_record` bytes are not held in memory.
    pub fn new(from: R, framing: Framing, max_record: usize, first: u64) -> Self {
        Self {
            from,
            framing,
            max_record,
            rest: Vec::new(),
            scanned: 0,
            next: first,
            step: CHUNK,
            large: None,
            why: Why::TooLarge,
            state: State::Reading,
        }
    }

    /// Says that reading begins so far into the content. Chunks end at the last record before a multiple of their size,
    /// counted from the content's beginning: a run that is gone on with cuts where one run does.
    pub fn starting_at(mut self, at: u64) -> Self {
        let chunk = CHUNK as u64;
        self.step = CHUNK + (at.next_multiple_of(chunk) - at) as usize;
        self
    }

    /// What is read from.
    pub fn get_ref(&self) -> &R {
        &self.from
    }

    /// Reads about a chunk more.
    fn fill(&mut self) {
        if !matches!(self.state, State::Reading) {
            return;
        }
        let before = self.rest.len();
        let step = std::mem::replace(&mut self.step, CHUNK);
        let read = match self.rest.try_reserve(step) {
            Ok(()) => self.from.by_ref().take(step as u64).read_to_end(&mut self.rest),
            Err(_) => Err(io::ErrorKind::OutOfMemory.into()),
        };
        match read {
            Ok(_) if self.rest.len() < before + step => self.state = State::Ended,
            Ok(_) => {}
            Err(e) => self.state = State::Failed(e),
        }
    }

    /// Where the record ends that begins at `from` in what was read.
    fn end(&mut self, from: usize) -> End {
        match self.framing {
            Framing::Lines => {
                let at = self.scanned.max(from);
                let found = memchr::memchr(b'\n', &self.rest[at..]).map(|i| at + i + 1);
                self.scanned = found.unwrap_or(self.rest.len());
                found.map_or(End::Behind(None), |end| End::At(end - from))
            }
            Framing::Warc => warc::end(&self.rest[from..], matches!(self.state, State::Ended)),
        }
    }

    /// Takes the first `n` bytes of what was read.
    fn take(&mut self, n: usize) -> Vec<u8> {
        let rest = if n == self.rest.len() { Vec::new() } else { self.rest.split_off(n) };
        self.scanned = self.scanned.saturating_sub(n);
        std::mem::replace(&mut self.rest, rest)
    }

    /// The whole records that are there.
    fn records(&mut self) -> Result<Chunk, End> {
        let (mut ends, mut at) = (Vec::new(), 0);
        let behind = loop {
            if at == self.rest.len() || ends.len() == RECORDS {
                break End::Behind(None);
            }
            match self.end(at) {
                End::At(len) if len > self.max_record => break End::Behind(Some(len as u64)),
                End::At(len) => {
                    at += len;
                    ends.push(at);
                }
                behind => break behind,
            }
        };
        if ends.is_empty() {
            return Err(behind);
        }
        let first = self.next;
        self.next += ends.len() as u64;
        Ok(Chunk::Records { first, bytes: self.take(at), ends })
    }

    /// The next piece of a record that is passed through.
    fn piece(&mut self, left: Option<u64>) -> Chunk {
        let have = self.rest.len();
        let (n, ends) = match left {
            Some(left) => (have.min(usize::try_from(left).unwrap_or(have)), left <= have as u64),
            None => match self.search() {
                Some(end) => (end, true),
                // A mark may begin in the last bytes.
                None => (have.saturating_sub(warc::MARK.len()), false),
            },
        };
        let over = !matches!(self.state, State::Reading);
        let n = if over && !ends { have } else { n };
        let why = if over && !ends && (left.is_some() || matches!(self.state, State::Failed(_))) {
            Why::CutShort
        } else {
            self.why
        };
        let (number, last) = (self.next, ends || over);
        self.large = Some(left.map(|left| left - n as u64));
        if last {
            self.large = None;
            self.next += 1;
        }
        Chunk::Whole { number, bytes: self.take(n), last, why }
    }

    /// Where a record ends whose length is not known.
    fn search(&self) -> Option<usize> {
        match self.framing {
            Framing::Lines => memchr::memchr(b'\n', &self.rest).map(|i| i + 1),
            Framing::Warc => warc::next_mark(&self.rest, 1),
        }
    }
}

impl<R: Read> Iterator for Chunks<R> {
    type Item = io::Result<Chunk>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.rest.len() < CHUNK {
                self.fill();
            }
            if let Some(left) = self.large {
                return Some(Ok(self.piece(left)));
            }
            match self.records() {
                Ok(chunk) => return Some(Ok(chunk)),
                Err(_) if self.rest.is_empty() && !matches!(self.state, State::Reading) => {
                    return match std::mem::replace(&mut self.state, State::Over) {
                        State::Failed(e) => Some(Err(e)),
                        _ => None,
                    };
                }
                Err(_) if matches!(self.state, State::Ended) && self.rest.len() <= self.max_record => {
                    // The last record has no end of its own.
                    let first = self.next;
                    self.next += 1;
                    let n = self.rest.len();
                    return Some(Ok(Chunk::Records { first, bytes: self.take(n), ends: vec![n] }));
                }
                Err(End::Behind(known)) => {
                    let len = known.map_or(self.rest.len(), |n| usize::try_from(n).unwrap_or(usize::MAX));
                    let large = len.max(self.rest.len()) > self.max_record;
                    let fits = large || has_memory_for(len);
                    if large || !fits || !matches!(self.state, State::Reading) {
                        self.large = Some(known);
                        self.why = if fits { Why::TooLarge } else { Why::NoMemory };
                    } else {
                        self.fill();
                    }
                }
                Err(End::At(_)) => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Number, content and reason of each record.
    fn all(text: &[u8], max: usize) -> Vec<(u64, Vec<u8>, Option<Why>)> {
        let mut out: Vec<(u64, Vec<u8>, Option<Why>)> = Vec::new();
        let mut open = false;
        for chunk in Chunks::new(text, Framing::Lines, max, 1) {
            match chunk.unwrap() {
                Chunk::Records { first, bytes, ends } => {
                    let mut at = 0;
                    for (i, end) in ends.into_iter().enumerate() {
                        out.push((first + i as u64, bytes[at..end].to_vec(), None));
                        at = end;
                    }
                }
                Chunk::Whole { number, bytes, last, why } => {
                    if !open {
                        out.push((number, Vec::new(), None));
                    }
                    let record = out.last_mut().unwrap();
                    record.1.extend(bytes);
                    record.2 = last.then_some(why);
                    open = !last;
                }
            }
        }
        assert!(!open);
        out
    }

    #[test]
    fn lines_of_any_length() {
        assert_eq!(all(b"", 10), []);
        let small = all(b"a\n\nbc", 10);
        assert_eq!(small, [(1, b"a\n".to_vec(), None), (2, b"\n".to_vec(), None), (3, b"bc".to_vec(), None)]);
        let long = b"x".repeat(5 * CHUNK / 2);
        for max in [CHUNK, 10 * CHUNK] {
            let text = [b"a\n", &long[..], b"\nb\n", &long[..]].concat();
            let records = all(&text, max);
            let why = (max == CHUNK).then_some(Why::TooLarge);
            assert_eq!(
                records.iter().map(|r| (r.0, r.1.len(), r.2)).collect::<Vec<_>>(),
                [(1, 2, None), (2, long.len() + 1, why), (3, 2, None), (4, long.len(), why)]
            );
            assert_eq!(records.into_iter().flat_map(|r| r.1).collect::<Vec<_>>(), text);
        }
    }

    #[test]
    fn what_came_before_an_error_is_given_out() {
        struct Broken(usize);
        impl Read for Broken {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                self.0 += 1;
                match self.0 {
                    1 => {
                        out[..5].copy_from_slice(b"a\nbcd");
                        Ok(5)
                    }
                    _ => Err(io::Error::other("broken")),
                }
            }
        }
        let chunks: Vec<_> = Chunks::new(Broken(0), Framing::Lines, 100, 1).collect();
        assert!(matches!(&chunks[0], Ok(Chunk::Records { bytes, .. }) if bytes == b"a\n"));
        assert!(
            matches!(&chunks[1], Ok(Chunk::Whole { bytes, last: true, why: Why::CutShort, number: 2 }) if bytes == b"bcd")
        );
        assert!(chunks[2].is_err() && chunks.len() == 3);
    }
}
