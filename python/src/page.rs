//! A cleaned document, and what was removed from it, as Python objects.

use std::path::Path;

use dehusk::Format;
use dehusk::io::{Record, RecordPath, Removed};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PySlice, PyString, PyTuple};

/// Lone surrogates in UTF-8, and the three bytes that stand for each of them while cleaning.
const SURROGATE: (u8, std::ops::RangeInclusive<u8>) = (0xed, 0xa0..=0xbf);
const REPLACEMENT: [u8; 3] = [0xef, 0xbf, 0xbd];
const SURROGATES: &str = "surrogatepass";

/// What is cleaned: borrowed from its Python object, so that it can be read without the lock.
pub enum Input<'a> {
    /// A `str` of valid Unicode.
    Text(&'a str),
    /// A `str` with lone surrogates: each is replaced by a character of as many bytes, so that all offsets hold.
    Damaged { replaced: String, bytes: Bound<'a, PyBytes> },
    /// `bytes` in any encoding.
    Bytes(&'a [u8]),
}

/// What the crate is given.
#[derive(Clone, Copy)]
pub enum Raw<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl<'a> Raw<'a> {
    pub fn bytes(self) -> &'a [u8] {
        match self {
            Raw::Text(text) => text.as_bytes(),
            Raw::Bytes(bytes) => bytes,
        }
    }
}

impl<'a> Input<'a> {
    pub fn of(object: &'a Bound<'a, PyAny>) -> PyResult<Self> {
        if let Ok(text) = object.cast::<PyString>() {
            if let Ok(text) = text.to_str() {
                return Ok(Self::Text(text));
            }
            let bytes = text.call_method1("encode", ("utf-8", SURROGATES))?.cast_into::<PyBytes>()?;
            let mut raw = bytes.as_bytes().to_vec();
            for at in 0..raw.len().saturating_sub(2) {
                if raw[at] == SURROGATE.0 && SURROGATE.1.contains(&raw[at + 1]) {
                    raw[at..at + 3].copy_from_slice(&REPLACEMENT);
                }
            }
            return Ok(Self::Damaged { replaced: String::from_utf8_lossy(&raw).into_owned(), bytes });
        }
        match object.cast::<PyBytes>() {
            Ok(bytes) => Ok(Self::Bytes(bytes.as_bytes())),
            Err(_) => Err(PyTypeError::new_err(format!("a text is str or bytes, not {}", object.get_type().name()?))),
        }
    }

    pub fn raw(&self) -> Raw<'_> {
        match self {
            Self::Text(text) => Raw::Text(text),
            Self::Damaged { replaced, .. } => Raw::Text(replaced),
            Self::Bytes(bytes) => Raw::Bytes(bytes),
        }
    }

    /// The body as an object of the same type.
    pub fn body<'py>(
        &self,
        object: &Bound<'py, PyAny>,
        cleaned: &dehusk::Cleaned<'_>,
        to: Format,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = object.py();
        if cleaned.document().layout() == Format::Html {
            return Ok(PyString::new(py, &String::from_utf8_lossy(&cleaned.output(to))).into_any());
        }
        if cleaned.removals().is_empty() {
            return Ok(object.clone());
        }
        match self {
            Self::Text(_) => Ok(PyString::new(py, &cleaned.body()).into_any()),
            Self::Bytes(_) => Ok(PyBytes::new(py, &cleaned.body_bytes()).into_any()),
            Self::Damaged { bytes, .. } => {
                let whole = bytes.as_bytes();
                let mut kept = Vec::with_capacity(whole.len());
                let mut at = 0;
                for removal in cleaned.removals() {
                    kept.extend_from_slice(&whole[at..removal.span().start]);
                    at = removal.span().end;
                }
                kept.extend_from_slice(&whole[at..]);
                PyBytes::new(py, &kept).call_method1("decode", ("utf-8", SURROGATES))
            }
        }
    }
}

/// A cleaned document.
#[pyclass(frozen, generic, module = "dehusk")]
pub struct Cleaned {
    /// The `str` that offsets in code points lead into, where there is one.
    source: Option<Py<PyString>>,
    #[pyo3(get)]
    body: Py<PyAny>,
    record: Record,
    #[pyo3(get)]
    words: (u32, u32),
    #[pyo3(get)]
    internal_error: bool,
    markdown: Option<String>,
    metadata: Option<dehusk::Metadata>,
}

impl Cleaned {
    pub fn new(
        object: &Bound<'_, PyAny>,
        input: &Input<'_>,
        cleaned: &dehusk::Cleaned<'_>,
        to: Format,
    ) -> PyResult<Self> {
        let html = cleaned.document().layout() == Format::Html;
        let body = input.body(object, cleaned, to)?;
        let [before, after] = cleaned.report().words();
        Ok(Self {
            source: if html { None } else { object.cast::<PyString>().ok().map(|s| s.clone().unbind()) },
            body: body.unbind(),
            record: record(cleaned, &cleaned.output(to), to),
            words: (before, after),
            internal_error: cleaned.report().is_internal_error(),
            markdown: html.then(|| cleaned.markdown().into_owned()),
            metadata: html.then(|| cleaned.document().metadata()),
        })
    }

