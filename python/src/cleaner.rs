//! `dehusk.Cleaner`.

use std::path::PathBuf;

use dehusk::Format;
use dehusk::batch::{clean_caught, read_caught};
use pyo3::conversion::FromPyObjectOwned;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};

use crate::arrow::{self, Names};
use crate::options::{Options, Rules};
use crate::page::{Cleaned, Input, Raw};
use crate::run;
use crate::site;

/// Below so many bytes the lock is kept: letting it go may cost more than the cleaning, when other threads want it.
const SHORT: usize = 2048;

/// Rules, level and options, ready to clean.
#[pyclass(frozen, module = "dehusk")]
pub struct Cleaner {
    cleaner: dehusk::Cleaner,
    format: Format,
    to: Format,
    options: Options,
}

/// One of something, or several of it.
fn several<'py, T: FromPyObjectOwned<'py>>(
    option: &str,
    what: &str,
    given: Option<&Bound<'py, PyAny>>,
) -> PyResult<Vec<T>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    if let Ok(one) = given.extract::<T>() {
        return Ok(vec![one]);
    }
    match given.extract::<Vec<T>>() {
        Ok(many) => Ok(many),
        Err(_) => Err(PyTypeError::new_err(format!("{option} is {what} or several, not {}", given.repr()?))),
    }
}

impl Cleaner {
    pub fn with_defaults() -> PyResult<Self> {
        Self::of(Options::default())
    }

    /// Built with the lock held on purpose: nothing that is made here once for all may be half made when a process forks.
    fn of(options: Options) -> PyResult<Self> {
        Ok(Self { cleaner: options.build()?, format: options.format()?, to: options.to()?, options })
    }

    /// Cleans a document that is laid out as `format` says; `site` is the name of its site, or an address there.
    pub fn run<'a>(&self, raw: Raw<'a>, format: Format, site: Option<&'a str>) -> dehusk::Cleaned<'a> {
        match read_caught(raw.bytes(), || site::document(raw, format, site)) {
            Ok(document) => clean_caught(&self.cleaner, document),
            Err(passed_through) => *passed_through,
        }
    }

    /// The crate's cleaner.
    #[cfg(feature = "_bench")]
    pub fn as_crate(&self) -> &dehusk::Cleaner {
        &self.cleaner
    }

    /// The layout of what is cleaned.
    pub fn format(&self) -> Format {
        self.format
    }

    /// What HTML pages become.
    pub fn to(&self) -> Format {
        self.to
    }

    /// Cleans one Python object and shows the result to `see`.
    fn one<'py, R>(
        &self,
        object: &Bound<'py, PyAny>,
        (format, site): (Format, Option<&str>),
        see: impl FnOnce(&Input<'_>, &dehusk::Cleaned<'_>) -> PyResult<R>,
    ) -> PyResult<R> {
        let py = object.py();
        let input = Input::of(object)?;
        let raw = input.raw();
        let cleaned = if raw.bytes().len() < SHORT {
            run::caught(py, || self.run(raw, format, site))?
        } else {
            run::detached(py, || self.run(raw, format, site))?
        };
        if cleaned.report().is_internal_error() {
            run::warn_of(py, 1, cleaned.report().reason().unwrap_or_default())?;
        }
        see(&input, &cleaned)
    }

    /// The body alone.
    pub fn body<'py>(&self, text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.one(text, (self.format, None), |input, cleaned| Ok(input.body(text, cleaned, self.to)?.unbind()))
            .map(|b| b.into_bound(text.py()))
    }
}

#[pymethods]
impl Cleaner {
    #[new]
    #[pyo3(signature = (level = "balanced", *, rules = None, select = None, ignore = None, default_rules = true, model = true, input_kind = None, max_removed = None, max_loss = None, format = "text", to = "text", site_model = None))]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn new(
        level: &str,
        rules: Option<&Bound<'_, PyAny>>,
        select: Option<&Bound<'_, PyAny>>,
        ignore: Option<&Bound<'_, PyAny>>,
        default_rules: bool,
        model: bool,
        input_kind: Option<String>,
        max_removed: Option<f32>,
        max_loss: Option<f32>,
        format: &str,
        to: &str,
        site_model: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let rules: Vec<PathBuf> = several("rules", "the path of a pack", rules)?;
        let names = "the name of a category or rule";
        Self::of(Options {
            level: level.to_owned(),
            rules: rules.iter().map(Rules::read).collect::<PyResult<_>>()?,
            select: several("select", names, select)?,
            ignore: several("ignore", names, ignore)?,
            default_rules,
            model,
            input_kind,
            max_removed,
            max_loss,
            format: format.to_owned(),
            to: to.to_owned(),
            site_model: site_model.map(site::bytes_of).transpose()?,
            ..Options::default()
        })
    }

    /// Cleans one document.
    #[pyo3(signature = (text, site = None))]
    fn clean(&self, text: &Bound<'_, PyAny>, site: Option<&str>) -> PyResult<Cleaned> {
        self.one(text, (self.format, site), |input, cleaned| Cleaned::new(text, input, cleaned, self.to))
    }

    /// Cleans one HTML page.
    #[pyo3(signature = (page, site = None))]
    fn clean_html(&self, page: &Bound<'_, PyAny>, site: Option<&str>) -> PyResult<Cleaned> {
        self.one(page, (Format::Html, site), |input, cleaned| Cleaned::new(page, input, cleaned, self.to))
    }

    /// Cleans Arrow data.
    #[pyo3(signature = (data, column = None, *, site_column = None, report = None, threads = 1))]
    fn clean_batch<'py>(
        &self,
        data: &Bound<'py, PyAny>,
        column: Option<&str>,
        site_column: Option<&str>,
        report: Option<&Bound<'py, PyAny>>,
        threads: isize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let report = match report {
            None => None,
            Some(name) if name.is_instance_of::<PyString>() => Some(name.extract::<String>()?),
            Some(on) => match on.extract::<bool>() {
                Ok(on) => on.then(|| arrow::REPORT.to_owned()),
                Err(_) => return Err(PyTypeError::new_err("report is True, False or the name of a column")),
            },
        };
        arrow::clean_batch(self, data, Names { column, site_column }, report.as_deref(), threads)
    }

    /// The options as bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.options.to_bytes())
    }

    /// The cleaner of such bytes.
    #[staticmethod]
    fn from_bytes(data: &[u8]) -> PyResult<Self> {
        Self::of(Options::from_bytes(data)?)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        let made = py.import("dehusk._made")?.getattr("cleaner")?;
        Ok((made, PyTuple::new(py, [slf.get().to_bytes(py)])?))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|o| o.get().options.to_bytes() == self.options.to_bytes())
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.options.to_bytes().hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(&self) -> String {
        format!("dehusk.Cleaner.from_bytes({:?})", String::from_utf8_lossy(&self.options.head()))
    }
}
