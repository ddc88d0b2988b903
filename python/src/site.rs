//! `dehusk.SiteModel`, and which site a document is of.

use dehusk::{Document, Format, Observation};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple, PyType};

use crate::arrow;
use crate::options::{self, to_python};
use crate::page::{Input, Raw};
use crate::run;

/// A document laid out as `format` says. `site` is the name of its site, or an address there; without it the document's own
/// address says, as in the command.
pub fn document<'a>(raw: Raw<'a>, format: Format, site: Option<&'a str>) -> Document<'a> {
    let document = match (raw, format) {
        (raw, Format::Html) => Document::from_html(raw.bytes()),
        (Raw::Text(text), format) => Document::new(text).format(format),
        (Raw::Bytes(bytes), format) => Document::from_bytes(bytes).format(format),
    };
    match (site.or_else(|| document.own_address()).and_then(dehusk::host_of), site) {
        (Some(host), _) => document.from_site(host),
        (None, Some(site)) => document.from_site(site),
        (None, None) => document,
    }
}

/// What the pages of each site have in common.
#[pyclass(module = "dehusk")]
pub struct SiteModel {
    model: dehusk::SiteModel,
}

#[pymethods]
impl SiteModel {
    #[new]
    fn new() -> Self {
        Self { model: dehusk::SiteModel::new() }
    }

    /// Takes note of a page.
    #[pyo3(signature = (page, site = None, *, format = "text"))]
    fn observe(slf: &Bound<'_, Self>, page: &Bound<'_, PyAny>, site: Option<&str>, format: &str) -> PyResult<()> {
        let (input, format) = (Input::of(page)?, options::format(format)?);
        let raw = input.raw();
        let observation = run::detached(slf.py(), || Observation::of(&document(raw, format, site)))?;
        slf.borrow_mut().model.add(observation);
        Ok(())
    }

    /// Takes note of the pages of an Arrow column.
    #[pyo3(signature = (data, column = None, *, site_column = None, format = "text", threads = 1))]
    fn observe_batch(
        slf: &Bound<'_, Self>,
        data: &Bound<'_, PyAny>,
        column: Option<&str>,
        site_column: Option<&str>,
        format: &str,
        threads: isize,
    ) -> PyResult<()> {
        // Observed apart and merged in the end, which comes to the same: meanwhile other threads may use the model.
        let observed = arrow::observe(data, arrow::Names { column, site_column }, options::format(format)?, threads)?;
        slf.borrow_mut().model.merge(observed);
        Ok(())
    }

    /// Takes over what another model has seen.
    fn merge(slf: &Bound<'_, Self>, other: &Bound<'_, Self>) {
        let other = other.borrow().model.clone();
        slf.borrow_mut().model.merge(other);
    }

    #[getter]
    fn pages(&self) -> u64 {
        self.model.pages()
    }

    #[getter]
    fn sites<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        self.model.sites().try_for_each(|(site, pages)| dict.set_item(site, pages))?;
        Ok(dict)
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.model.to_bytes())
    }

    #[staticmethod]
    fn from_bytes(data: &[u8]) -> PyResult<Self> {
        Ok(Self { model: dehusk::SiteModel::from_bytes(data).map_err(|e| to_python(&e))? })
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let class: Bound<'py, PyType> = slf.get_type();
        Ok((class.getattr("from_bytes")?, PyTuple::new(slf.py(), [slf.borrow().to_bytes(slf.py())])?))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| self.model == other.borrow().model)
    }

    fn __repr__(&self) -> String {
        format!("<dehusk.SiteModel: {} pages of {} sites>", self.model.pages(), self.model.sites().count())
    }
}

/// The bytes of a model, which may be handed over as bytes.
pub fn bytes_of(model: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(model) = model.cast::<SiteModel>() {
        return Ok(model.borrow().model.to_bytes());
    }
    match model.cast::<PyBytes>() {
        Ok(bytes) => Ok(bytes.as_bytes().to_vec()),
        Err(_) => Err(PyTypeError::new_err(format!(
            "site_model is a SiteModel or its bytes, not {}: read a file of `dehusk learn` with pathlib.Path(…).read_bytes()",
            model.get_type().name()?
        ))),
    }
}
