//! The rows of a column, and the site of each.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use pyo3::prelude::*;

use super::arrow_error;
use crate::page::Raw;

/// Whether a column of this type holds texts.
pub fn check(data_type: &DataType) -> Result<(), String> {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Ok(()),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::Null => Ok(()),
        DataType::Dictionary(_, values) => check(values),
        other => Err(format!("a column of text is string or binary, not {other}")),
    }
}

/// An array whose values stand row by row: of a dictionary, the values that its keys name.
pub fn plain(array: &ArrayRef) -> PyResult<ArrayRef> {
    let Some(dictionary) = array.as_any_dictionary_opt() else { return Ok(ArrayRef::clone(array)) };
    arrow_select::take::take(dictionary.values(), dictionary.keys(), None).map_err(arrow_error)
}

/// The texts of a [`plain`] array of a type that [`check`] allows.
pub fn texts(array: &ArrayRef) -> Vec<Option<Raw<'_>>> {
    let text = |value: Option<_>| value.map(Raw::Text);
    let bytes = |value: Option<_>| value.map(Raw::Bytes);
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().map(text).collect(),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().map(text).collect(),
        DataType::Utf8View => array.as_string_view().iter().map(text).collect(),
        DataType::Binary => array.as_binary::<i32>().iter().map(bytes).collect(),
        DataType::LargeBinary => array.as_binary::<i64>().iter().map(bytes).collect(),
        DataType::BinaryView => array.as_binary_view().iter().map(bytes).collect(),
        _ => vec![None; array.len()],
    }
}

/// A text, and the name or address of its site.
pub type Row<'a> = Option<(Raw<'a>, Option<&'a str>)>;

/// Texts and sites side by side. Bytes that are no UTF-8 name no site.
pub fn with_sites<'a>(texts: &'a ArrayRef, sites: Option<&'a ArrayRef>) -> Vec<Row<'a>> {
    let texts = self::texts(texts);
    let sites = sites.map_or_else(|| vec![None; texts.len()], self::texts);
    let name = |site: Option<Raw<'a>>| site.and_then(|s| std::str::from_utf8(s.bytes()).ok()).filter(|s| !s.is_empty());
    texts.into_iter().zip(sites).map(|(text, site)| text.map(|text| (text, name(site)))).collect()
}
