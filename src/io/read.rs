//! Reading a file without waiting for a pipe, without believing its length, and without taking half of it for all.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use super::files::kind_of;
use super::journal::Seal;
use super::record::hash_text;

/// Bytes looked at to tell text from other data.
const SAMPLE: usize = 32 * 1024;
/// Text has fewer control characters than one in this many bytes; NUL counts as one.
const BYTES_PER_CONTROL: usize = 20;
/// First bytes of formats that are no text, though they may begin like it.
const MAGIC: &[(&[u8], &str)] = &[
    (b"\x1f\x8b", "gzip data"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ\0", "xz data"),
    (b"PK\x03\x04", "a zip archive"),
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"PAR1", "parquet data"),
    (b"\x7fELF", "a program"),
];

/// Fewer bytes are cleaned without asking for memory first.
const SMALL: usize = 16 << 20;
/// What cleaning takes at worst for a byte of text.
const MEMORY_PER_BYTE: usize = 8;

/// Whether there is memory to clean so many bytes, as far as the system says. An allocation that fails ends the process, and
/// no handler can prevent it: a document is only begun where it should not come to that.
pub fn has_memory_for(len: usize) -> bool {
    let mut probe = Vec::<u8>::new();
    let had = len < SMALL || probe.try_reserve_exact(len.saturating_mul(MEMORY_PER_BYTE)).is_ok();
    // Otherwise the compiler may leave out an allocation that nobody uses.
    std::hint::black_box(probe);
    had
}

/// A regular file that is open for reading.
#[derive(Debug)]
pub struct Input {
    file: File,
    before: Metadata,
}

/// Whether bytes are text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextOrNot {
    /// Text in some encoding.
    Text,
    /// No text; what it seems to be.
    Other(&'static str),
}

impl TextOrNot {
    /// Looks at the first bytes. NULs alone do not make a file binary: UTF-16 is text, and so is a page with a few stray
    /// ones; data with many control characters is not.
    pub fn of(bytes: &[u8]) -> Self {
        if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
            return Self::Other(what);
        }
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            return Self::Text;
        }
        let sample = &bytes[..bytes.len().min(SAMPLE)];
        let is_control = |b: &u8| matches!(b, 0..=8 | 14..=26 | 28..=31 | 127);
        let controls = sample.iter().filter(|b| is_control(b)).count();
        if controls * BYTES_PER_CONTROL <= sample.len() || is_utf16(sample) {
            Self::Text
        } else {
            Self::Other("binary data")
        }
    }
}

/// Whether bytes begin like an HTML page: with its doctype or its first element, behind white space, an XML declaration or
/// comments.
pub fn is_html(bytes: &[u8]) -> bool {
    let mut rest = &bytes[..bytes.len().min(SAMPLE)];
    rest = rest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(rest);
    loop {
        rest = rest.trim_ascii_start();
        let end: &[u8] = match rest {
            [b'<', b'?', ..] => b"?>",
            [b'<', b'!', b'-', b'-', ..] => b"-->",
            _ => break,
        };
        let Some(at) = memchr::memmem::find(rest, end) else { return false };
        rest = &rest[at + end.len()..];
    }
    ["<!doctype html", "<html", "<head", "<body"].iter().any(|start| {
        let begins = rest.get(..start.len()).is_some_and(|r| r.eq_ignore_ascii_case(start.as_bytes()));
        begins && !rest.get(start.len()).is_some_and(u8::is_ascii_alphanumeric)
    })
}

/// Whether the zeros stand in every second byte, as in UTF-16 of mostly Latin text.
fn is_utf16(sample: &[u8]) -> bool {
    let zeros = |at: usize| sample.chunks_exact(2).filter(|pair| pair[at] == 0).count();
    let controls = |at: usize| sample.chunks_exact(2).filter(|pair| matches!(pair[at], 0..=8 | 14..=31)).count();
    let pairs = sample.len() / 2;
    let side = |zero: usize, text: usize| zeros(zero) * 5 >= pairs * 2 && controls(text) * BYTES_PER_CONTROL <= pairs;
    pairs > 0 && (side(1, 0) || side(0, 1))
}

