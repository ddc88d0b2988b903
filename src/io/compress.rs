//! Compressed streams: every member or frame of one, within limits; and members and frames that stand on their own.

use std::ffi::OsStr;
use std::io::{self, BufRead, Read, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3;

use super::record::hash_text;

/// A stream may expand without question up to so many bytes.
const FREE: u64 = 256 << 20;
/// So many bytes at its beginning tell how a stream is compressed.
const MAGIC: usize = 4;
/// gzip's own default, and zstd's.
const GZIP_LEVEL: u32 = 6;
const ZSTD_LEVEL: i32 = 3;
/// Bytes of content in one member or frame that [`Packer`] writes.
const MEMBER: usize = 1 << 20;

/// How a file is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// gzip, of one or many members.
    Gzip,
    /// zstd, of one or many frames.
    Zstd,
}

impl Compression {
    /// By the name's last extension, and the name without it.
    pub fn of_name(path: &Path) -> (Self, PathBuf) {
        let compression = match path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase).as_deref() {
            Some("gz") => Self::Gzip,
            Some("zst" | "zstd") => Self::Zstd,
            _ => return (Self::None, path.to_path_buf()),
        };
        (compression, path.with_extension(""))
    }

    /// By the first bytes of a stream, which comes back whole. A pipe may bring those bytes one by one.
    pub fn of_stream<R: BufRead>(mut from: R) -> (Self, impl BufRead) {
        let mut first = Vec::with_capacity(MAGIC);
        // Whoever reads on meets an error again.
        let _ = from.by_ref().take(MAGIC as u64).read_to_end(&mut first);
        (Self::of_bytes(&first), io::Cursor::new(first).chain(from))
    }

    /// By the first bytes of the content.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        match bytes {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ => Self::None,
        }
    }

    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "no compression",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// Bytes as one member or frame. The same bytes give the same member: it holds no time and no name.
    ///
    /// # Errors
    ///
    /// What the compressor says; it has no reason to.
    pub fn pack(self, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        if self == Self::None {
            return Ok(bytes);
        }
        let mut member = Member::new(self, Some(bytes.len() as u64))?;
        let mut out = member.add(&bytes)?;
        out.append(&mut member.finish()?);
        Ok(out)
    }
}

/// One member or frame that is made piece by piece: what is made goes out as it comes.
pub struct Member(Encoder);

enum Encoder {
    None(Vec<u8>),
    Gzip(Box<flate2::write::GzEncoder<Vec<u8>>>),
    Zstd(Box<zstd::Encoder<'static, Vec<u8>>>),
}

impl Member {
    /// Begins one; `len` is the length of its content, where that is known.
    ///
    /// # Errors
    ///
    /// What the compressor says.
    pub fn new(compression: Compression, len: Option<u64>) -> io::Result<Self> {
        Ok(Self(match compression {
            Compression::None => Encoder::None(Vec::new()),
            Compression::Gzip => {
                let level = flate2::Compression::new(GZIP_LEVEL);
                Encoder::Gzip(Box::new(flate2::write::GzEncoder::new(Vec::new(), level)))
            }
            Compression::Zstd => {
                let mut out = zstd::Encoder::new(Vec::new(), ZSTD_LEVEL)?;
                out.include_checksum(true)?;
                out.set_pledged_src_size(len)?;
                Encoder::Zstd(Box::new(out))
            }
        }))
    }

    /// Adds content; gives what is to be written next.
    ///
    /// # Errors
    ///
    /// What the compressor says.
    pub fn add(&mut self, content: &[u8]) -> io::Result<Vec<u8>> {
        let out = match &mut self.0 {
            Encoder::None(out) => {
                out.extend_from_slice(content);
                out
            }
            Encoder::Gzip(encoder) => {
                encoder.write_all(content)?;
                encoder.get_mut()
            }
            Encoder::Zstd(encoder) => {
                encoder.write_all(content)?;
                encoder.get_mut()
            }
        };
        Ok(std::mem::take(out))
    }

    /// Ends it; gives what is still to be written.
    ///
    /// # Errors
    ///
    /// What the compressor says.
    pub fn finish(self) -> io::Result<Vec<u8>> {
        match self.0 {
            Encoder::None(out) => Ok(out),
            Encoder::Gzip(encoder) => encoder.finish(),
            Encoder::Zstd(encoder) => encoder.finish(),
        }
    }
}

/// What a compressed stream holds. Reads all members or frames; what is damaged, cut short, or expands beyond measure is
/// an error after the last byte that could be had.
pub struct Unpacker<R: BufRead> {
    stream: Stream<R>,
    max_expand: u64,
    /// Bytes that came out.
    out: u64,
}

enum Stream<R: BufRead> {
    Plain(Hashed<R>),
    Gzip(Box<flate2::bufread::GzDecoder<Hashed<R>>>),
    Zstd(Box<zstd::Decoder<'static, Hashed<R>>>),
    /// For a moment, while one member follows another; and after gzip's end.
    Ended(Hashed<R>),
    Broken,
}

impl<R: BufRead> Unpacker<R> {
    /// Reads a stream. Past 256 MiB it may expand at most `max_expand` times.
    ///
    /// # Errors
    ///
    /// When there is no memory for the decompressor.
    pub fn new(compression: Compression, from: R, max_expand: u64) -> io::Result<Self> {
        let mut from = Hashed::new(from);
        let empty = compression != Compression::None && from.fill_buf()?.is_empty();
        let stream = match compression {
            _ if empty => Stream::Ended(from),
            Compression::None => Stream::Plain(from),
            Compression::Gzip => Stream::Gzip(Box::new(flate2::bufread::GzDecoder::new(from))),
            Compression::Zstd => Stream::Zstd(Box::new(zstd::Decoder::with_buffer(from)?)),
        };
        Ok(Self { stream, max_expand, out: 0 })
    }

