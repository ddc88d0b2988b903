//! Running without the interpreter's lock, so that other Python threads go on; stopping at Ctrl-C; panics as exceptions.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use dehusk::batch::Batch;
use pyo3::prelude::*;
use pyo3::types::PyType;

/// How often a batch looks whether it was interrupted. Looking takes the lock for a moment.
const LOOK: Duration = Duration::from_millis(50);

/// Runs `work` without the lock. A panic becomes `dehusk.InternalError`.
pub fn detached<R: Send>(py: Python<'_>, work: impl FnOnce() -> R + Send) -> PyResult<R> {
    py.detach(|| catch_unwind(AssertUnwindSafe(work)).map_err(|panic| message(&*panic)))
        .map_err(|message| internal_error(py, message))
}

/// Does `work` on every item on so many threads, which end with the call; `each` gets the results in order. The lock is
/// not to be held.
pub fn each<T: Send, R: Send>(
    threads: usize,
    items: impl IntoIterator<Item = T>,
    cost: impl Fn(&T) -> u64,
    work: impl Fn(T) -> R + Sync,
    mut each: impl FnMut(R) -> PyResult<()>,
) -> PyResult<()> {
    let stop = AtomicBool::new(false);
    let stopped = || stop.load(Ordering::Relaxed);
    let (mut failure, mut looked) = (None, Instant::now());
    let done = Batch::new().threads(threads).map(
        items.into_iter().take_while(|_| !stopped()),
        cost,
        // What was handed out before the stop is let go.
        |item| (!stopped()).then(|| work(item)),
        |result| {
            let Some(result) = result.filter(|_| failure.is_none()) else { return };
            let mut outcome = each(result);
            if looked.elapsed() >= LOOK {
                outcome = outcome.and_then(|()| Python::attach(|py| py.check_signals()));
                looked = Instant::now();
            }
            if let Err(e) = outcome {
                failure = Some(e);
                stop.store(true, Ordering::Relaxed);
            }
        },
    );
    match failure {
        Some(failure) => Err(failure),
        None => done.map_err(|e| pyo3::exceptions::PyRuntimeError::new_err(e.to_string())),
    }
}

/// Runs `work` with the lock. A panic becomes `dehusk.InternalError`.
pub fn caught<R>(py: Python<'_>, work: impl FnOnce() -> R) -> PyResult<R> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| internal_error(py, message(&*panic)))
}

/// Says that documents passed through because of a mistake in dehusk: as a warning, so that a run of hours goes on.
pub fn warn_of(py: Python<'_>, documents: usize, first: &str) -> PyResult<()> {
    let text = format!(
        "{documents} document(s) passed through whole because of a mistake in dehusk, please report it: {first}\0"
    );
    let text =
        std::ffi::CString::from_vec_with_nul(text.replace('\0', "").into_bytes().into_iter().chain([0]).collect());
    PyErr::warn(py, &internal_error_type(py)?, &text.unwrap_or_default(), 1)
}

fn internal_error(py: Python<'_>, message: String) -> PyErr {
    match internal_error_type(py) {
        Ok(of) => PyErr::from_type(
            of.cast_into::<PyType>().unwrap_or_else(|_| py.get_type::<pyo3::exceptions::PyRuntimeError>()),
            message,
        ),
        Err(e) => e,
    }
}

fn internal_error_type(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    py.import("dehusk")?.getattr("InternalError")
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a panic without a message".to_owned())
}
