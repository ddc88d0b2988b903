//! One column: texts in, bodies of the same type out, row by row.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::builder::{BinaryViewBuilder, GenericByteBuilder, StringViewBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{BinaryType, ByteArrayType, LargeBinaryType, LargeUtf8Type, Utf8Type};
use arrow_array::{Array, ArrayRef, StructArray};
use arrow_schema::DataType;
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;

use super::report::{self, Row};
use super::rows;
use crate::cleaner::Cleaner;
use crate::page::{Raw, record};
use crate::run;

/// The most bytes of one array whose offsets are 32 bits wide.
const SMALL: usize = i32::MAX as usize;

/// A cleaned column, and a report for each row if one is wanted.
pub struct Done {
    pub bodies: ArrayRef,
    pub reports: Option<StructArray>,
}

/// It, and how many documents a mistake in dehusk kept from being cleaned, with the first reason.
pub struct Outcome {
    pub done: Done,
    pub internal: (usize, Option<String>),
}

/// Bodies in the making: an array of the type of the texts.
trait Bodies {
    fn push(&mut self, body: Option<&[u8]>);
    fn finish(&mut self) -> ArrayRef;
    /// The most bytes it can hold.
    const LIMIT: usize;
}

macro_rules! bodies {
    ($builder:ty, $limit:expr, $bytes:ident => $value:expr) => {
        impl Bodies for $builder {
            fn push(&mut self, body: Option<&[u8]>) {
                match body {
                    Some($bytes) => self.append_value($value),
                    None => self.append_null(),
                }
            }
            fn finish(&mut self) -> ArrayRef {
                Arc::new(self.finish())
            }
            const LIMIT: usize = $limit;
        }
    };
}
// What is kept of valid UTF-8 is valid UTF-8, so nothing is ever replaced.
bodies!(GenericByteBuilder<Utf8Type>, SMALL, b => String::from_utf8_lossy(b));
bodies!(GenericByteBuilder<LargeUtf8Type>, usize::MAX, b => String::from_utf8_lossy(b));
bodies!(StringViewBuilder, usize::MAX, b => String::from_utf8_lossy(b));
bodies!(GenericByteBuilder<BinaryType>, SMALL, b => b);
bodies!(GenericByteBuilder<LargeBinaryType>, usize::MAX, b => b);
bodies!(BinaryViewBuilder, usize::MAX, b => b);

/// Cleans every value of an array; `sites` are those of the rows. Nulls stay null.
pub fn clean(
    cleaner: &Cleaner,
    array: &ArrayRef,
    sites: Option<&ArrayRef>,
    with_reports: bool,
    threads: usize,
) -> PyResult<Outcome> {
    let run = Run { cleaner, with_reports, threads };
    let rows = || rows::with_sites(array, sites);
    match array.data_type() {
        DataType::Utf8 => run.rows(rows(), sized::<Utf8Type>(array)),
        DataType::LargeUtf8 => run.rows(rows(), sized::<LargeUtf8Type>(array)),
        DataType::Utf8View => run.rows(rows(), StringViewBuilder::new()),
        DataType::Binary => run.rows(rows(), sized::<BinaryType>(array)),
        DataType::LargeBinary => run.rows(rows(), sized::<LargeBinaryType>(array)),
        DataType::BinaryView => run.rows(rows(), BinaryViewBuilder::new()),
        DataType::Dictionary(..) if sites.is_some() => Err(PyTypeError::new_err(
            "texts in a dictionary are cleaned once for all rows, so rows cannot have sites: decode the dictionary first",
        )),
        DataType::Dictionary(..) => run.dictionary(array),
        _ => {
            let nulls: Vec<Option<Row>> = (0..array.len()).map(|_| None).collect();
            let reports = if with_reports { Some(report::array(&nulls)?) } else { None };
            Ok(Outcome { done: Done { bodies: Arc::clone(array), reports }, internal: (0, None) })
        }
    }
}

/// A builder with room for as much as the array holds.
fn sized<T: ByteArrayType>(array: &ArrayRef) -> GenericByteBuilder<T> {
    let array = array.as_bytes::<T>();
    let offsets = array.value_offsets();
    let held = |o: Option<&T::Offset>| o.map_or(0, |o| arrow_buffer::ArrowNativeType::as_usize(*o));
    GenericByteBuilder::with_capacity(array.len(), held(offsets.last()) - held(offsets.first()))
}

/// What becomes of one row; made on any thread.
struct Cleaned<'a> {
    body: Cow<'a, [u8]>,
    row: Option<Row>,
    internal: Option<String>,
}

struct Run<'a> {
    cleaner: &'a Cleaner,
    with_reports: bool,
    threads: usize,
}

impl Run<'_> {
    fn rows<B: Bodies>(&self, rows: Vec<rows::Row<'_>>, mut bodies: B) -> PyResult<Outcome> {
        let (mut reports, mut size) = (Vec::new(), 0);
        let mut internal = (0, None);
        run::each(
            self.threads,
            rows,
            |row| row.map_or(0, |(raw, _)| raw.bytes().len() as u64),
            |row| row.map(|(raw, site)| self.row(raw, site)),
            |cleaned| {
                size += cleaned.as_ref().map_or(0, |c| c.body.len());
                if size > B::LIMIT {
                    return Err(too_large());
                }
                bodies.push(cleaned.as_ref().map(|c| &*c.body));
                let (row, error) = cleaned.map_or((None, None), |c| (c.row, c.internal));
                if self.with_reports {
                    reports.push(row);
                }
                internal.0 += usize::from(error.is_some());
                internal.1 = internal.1.take().or(error);
                Ok(())
            },
        )?;
        let reports = if self.with_reports { Some(report::array(&reports)?) } else { None };
        Ok(Outcome { done: Done { bodies: bodies.finish(), reports }, internal })
    }

    fn row<'a>(&self, raw: Raw<'a>, site: Option<&'a str>) -> Cleaned<'a> {
        let cleaned = self.cleaner.run(raw, self.cleaner.format(), site);
        let to = self.cleaner.to();
        let body = cleaned.output(to);
        let report = cleaned.report();
        Cleaned {
            row: self.with_reports.then(|| Row { record: record(&cleaned, &body, to), words: report.words() }),
            internal: report.is_internal_error().then(|| report.reason().unwrap_or_default().to_owned()),
            body,
        }
    }

    /// Cleans each distinct value once.
    fn dictionary(&self, array: &ArrayRef) -> PyResult<Outcome> {
        let dictionary = array.as_any_dictionary();
        let Outcome { done, internal } =
            clean(self.cleaner, dictionary.values(), None, self.with_reports, self.threads)?;
        let reports = match done.reports {
            None => None,
            Some(reports) => {
                let rows = arrow_select::take::take(&reports, dictionary.keys(), None).map_err(super::arrow_error)?;
                Some(rows.as_struct().clone())
            }
        };
        Ok(Outcome { done: Done { bodies: dictionary.with_values(done.bodies), reports }, internal })
    }
}

pub fn too_large() -> PyErr {
    PyOverflowError::new_err("the result is over 2 GiB, more than an array of this type holds: clean smaller batches")
}