    /// Length and hash of the bytes that were read so far, as they came.
    pub fn raw(&self) -> (u64, String) {
        self.hashed().map_or((0, String::new()), |h| (h.len, hash_text(h.hash.digest())))
    }

    fn hashed(&self) -> Option<&Hashed<R>> {
        match &self.stream {
            Stream::Plain(from) | Stream::Ended(from) => Some(from),
            Stream::Gzip(from) => Some(from.get_ref()),
            Stream::Zstd(from) => Some(from.get_ref()),
            Stream::Broken => None,
        }
    }

    fn read_some(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = match &mut self.stream {
                Stream::Plain(from) => from.read(out),
                Stream::Gzip(from) => from.read(out),
                Stream::Zstd(from) => from.read(out),
                Stream::Ended(_) | Stream::Broken => Ok(0),
            }?;
            if n > 0 || out.is_empty() || !matches!(self.stream, Stream::Gzip(_)) {
                return Ok(n);
            }
            self.next_member()?;
        }
    }

    /// Goes on after the end of a gzip member: to the next one, or over the zeros that tapes and block devices leave.
    fn next_member(&mut self) -> io::Result<()> {
        let Stream::Gzip(ended) = std::mem::replace(&mut self.stream, Stream::Broken) else { return Ok(()) };
        let mut from = ended.into_inner();
        let mut padding = false;
        let next = loop {
            let bytes = from.fill_buf()?;
            let zeros = bytes.iter().take_while(|b| **b == 0).count();
            match bytes.get(zeros) {
                None if zeros == 0 => break None,
                None => {
                    padding = true;
                    from.consume(zeros);
                }
                Some(byte) => {
                    let byte = *byte;
                    padding |= zeros > 0;
                    from.consume(zeros);
                    break Some(byte);
                }
            }
        };
        match next {
            None => self.stream = Stream::Ended(from),
            Some(0x1f) if !padding => {
                self.stream = Stream::Gzip(Box::new(flate2::bufread::GzDecoder::new(from)));
            }
            Some(_) => {
                let message = format!("what follows at byte {} is no gzip data", from.len);
                self.stream = Stream::Ended(from);
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Unpacker<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.read_some(out)?;
        self.out += n as u64;
        if let Some(from) = self.hashed()
            && is_beyond_measure(from.len, self.out, self.max_expand)
            && !matches!(self.stream, Stream::Plain(_))
        {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!(
                    "it expands more than {} times ({} MiB from {} bytes): --max-expand allows more",
                    self.max_expand,
                    self.out >> 20,
                    from.len
                ),
            ));
        }
        Ok(n)
    }
}

/// Whether what came out of so many bytes is more than a stream may expand.
pub(super) fn is_beyond_measure(packed: u64, out: u64, max_expand: u64) -> bool {
    out > FREE && out / max_expand.max(1) > packed
}

/// A stream that counts and hashes what is read from it. What a signal interrupts is done again: decompressors lose their
/// place over an error.
struct Hashed<R> {
    from: R,
    len: u64,
    hash: Xxh3,
}

impl<R: BufRead> Hashed<R> {
    fn new(from: R) -> Self {
        Self { from, len: 0, hash: Xxh3::new() }
    }
}

impl<R: BufRead> Read for Hashed<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = loop {
            match self.from.read(out) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.len += n as u64;
        self.hash.update(&out[..n]);
        Ok(n)
    }
}

impl<R: BufRead> BufRead for Hashed<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        loop {
            match self.from.fill_buf() {
                Ok([]) => return Ok(&[]),
                Ok(_) => break,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        self.from.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        // What is consumed is in the buffer: this reads nothing, and cannot fail.
        if let Ok(bytes) = self.from.fill_buf() {
            self.hash.update(&bytes[..n.min(bytes.len())]);
        }
        self.len += n as u64;
        self.from.consume(n);
    }
}

/// Writes a stream as members or frames of 1 MiB of content each.
#[derive(Debug)]
pub struct Packer<W: Write> {
    out: W,
    compression: Compression,
    content: Vec<u8>,
    empty: bool,
}

