//! Arrow in and out: any object with `__arrow_c_array__` or `__arrow_c_stream__`.

mod column;
mod report;
mod rows;

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef};
use dehusk::{Format, Observation};
use pyo3::exceptions::{PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3_arrow::input::{AnyArray, AnyRecordBatch};
use pyo3_arrow::{PyArray, PyChunkedArray, PyRecordBatch, PyTable};

use crate::cleaner::Cleaner;
use crate::{run, site};
use column::Done;

/// The name of the column of reports where none is given.
pub const REPORT: &str = "dehusk";
/// The name of the bodies in the struct that an array with reports becomes.
const BODY: &str = "body";

/// The columns of a table that matter.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// The texts; none where an array is given instead of a table.
    pub column: Option<&'a str>,
    /// The site of each row.
    pub site_column: Option<&'a str>,
}

/// An array, or the columns of a table, in pieces as they came.
enum Data {
    Array { chunks: Vec<ArrayRef>, field: FieldRef, chunked: bool },
    Table { batches: Vec<RecordBatch>, table: Table, chunked: bool },
}

impl Data {
    fn of(data: &Bound<'_, PyAny>, names: Names<'_>) -> PyResult<Self> {
        if !data.hasattr("__arrow_c_array__")? && !data.hasattr("__arrow_c_stream__")? {
            return Err(PyTypeError::new_err(format!(
                "a batch is Arrow data, with __arrow_c_array__ or __arrow_c_stream__, not {}: take pyarrow.array(…), or \
                 clean texts one by one",
                data.get_type().name()?
            )));
        }
        let Some(column) = names.column else {
            if names.site_column.is_some() {
                return Err(PyValueError::new_err("site_column is of a table: name the column of texts too"));
            }
            let (chunks, field, chunked) = match data.extract::<AnyArray>()? {
                AnyArray::Array(array) => {
                    let (array, field) = array.into_inner();
                    (vec![array], field, false)
                }
                stream => {
                    let (chunks, field) = stream.into_chunked_array()?.into_inner();
                    (chunks, field, true)
                }
            };
            if let DataType::Struct(_) = field.data_type() {
                return Err(PyValueError::new_err("this is a table or a struct: name the column to clean"));
            }
            rows::check(field.data_type()).map_err(PyTypeError::new_err)?;
            return Ok(Self::Array { chunks, field, chunked });
        };
        let (batches, schema, chunked) = match data.extract::<AnyRecordBatch>().map_err(no_table)? {
            AnyRecordBatch::RecordBatch(batch) => {
                let batch = batch.into_inner();
                let schema = batch.schema();
                (vec![batch], schema, false)
            }
            stream => {
                let (batches, schema) = stream.into_table()?.into_inner();
                (batches, schema, true)
            }
        };
        let index = |name: &str| {
            let index = schema.index_of(name).map_err(|_| {
                let names = schema.fields().iter().map(|f| f.name().as_str()).collect::<Vec<_>>().join(", ");
                PyKeyError::new_err(format!("no column {name:?}; the columns are: {names}"))
            })?;
            let wrong = |wrong| PyTypeError::new_err(format!("the column {name:?} cannot be read: {wrong}"));
            rows::check(schema.field(index).data_type()).map_err(wrong)?;
            Ok::<_, PyErr>(index)
        };
        let table = Table {
            text: index(column)?,
            site: names.site_column.map(index).transpose()?,
            schema: Arc::clone(&schema),
        };
        Ok(Self::Table { batches, table, chunked })
    }
}

/// What the error is when a column is named, and there is none.
fn no_table(error: PyErr) -> PyErr {
    PyValueError::new_err(format!(
        "a column was named, but this is no table: for an array leave the name away ({error})"
    ))
}

/// What the pages of an array, or of the column of a table, have in common.
pub fn observe(
    data: &Bound<'_, PyAny>,
    names: Names<'_>,
    format: Format,
    threads: isize,
) -> PyResult<dehusk::SiteModel> {
    let parts: Vec<(ArrayRef, Option<ArrayRef>)> = match Data::of(data, names)? {
        Data::Array { chunks, .. } => chunks.into_iter().map(|chunk| (chunk, None)).collect(),
        Data::Table { batches, table, .. } => batches
            .iter()
            .map(|b| (Arc::clone(b.column(table.text)), table.site.map(|i| Arc::clone(b.column(i)))))
            .collect(),
    };
    let threads = positive(threads)?;
    run::detached(data.py(), || {
        let mut model = dehusk::SiteModel::new();
        for (texts, sites) in &parts {
            let (texts, sites) = (rows::plain(texts)?, sites.as_ref().map(rows::plain).transpose()?);
            run::each(
                threads,
                rows::with_sites(&texts, sites.as_ref()).into_iter().flatten(),
                |(raw, _)| raw.bytes().len() as u64,
                |(raw, site)| Observation::of(&site::document(raw, format, site)),
                |observation| {
                    model.add(observation);
                    Ok(())
                },
            )?;
        }
        Ok(model)
    })?
}