    fn pieces<'py>(&self, py: Python<'py>, pieces: &[Removed]) -> PyResult<Bound<'py, PyTuple>> {
        let source = self.source.as_ref().map(|s| s.bind(py));
        let removal = |removed: &Removed| -> PyResult<Removal> {
            let [start, end] = removed.char;
            let text = match source {
                // The exact characters, lone surrogates too.
                Some(source) => source.get_item(PySlice::new(py, start as isize, end as isize, 1))?.cast_into()?,
                None => PyString::new(py, removed.text.as_deref().unwrap_or_default()),
            };
            Ok(Removal { text: text.unbind(), removed: removed.clone() })
        };
        PyTuple::new(py, pieces.iter().map(removal).collect::<PyResult<Vec<_>>>()?)
    }
}

#[pymethods]
impl Cleaned {
    /// How it ended: `cleaned`, `unchanged`, `emptied`, `suspicious` or `passed_through`.
    #[getter]
    fn status(&self) -> &'static str {
        self.record.status.name()
    }

    /// Why the document was passed through, when it was.
    #[getter]
    fn reason(&self) -> Option<&str> {
        self.record.reason.as_deref()
    }

    /// What it was taken for, or told to be: `page` or `extracted`.
    #[getter]
    fn input_kind(&self) -> Option<&str> {
        self.record.input_kind.as_deref()
    }

    /// The share of its text that is expected to be lost.
    #[getter]
    fn expected_loss(&self) -> Option<f64> {
        self.record.expected_loss
    }

    /// The encoding's WHATWG name in lower case.
    #[getter]
    fn encoding(&self) -> Option<&str> {
        self.record.encoding.as_deref()
    }

    /// What was removed, in order.
    #[getter]
    fn removals<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.pieces(py, &self.record.removed)
    }

    /// What would have been removed from a suspicious document, in order.
    #[getter]
    fn withheld<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.pieces(py, &self.record.withheld)
    }

    /// The share of the words that was removed, 0 to 1.
    #[getter]
    fn removed_word_ratio(&self) -> f64 {
        ratio([self.words.0, self.words.1])
    }

    /// The body as Markdown, of an HTML page.
    #[getter]
    fn markdown(&self) -> Option<&str> {
        self.markdown.as_deref()
    }

    /// What an HTML page says of itself.
    #[getter]
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(dehusk::Metadata { title, author, date, language, canonical_url, site_name, .. }) = &self.metadata
        else {
            return Ok(None);
        };
        let dict = PyDict::new(py);
        let said = [
            ("title", title),
            ("author", author),
            ("date", date),
            ("language", language),
            ("canonical_url", canonical_url),
            ("site_name", site_name),
        ];
        for (key, value) in said {
            dict.set_item(key, value)?;
        }
        Ok(Some(dict))
    }

    /// The document's line of `removals.jsonl`, without a line feed.
    #[pyo3(signature = (path = "", *, url = None))]
    fn to_json(&self, path: &str, url: Option<String>) -> String {
        let mut record = self.record.clone();
        record.path = RecordPath::Text(path.to_owned());
        record.url = url;
        record.to_line().trim_end().to_owned()
    }

    fn __repr__(&self) -> String {
        let [before, after] = self.record.bytes.unwrap_or_default();
        let pieces = self.record.removed.len();
        format!("<dehusk.Cleaned {}: {before} to {after} bytes, {pieces} removals>", self.status())
    }
}

/// The document's line of the report; its path is not known here.
pub fn record(cleaned: &dehusk::Cleaned<'_>, body: &[u8], to: Format) -> Record {
    Record::new(Path::new(""), cleaned, body).converted(Path::new(""), to)
}

/// The share of words that went.
pub fn ratio([before, after]: [u32; 2]) -> f64 {
    if before == 0 { 0.0 } else { f64::from(before - after.min(before)) / f64::from(before) }
}

/// One removed piece.
#[pyclass(frozen, module = "dehusk")]
pub struct Removal {
    removed: Removed,
    /// The removed text.
    #[pyo3(get)]
    text: Py<PyString>,
}

#[pymethods]
impl Removal {
    #[getter]
    fn category(&self) -> &str {
        &self.removed.category
    }

    #[getter]
    fn rule(&self) -> Option<&str> {
        self.removed.rule.as_deref()
    }

    #[getter]
    fn start(&self) -> usize {
        self.removed.char[0]
    }

    #[getter]
    fn end(&self) -> usize {
        self.removed.char[1]
    }

    #[getter]
    fn byte_start(&self) -> usize {
        self.removed.byte[0]
    }

    #[getter]
    fn byte_end(&self) -> usize {
        self.removed.byte[1]
    }

    #[getter]
    fn line_start(&self) -> usize {
        self.removed.line[0]
    }

    #[getter]
    fn line_end(&self) -> usize {
        self.removed.line[1]
    }

    #[getter]
    fn score(&self) -> f64 {
        self.removed.score
    }

    #[getter]
    fn why<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.removed.why)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let by = self.removed.rule.as_deref().unwrap_or(&self.removed.category);
        let [start, end] = self.removed.char;
        Ok(format!("<dehusk.Removal {start}:{end} {by}: {}>", self.text.bind(py).repr()?))
    }
}