impl<W: Write> Packer<W> {
    /// Writes to `out`.
    pub fn new(out: W, compression: Compression) -> Self {
        Self { out, compression, content: Vec::new(), empty: true }
    }

    /// Writes what is held back, and gives back where it went. Without it the end of the stream is lost.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn finish(mut self) -> io::Result<W> {
        if !self.content.is_empty() || self.empty {
            self.member()?;
        }
        self.out.flush()?;
        Ok(self.out)
    }

    fn member(&mut self) -> io::Result<()> {
        self.empty = false;
        let content = std::mem::take(&mut self.content);
        self.out.write_all(&self.compression.pack(content)?)
    }
}

impl<W: Write> Write for Packer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = bytes.len().min(MEMBER - self.content.len().min(MEMBER - 1));
        self.content.extend_from_slice(&bytes[..n]);
        if self.content.len() >= MEMBER {
            self.member()?;
        }
        Ok(n)
    }

    /// Holds back what is no whole member yet: see [`finish`](Self::finish).
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Compression; 3] = [Compression::None, Compression::Gzip, Compression::Zstd];

    /// Every other call is interrupted.
    struct Interrupted<'a>(&'a [u8], bool);

    impl Read for Interrupted<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 { Err(io::ErrorKind::Interrupted.into()) } else { self.0.read(out) }
        }
    }

    fn unpack(compression: Compression, bytes: &[u8]) -> (Vec<u8>, io::Result<()>) {
        let mut out = Vec::new();
        // In pieces of seven bytes, so that every boundary is met.
        let from = io::BufReader::with_capacity(7, Interrupted(bytes, false));
        let ended = Unpacker::new(compression, from, 100).and_then(|mut u| u.read_to_end(&mut out)).map(drop);
        (out, ended)
    }

    #[test]
    fn all_members_and_frames_are_read() {
        for kind in KINDS {
            let both = [kind.pack(b"one ".to_vec()).unwrap(), kind.pack(b"two".to_vec()).unwrap()].concat();
            let (out, ended) = unpack(kind, &both);
            assert_eq!((out.as_slice(), ended.is_ok()), (&b"one two"[..], true), "{kind:?}");
            assert_eq!(kind.pack(b"one ".to_vec()).unwrap(), kind.pack(b"one ".to_vec()).unwrap());
        }
        let skippable =
            [&[0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9][..], &Compression::Zstd.pack(b"x".to_vec()).unwrap()].concat();
        assert_eq!(unpack(Compression::Zstd, &skippable).0, b"x");
        let padded = [Compression::Gzip.pack(b"x".to_vec()).unwrap(), vec![0; 20]].concat();
        let (out, ended) = unpack(Compression::Gzip, &padded);
        assert!(out == b"x" && ended.is_ok());
    }

    #[test]
    fn what_is_cut_or_damaged_is_an_error_and_never_silent() {
        let text: Vec<u8> =
            (0..3000_u32).flat_map(|i| format!("line {}\n", i.wrapping_mul(2_654_435_761)).into_bytes()).collect();
        for kind in [Compression::Gzip, Compression::Zstd] {
            let first = kind.pack(text[..1000].to_vec()).unwrap();
            let both = [first.clone(), kind.pack(text[1000..].to_vec()).unwrap()].concat();
            for cut in 1..both.len() {
                let (out, ended) = unpack(kind, &both[..cut]);
                assert!(text.starts_with(&out), "{kind:?} {cut}");
                assert_eq!(ended.is_ok(), cut == first.len(), "{kind:?} {cut}");
            }
            for bit in 0..first.len() * 8 {
                let mut bad = first.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                let (out, ended) = unpack(kind, &bad);
                // Some bits of a header say nothing about the content.
                assert!(ended.is_err() || out == text[..1000], "{kind:?} bit {bit}");
            }
            let (out, ended) = unpack(kind, &[first, b"garbage".to_vec()].concat());
            assert!(out == text[..1000] && ended.is_err());
        }
    }

    #[test]
    fn a_bomb_is_stopped() {
        let zeros = vec![0; 64 << 20];
        let frame = Compression::Zstd.pack(zeros).unwrap();
        let bomb = frame.repeat(6);
        let mut unpacker = Unpacker::new(Compression::Zstd, bomb.as_slice(), 100).unwrap();
        let stopped = io::copy(&mut unpacker, &mut io::sink()).unwrap_err();
        assert!(stopped.to_string().contains("expands more than 100 times"), "{stopped}");
        assert!(unpacker.out < FREE + (1 << 20));
    }

    #[test]
    fn packers_write_what_unpackers_read() {
        let text: Vec<u8> = (0..=255_u8).cycle().take(2_500_000).collect();
        for kind in KINDS {
            for bytes in [&text[..], b""] {
                let mut packer = Packer::new(Vec::new(), kind);
                packer.write_all(bytes).unwrap();
                let packed = packer.finish().unwrap();
                let (out, ended) = unpack(kind, &packed);
                assert!(out == bytes && ended.is_ok(), "{kind:?}");
            }
        }
    }
}