fn positive(threads: isize) -> PyResult<usize> {
    let threads = usize::try_from(threads).ok().filter(|n| *n > 0);
    threads.ok_or_else(|| PyValueError::new_err("threads is at least 1"))
}

/// Cleans an array, or the column of a table, and gives back an object of the same library.
pub fn clean_batch<'py>(
    cleaner: &Cleaner,
    data: &Bound<'py, PyAny>,
    names: Names<'_>,
    report: Option<&str>,
    threads: isize,
) -> PyResult<Bound<'py, PyAny>> {
    let py = data.py();
    let work = Work { cleaner, report, threads: positive(threads)? };
    let mut internal = Internal::default();
    let result = match Data::of(data, names)? {
        Data::Table { batches, table, chunked } => {
            let table = work.with_report(table)?;
            let clean = || batches.iter().map(|b| work.batch(&table, b, &mut internal)).collect::<PyResult<Vec<_>>>();
            let mut done = run::detached(py, clean)??;
            match done.pop() {
                Some(only) if !chunked => PyRecordBatch::new(only).into_pyobject(py)?.into_any(),
                last => {
                    done.extend(last);
                    PyTable::try_new(done, table.schema)?.into_pyobject(py)?.into_any()
                }
            }
        }
        Data::Array { chunks, field, chunked } => {
            let field = work.array_field(&field);
            let clean = || chunks.iter().map(|c| work.array(c, &mut internal)).collect::<PyResult<Vec<_>>>();
            let mut done = run::detached(py, clean)??;
            match done.pop() {
                Some(only) if !chunked => {
                    PyArray::try_new(only, field).map_err(arrow_error)?.into_pyobject(py)?.into_any()
                }
                last => {
                    done.extend(last);
                    PyChunkedArray::try_new(done, field)?.into_pyobject(py)?.into_any()
                }
            }
        }
    };
    if let Some(first) = &internal.first {
        run::warn_of(py, internal.documents, first)?;
    }
    py.import("dehusk._arrow")?.call_method1("like", (data, result))
}

/// Documents that a mistake in dehusk kept from being cleaned.
#[derive(Default)]
struct Internal {
    documents: usize,
    first: Option<String>,
}

struct Work<'a> {
    cleaner: &'a Cleaner,
    report: Option<&'a str>,
    threads: usize,
}

/// The columns of texts and of sites in a table.
struct Table {
    text: usize,
    site: Option<usize>,
    schema: SchemaRef,
}

impl Work<'_> {
    /// The table that comes out.
    fn with_report(&self, table: Table) -> PyResult<Table> {
        let Some(name) = self.report else { return Ok(table) };
        if table.schema.index_of(name).is_ok() {
            return Err(PyValueError::new_err(format!(
                "the column {name:?} is there already: name another one with report=…"
            )));
        }
        let mut fields: Vec<FieldRef> = table.schema.fields().iter().cloned().collect();
        fields.push(Arc::new(Field::new(name, DataType::Struct(report::fields()), true)));
        let schema = Arc::new(Schema::new_with_metadata(fields, table.schema.metadata().clone()));
        Ok(Table { schema, ..table })
    }

    fn batch(&self, table: &Table, batch: &RecordBatch, internal: &mut Internal) -> PyResult<RecordBatch> {
        let sites = table.site.map(|i| rows::plain(batch.column(i))).transpose()?;
        let Done { bodies, reports } = self.clean(batch.column(table.text), sites.as_ref(), internal)?;
        let mut columns = batch.columns().to_vec();
        columns[table.text] = bodies;
        columns.extend(reports.map(|r| Arc::new(r) as ArrayRef));
        let rows = arrow_array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&table.schema), columns, &rows).map_err(arrow_error)
    }

    /// The field of a cleaned array: as it was, or a struct of body and report.
    fn array_field(&self, field: &FieldRef) -> FieldRef {
        match self.report {
            None => Arc::clone(field),
            Some(_) => Arc::new(Field::new(field.name(), DataType::Struct(with_body(field.data_type())), true)),
        }
    }

    fn array(&self, array: &ArrayRef, internal: &mut Internal) -> PyResult<ArrayRef> {
        let Done { bodies, reports } = self.clean(array, None, internal)?;
        let Some(reports) = reports else { return Ok(bodies) };
        let fields = with_body(bodies.data_type());
        let (_, mut columns, nulls) = reports.into_parts();
        columns.insert(0, bodies);
        Ok(Arc::new(StructArray::try_new(fields, columns, nulls).map_err(arrow_error)?))
    }

    fn clean(&self, array: &ArrayRef, sites: Option<&ArrayRef>, internal: &mut Internal) -> PyResult<Done> {
        let done = column::clean(self.cleaner, array, sites, self.report.is_some(), self.threads)?;
        internal.documents += done.internal.0;
        internal.first = internal.first.take().or(done.internal.1);
        Ok(done.done)
    }
}

fn with_body(data_type: &DataType) -> arrow_schema::Fields {
    let body = Arc::new(Field::new(BODY, data_type.clone(), true));
    std::iter::once(body).chain(report::fields().iter().cloned()).collect()
}

fn arrow_error(error: ArrowError) -> PyErr {
    PyValueError::new_err(error.to_string())
}