impl Input {
    /// Opens a regular file. A FIFO or a device is refused without waiting for it; so is a symbolic link unless
    /// `follow` is set.
    ///
    /// # Errors
    ///
    /// What the system says, or that it is no regular file.
    pub fn open(path: &Path, follow: bool) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            let nofollow = if follow { 0 } else { libc::O_NOFOLLOW };
            options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY | nofollow);
        }
        #[cfg(not(unix))]
        if !follow && path.symlink_metadata()?.is_symlink() {
            return Err(io::Error::other("it is a symbolic link, which is not followed"));
        }
        let file = options.open(path)?;
        let before = file.metadata()?;
        match kind_of(before.file_type()) {
            None => Ok(Self { file, before }),
            Some(other) => Err(io::Error::other(format!("it is {other}"))),
        }
    }

    /// Its length when it was opened.
    pub fn len(&self) -> u64 {
        self.before.len()
    }

    /// Whether it was empty when it was opened.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the system said of it when it was opened.
    pub fn metadata(&self) -> &Metadata {
        &self.before
    }

    /// The open file, to be read.
    pub fn into_reader(self) -> File {
        self.file
    }

    /// Reads it piece by piece, from where reading is.
    ///
    /// # Errors
    ///
    /// When the system has no handle left.
    pub fn reader(&self) -> io::Result<impl Read + use<>> {
        self.file.try_clone()
    }

    /// All of it.
    ///
    /// # Errors
    ///
    /// What the system says; that there is not enough memory; that the file changed while it was read.
    pub fn read(&mut self) -> io::Result<Vec<u8>> {
        let len = usize::try_from(self.len()).map_err(|_| io::ErrorKind::OutOfMemory)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(len + 1).map_err(|_| io::ErrorKind::OutOfMemory)?;
        (&self.file).take(self.len() + 1).read_to_end(&mut bytes)?;
        self.check_unchanged(bytes.len() as u64)?;
        Ok(bytes)
    }

    /// Its first bytes, enough for [`TextOrNot::of`]; reading begins at the start again afterwards.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn sample(&mut self) -> io::Result<Vec<u8>> {
        use std::io::Seek;
        let mut bytes = Vec::new();
        (&self.file).take(SAMPLE as u64).read_to_end(&mut bytes)?;
        self.file.rewind()?;
        Ok(bytes)
    }

    /// Copies it in pieces. Returns its length and hash.
    ///
    /// # Errors
    ///
    /// On the outside that it could not be written, on the inside that it could not be read or changed meanwhile.
    pub fn copy_to(&mut self, out: &mut dyn Write) -> io::Result<io::Result<(u64, String)>> {
        let mut copied = copy_hashed(&mut (&self.file).take(self.len() + 1), out)?;
        if let Ok((len, _)) = copied
            && let Err(e) = self.check_unchanged(len)
        {
            copied = Err(e);
        }
        Ok(copied)
    }

    /// Checks that the file is still what it was when it was opened, and that `read` bytes are all of it.
    ///
    /// # Errors
    ///
    /// That it changed, or what the system says.
    pub fn check_unchanged(&self, read: u64) -> io::Result<()> {
        let after = self.file.metadata()?;
        let same =
            read == self.len() && after.len() == self.len() && after.modified().ok() == self.before.modified().ok();
        if same { Ok(()) } else { Err(io::Error::other("it changed while it was read")) }
    }
}

/// Length and hash of a file.
///
/// # Errors
///
/// What the system says, or that it is no regular file.
pub fn seal_of(path: &Path, follow: bool) -> io::Result<Seal> {
    copy_hashed(&mut Input::open(path, follow)?.into_reader(), &mut io::sink())?
}

