//! Arrow in and out: any object with `__arrow_c_array__` or `__arrow_c_stream__`.

mod column;
mod report;

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef};
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3_arrow::input::{AnyArray, AnyRecordBatch};
use pyo3_arrow::{PyArray, PyChunkedArray, PyRecordBatch, PyTable};

use crate::cleaner::Cleaner;
use crate::run;
use column::Done;

/// The name of the column of reports where none is given.
pub const REPORT: &str = "dehusk";
/// The name of the bodies in the struct that an array with reports becomes.
const BODY: &str = "body";

/// Cleans an array, or the column of a table, and gives back an object of the same library.
pub fn clean_batch<'py>(
    cleaner: &Cleaner,
    data: &Bound<'py, PyAny>,
    column: Option<&str>,
    report: Option<&str>,
    threads: usize,
) -> PyResult<Bound<'py, PyAny>> {
    let py = data.py();
    let work = Work { cleaner, report, threads };
    let mut internal = Internal::default();
    let result = match column {
        Some(column) => match data.extract::<AnyRecordBatch>()? {
            AnyRecordBatch::RecordBatch(batch) => {
                let batch = batch.into_inner();
                let table = work.table_of(&batch.schema(), column)?;
                let done = run::detached(py, || work.batch(&table, &batch, &mut internal))??;
                PyRecordBatch::new(done).into_pyobject(py)?.into_any()
            }
            stream => {
                let (batches, schema) = stream.into_table()?.into_inner();
                let table = work.table_of(&schema, column)?;
                let clean = || batches.iter().map(|b| work.batch(&table, b, &mut internal)).collect::<PyResult<_>>();
                let done = run::detached(py, clean)??;
                PyTable::try_new(done, table.schema)?.into_pyobject(py)?.into_any()
            }
        },
        None => match data.extract::<AnyArray>()? {
            AnyArray::Array(array) => {
                let (array, field) = array.into_inner();
                let field_out = work.array_field(&field)?;
                let done = run::detached(py, || work.array(&array, &mut internal))??;
                PyArray::try_new(done, field_out).map_err(arrow_error)?.into_pyobject(py)?.into_any()
            }
            stream => {
                let (chunks, field) = stream.into_chunked_array()?.into_inner();
                let field_out = work.array_field(&field)?;
                let clean = || chunks.iter().map(|c| work.array(c, &mut internal)).collect::<PyResult<_>>();
                let done = run::detached(py, clean)??;
                PyChunkedArray::try_new(done, field_out)?.into_pyobject(py)?.into_any()
            }
        },
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

/// Which column of a table is cleaned, and what comes out.
struct Table {
    column: usize,
    schema: SchemaRef,
}

impl Work<'_> {
    fn table_of(&self, schema: &SchemaRef, column: &str) -> PyResult<Table> {
        let names = || schema.fields().iter().map(|f| f.name().as_str()).collect::<Vec<_>>().join(", ");
        let index = schema
            .index_of(column)
            .map_err(|_| PyKeyError::new_err(format!("no column {column:?}; the columns are: {}", names())))?;
        column::check(schema.field(index).data_type())?;
        let mut fields: Vec<FieldRef> = schema.fields().iter().cloned().collect();
        if let Some(name) = self.report {
            if schema.index_of(name).is_ok() {
                return Err(PyValueError::new_err(format!(
                    "the column {name:?} is there already: name another one with report=…"
                )));
            }
            fields.push(Arc::new(Field::new(name, DataType::Struct(report::fields()), true)));
        }
        Ok(Table { column: index, schema: Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone())) })
    }

    fn batch(&self, table: &Table, batch: &RecordBatch, internal: &mut Internal) -> PyResult<RecordBatch> {
        let Done { bodies, reports } = self.clean(batch.column(table.column), internal)?;
        let mut columns = batch.columns().to_vec();
        columns[table.column] = bodies;
        columns.extend(reports.map(|r| Arc::new(r) as ArrayRef));
        let rows = arrow_array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&table.schema), columns, &rows).map_err(arrow_error)
    }

    /// The field of a cleaned array: as it was, or a struct of body and report.
    fn array_field(&self, field: &FieldRef) -> PyResult<FieldRef> {
        if let DataType::Struct(_) = field.data_type() {
            return Err(PyValueError::new_err("this is a table or a struct: name the column to clean"));
        }
        column::check(field.data_type())?;
        Ok(match self.report {
            None => Arc::clone(field),
            Some(_) => Arc::new(Field::new(field.name(), DataType::Struct(with_body(field.data_type())), true)),
        })
    }

    fn array(&self, array: &ArrayRef, internal: &mut Internal) -> PyResult<ArrayRef> {
        let Done { bodies, reports } = self.clean(array, internal)?;
        let Some(reports) = reports else { return Ok(bodies) };
        let fields = with_body(bodies.data_type());
        let (_, mut columns, nulls) = reports.into_parts();
        columns.insert(0, bodies);
        Ok(Arc::new(StructArray::try_new(fields, columns, nulls).map_err(arrow_error)?))
    }

    fn clean(&self, array: &ArrayRef, internal: &mut Internal) -> PyResult<Done> {
        let done = column::clean(self.cleaner, array, self.report.is_some(), self.threads)?;
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
