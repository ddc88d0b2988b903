//! The HTML page in a recorded HTTP response.

use std::borrow::Cow;
use std::io::Read;

use super::compress::{Compression, Unpacker};

/// The longest head of a response.
const MAX_HEAD: usize = 256 << 10;
/// How many times its size a page may expand.
const MAX_EXPAND: u64 = 100;

/// The HTML page in a block of `application/http`, and where it begins in the block; nowhere, where it had to be decoded.
///
/// # Errors
///
/// Why there is none.
pub fn html_page(block: &[u8], limit: usize) -> Result<(Cow<'_, [u8]>, Option<usize>), &'static str> {
    let near = &block[..block.len().min(MAX_HEAD)];
    if !near.starts_with(b"HTTP/") {
        return Err("no HTTP response");
    }
    let ends = [&b"\r\n\r\n"[..], b"\n\n"]
        .into_iter()
        .filter_map(|end| memchr::memmem::find(near, end).map(|i| i + end.len()));
    let at = ends.min().ok_or("an HTTP response without a body")?;
    let (head, body) = block.split_at(at);
    let field = |name: &str| {
        head.split(|b| *b == b'\n').find_map(|line| {
            let (key, value) = line.split_at(memchr::memchr(b':', line)?);
            let value = value[1..].trim_ascii();
            key.eq_ignore_ascii_case(name.as_bytes()).then(|| String::from_utf8_lossy(value).to_ascii_lowercase())
        })
    };
    let kind = field("content-type").unwrap_or_default();
    if !(kind.starts_with("text/html") || kind.starts_with("application/xhtml+xml")) {
        return Err("no HTML page");
    }
    // Archives often hold the decoded body under the head that came with the encoded one: bytes go before words.
    let body =
        match field("transfer-encoding").is_some_and(|t| t.contains("chunked")).then(|| unchunked(body)).flatten() {
            Some(whole) => Cow::Owned(whole),
            None => Cow::Borrowed(body),
        };
    let page = match Compression::of_bytes(&body) {
        Compression::None => body,
        packed => {
            let mut out = Vec::new();
            let content =
                Unpacker::new(packed, &*body, MAX_EXPAND).and_then(|u| u.take(limit as u64 + 1).read_to_end(&mut out));
            if content.is_err() || out.len() > limit {
                return Err("a page whose compression is damaged or that is too large");
            }
            Cow::Owned(out)
        }
    };
    let start = matches!(page, Cow::Borrowed(_)).then_some(at);
    Ok((page, start))
}

/// A chunked body in one piece; none where it is not chunked after all.
fn unchunked(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        let line = memchr::memchr(b'\n', &body[..body.len().min(1024)])?;
        let size = std::str::from_utf8(&body[..line]).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        body = &body[line + 1..];
        if size == 0 {
            return Some(out);
        }
        out.extend_from_slice(body.get(..size)?);
        let rest = &body[size..];
        body = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_found() {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n";
        let plain = format!("{head}\r\n<p>x");
        assert_eq!(html_page(plain.as_bytes(), 99), Ok((Cow::Borrowed(&b"<p>x"[..]), Some(plain.len() - 4))));
        let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n3;a=b\r\n<p>\r\n1\r\nx\r\n0\r\n\r\n");
        assert_eq!(html_page(chunked.as_bytes(), 99), Ok((Cow::Owned(b"<p>x".to_vec()), None)));
        let decoded = format!("{head}Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n<p>x");
        assert_eq!(html_page(decoded.as_bytes(), 99).map(|(page, _)| page), Ok(Cow::Borrowed(&b"<p>x"[..])));
        let mut packed = format!("{head}Content-Encoding: gzip\r\n\r\n").into_bytes();
        packed.extend(Compression::Gzip.pack(b"<p>packed".to_vec()).unwrap());
        assert_eq!(html_page(&packed, 99).map(|(page, _)| page.into_owned()), Ok(b"<p>packed".to_vec()));
        assert!(html_page(&packed, 3).is_err() && html_page(&packed[..packed.len() - 9], 99).is_err());
    }

    #[test]
    fn what_is_no_page_says_so() {
        for other in [
            "",
            "GET / HTTP/1.1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nx",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK",
        ] {
            assert!(html_page(other.as_bytes(), 99).is_err(), "{other}");
        }
    }
}
