//! The Python wheel: dehusk's types as Python's, and Arrow in and out. What is removed is decided in the crate.
#![forbid(unsafe_code)]

mod arrow;
mod cleaner;
mod options;
mod page;
mod run;
mod site;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use cleaner::Cleaner;

/// Cleans one text with the built-in rules at the level `balanced`.
#[pyfunction]
fn clean<'py>(text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    static DEFAULT: PyOnceLock<Cleaner> = PyOnceLock::new();
    DEFAULT.get_or_try_init(text.py(), Cleaner::with_defaults)?.body(text)
}

/// Runs the `dehusk` command; `arguments` begin with its name. Returns the exit code.
#[pyfunction]
fn main(py: Python<'_>, arguments: Vec<std::ffi::OsString>) -> u8 {
    py.detach(|| dehusk::cli::main(arguments))
}

/// Panics, to show what a panic becomes.
#[pyfunction]
fn _panic(py: Python<'_>) -> PyResult<()> {
    run::detached(py, || panic!("as asked"))
}

/// Cleans texts so many times without Python in between.
#[cfg(feature = "_bench")]
#[pyfunction]
fn _bench(py: Python<'_>, cleaner: &Cleaner, texts: Vec<String>, times: usize) -> usize {
    let cleaner = cleaner.as_crate();
    py.detach(|| (0..times).flat_map(|_| &texts).map(|text| cleaner.clean(text).body().len()).sum())
}

#[pymodule]
mod _dehusk {
    #[cfg(feature = "_bench")]
    #[pymodule_export]
    use super::_bench;
    #[pymodule_export]
    use super::cleaner::Cleaner;
    #[pymodule_export]
    use super::page::{Cleaned, Removal};
    #[pymodule_export]
    use super::site::SiteModel;
    #[pymodule_export]
    use super::{_panic, clean, main};

    #[pymodule_export]
    #[allow(non_upper_case_globals, reason = "Python's name for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