/// Copies a stream in pieces. Returns its length and hash.
///
/// # Errors
///
/// On the outside that it could not be written, on the inside that it could not be read.
pub fn copy_hashed(stream: &mut dyn Read, out: &mut dyn Write) -> io::Result<io::Result<(u64, String)>> {
    let mut piece = vec![0; 256 * 1024];
    let mut out = HashedWrite::new(out);
    loop {
        let n = match stream.read(&mut piece) {
            Ok(0) => return Ok(Ok(out.finish().0)),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Ok(Err(e)),
        };
        out.write_all(&piece[..n])?;
    }
}

/// Counts and hashes what is written through it.
#[derive(Clone)]
pub struct HashedWrite<W> {
    out: W,
    len: u64,
    hash: Xxh3,
}

impl<W: Write> HashedWrite<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, len: 0, hash: Xxh3::new() }
    }

    /// Length and hash of what was written so far.
    pub fn so_far(&self) -> (u64, String) {
        (self.len, hash_text(self.hash.digest()))
    }

    /// Goes on with the same count and hash, writing to something else.
    pub fn into<V>(self, out: V) -> HashedWrite<V> {
        HashedWrite { out, len: self.len, hash: self.hash }
    }

    /// Where it goes.
    pub fn get_ref(&self) -> &W {
        &self.out
    }

    /// Length and hash of what was written, and where it went.
    pub fn finish(self) -> ((u64, String), W) {
        (self.so_far(), self.out)
    }
}

impl<W: Write> Write for HashedWrite<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.hash.update(&bytes[..n]);
        self.len += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W> std::fmt::Debug for HashedWrite<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HashedWrite").field("len", &self.len).finish_non_exhaustive()
    }
}

/// Reads a stream to its end or to `limit` bytes and one more, whichever comes first.
///
/// # Errors
///
/// What the system says.
pub fn read_up_to(stream: &mut dyn Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_other_data() {
        let utf16: Vec<u8> = "Subscribe to our newsletter".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for text in [
            &b""[..],
            b"plain",
            "größe\r\n\t\u{1b}[1m".as_bytes(),
            &utf16,
            b"\xff\xfea\0",
            b"caf\xe9 au lait",
            &[b"a few ".repeat(9), vec![0, 0]].concat(),
        ] {
            assert_eq!(TextOrNot::of(text), TextOrNot::Text, "{text:?}");
        }
        let noise: Vec<u8> = (0..4096_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        for other in [&b"\x1f\x8b\x08"[..], b"%PDF-1.7\nnearly all text", &[0; 100], &noise] {
            assert_ne!(TextOrNot::of(other), TextOrNot::Text);
        }
    }

    #[test]
    fn pages_begin_like_pages() {
        for html in [
            "<!DOCTYPE html>",
            "\u{feff}\n<html lang=de>",
            "<?xml version='1.0'?>\n<!-- saved -->\n<!doctype HTML PUBLIC",
            "<HEAD>",
            "<body class=x>",
        ] {
            assert!(is_html(html.as_bytes()), "{html}");
        }
        for text in ["", "<", "<!-- only", "a <html>", "<header>", "<p>", "<?xml version='1.0'?><rss>", "# <html>"] {
            assert!(!is_html(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_file_that_grows_is_not_taken_for_whole() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"one").unwrap();
        let mut input = Input::open(file.path(), false).unwrap();
        file.write_all(b"two").unwrap();
        assert!(input.read().is_err());
    }

    #[cfg(unix)]
    #[test]
    fn no_folder_no_link() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Input::open(dir.path(), true).is_err());
        std::os::unix::fs::symlink("/dev/null", dir.path().join("link")).unwrap();
        assert!(Input::open(&dir.path().join("link"), false).is_err());
        assert!(Input::open(&dir.path().join("link"), true).unwrap_err().to_string().contains("a device"));
    }
}
