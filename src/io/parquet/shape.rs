//! The columns that a copy of a file has, and what its metadata says of them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ::parquet::arrow::{ARROW_SCHEMA_META_KEY, encode_arrow_schema};
use ::parquet::file::metadata::KeyValue;
use ::parquet::schema::types::{Type, TypePtr};
use arrow_schema::{DataType, Field, FieldRef, Schema};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::{ParquetFile, removed};

/// Where Spark says what the columns are; it believes this, not the file.
const SPARK_SCHEMA_KEY: &str = "org.apache.spark.sql.parquet.row.metadata";

/// The columns of a copy: those of the file, with or without one of removed pieces.
#[derive(Clone, Debug)]
pub struct ParquetShape {
    pub(super) schema: TypePtr,
    pub(super) metadata: Option<Vec<KeyValue>>,
    /// The column of removed pieces, which comes last.
    pub(super) added: Option<FieldRef>,
    /// The column that is left out, counted among those of the file's first level.
    pub(super) left_out: Option<usize>,
}

impl ParquetShape {
    /// The file's own columns.
    pub fn same(file: &ParquetFile) -> Self {
        let file = file.metadata.file_metadata();
        Self {
            schema: file.schema_descr().root_schema_ptr(),
            metadata: file.key_value_metadata().cloned(),
            added: None,
            left_out: None,
        }
    }

    /// The file's columns, and one of what is removed from each row.
    ///
    /// # Errors
    ///
    /// Why it cannot have that.
    pub fn with_removed(file: &ParquetFile, name: &str) -> Result<Self, String> {
        let same = Self::same(file);
        if same.schema.get_fields().iter().any(|column| column.name() == name) {
            return Err(format!("it has a column {name:?} already: name another with --removed-column=NAME"));
        }
        let added = removed::column(name);
        let column = removed::parquet_type(&added).map_err(|e| e.to_string())?;
        let columns = same.schema.get_fields().iter().cloned().chain([column]).collect();
        same.with_columns(columns, &Change::Added(&added)).map(|shape| Self { added: Some(added), ..shape })
    }

    /// The file's columns without the one of removed pieces; what is not there cannot be left out.
    ///
    /// # Errors
    ///
    /// Why it cannot be left out.
    pub fn without_removed(file: &ParquetFile, name: &str) -> Result<Self, String> {
        let same = Self::same(file);
        let Some(at) = same.schema.get_fields().iter().position(|column| column.name() == name) else {
            return Ok(same);
        };
        let mut columns = same.schema.get_fields().to_vec();
        columns.remove(at);
        same.with_columns(columns, &Change::LeftOut(name)).map(|shape| Self { left_out: Some(at), ..shape })
    }

    fn with_columns(mut self, columns: Vec<TypePtr>, change: &Change<'_>) -> Result<Self, String> {
        let schema = Type::group_type_builder(self.schema.name()).with_fields(columns).build();
        self.schema = Arc::new(schema.map_err(|e| e.to_string())?);
        for KeyValue { key, value } in self.metadata.iter_mut().flatten() {
            let Some(value) = value else { continue };
            match key.as_str() {
                ARROW_SCHEMA_META_KEY => *value = change.arrow(value)?,
                SPARK_SCHEMA_KEY => change.spark(value),
                _ => {}
            }
        }
        Ok(self)
    }
}

/// How the columns differ from the file's.
enum Change<'a> {
    Added(&'a FieldRef),
    LeftOut(&'a str),
}

impl Change<'_> {
    /// The schema that Arrow keeps beside the file's: readers expect the same columns in both.
    fn arrow(&self, encoded: &str) -> Result<String, String> {
        let read = || {
            let bytes = BASE64.decode(encoded).map_err(|e| e.to_string())?;
            arrow_ipc::convert::try_schema_from_ipc_buffer(&bytes).map_err(|e| e.to_string())
        };
        // The reader is another's, and the file a stranger's.
        let read = catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err("it is damaged".to_owned()));
        let schema = read.map_err(|e| format!("its {ARROW_SCHEMA_META_KEY} cannot be read: {e}"))?;
        let fields = schema.fields().iter().cloned();
        let fields: Vec<FieldRef> = match self {
            Self::Added(field) => fields.chain([Arc::clone(field)]).collect(),
            Self::LeftOut(name) => fields.filter(|field| field.name() != name).collect(),
        };
        // What a file says of itself is there a second time.
        let mut metadata = schema.metadata().clone();
        metadata.get_mut(SPARK_SCHEMA_KEY).into_iter().for_each(|schema| self.spark(schema));
        Ok(encode_arrow_schema(&Schema::new_with_metadata(fields, metadata)))
    }

    /// The schema that Spark keeps. One that cannot be read stays: Spark does not believe it either.
    fn spark(&self, schema: &mut String) {
        let Ok(mut read) = serde_json::from_str::<Value>(schema) else { return };
        let Some(fields) = read.get_mut("fields").and_then(Value::as_array_mut) else { return };
        match self {
            Self::Added(field) => fields.push(spark_field(field)),
            Self::LeftOut(name) => fields.retain(|field| field["name"] != **name),
        }
        *schema = read.to_string();
    }
}

fn spark_field(field: &Field) -> Value {
    json!({ "name": field.name(), "type": spark_type(field.data_type()), "nullable": true, "metadata": {} })
}

/// How Spark calls the types of the column of removed pieces.
fn spark_type(data_type: &DataType) -> Value {
    match data_type {
        DataType::List(item) => {
            json!({ "type": "array", "elementType": spark_type(item.data_type()), "containsNull": true })
        }
        DataType::Struct(fields) => {
            json!({ "type": "struct", "fields": fields.iter().map(|f| spark_field(f)).collect::<Vec<_>>() })
        }
        DataType::Int64 => json!("long"),
        DataType::Float64 => json!("double"),
        _ => json!("string"),
    }
}
