//! What reports say, as Arrow arrays: for columns of tables, here and in the Python wheel.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, ListArray, StringArray, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, FieldRef};

use super::record::Removed;

/// A column: its name, type and values.
pub type Column = (&'static str, ArrayRef);

/// Removed pieces, in the names that a record has.
pub fn pieces(pieces: &[&Removed]) -> ArrayRef {
    structs(
        vec![
            ("category", strings(pieces.iter().map(|p| Some(p.category.as_str())))),
            ("rule", strings(pieces.iter().map(|p| p.rule.as_deref()))),
            ("byte", pairs(pieces.iter().map(|p| Some(p.byte)))),
            ("char", pairs(pieces.iter().map(|p| Some(p.char)))),
            ("line", pairs(pieces.iter().map(|p| Some(p.line)))),
            ("score", Arc::new(pieces.iter().map(|p| Some(p.score)).collect::<Float64Array>())),
            ("why", lists(pieces.iter().map(|p| Some(p.why.as_slice())), |w| strings(w.map(|w| Some(w.as_str()))))),
            ("text", strings(pieces.iter().map(|p| p.text.as_deref()))),
            ("raw", strings(pieces.iter().map(|p| p.raw.as_deref()))),
        ],
        None,
    )
}

/// Whether pieces fit into one array. Texts are the most of them, and an array holds 2 GiB of those; the other columns are
/// far from the limit when these are within it.
pub fn fit<'a>(pieces: impl Iterator<Item = &'a Removed>) -> bool {
    let bytes = |p: &Removed| p.text.as_ref().map_or(0, String::len) + p.why.iter().map(String::len).sum::<usize>();
    pieces.map(bytes).sum::<usize>() <= i32::MAX as usize
}

/// A field that may be null.
pub fn field(name: &str, data_type: &DataType) -> FieldRef {
    Arc::new(Field::new(name, data_type.clone(), true))
}

/// Strings.
pub fn strings<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

/// Structs of columns that are of one length.
pub fn structs(columns: Vec<Column>, nulls: Option<NullBuffer>) -> ArrayRef {
    let fields = columns.iter().map(|(name, array)| field(name, array.data_type())).collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    Arc::new(StructArray::new(fields, arrays, nulls))
}

/// Lists: the items of all rows go to `values` in one go.
pub fn lists<'a, T: 'a>(
    rows: impl Iterator<Item = Option<&'a [T]>> + Clone,
    values: impl FnOnce(&mut dyn Iterator<Item = &'a T>) -> ArrayRef,
) -> ArrayRef {
    let nulls = rows.clone().map(|row| row.is_some()).collect::<NullBuffer>();
    let lengths = OffsetBuffer::from_lengths(rows.clone().map(|row| row.map_or(0, <[T]>::len)));
    let values = values(&mut rows.flatten().flatten());
    Arc::new(ListArray::new(field("item", values.data_type()), lengths, values, Some(nulls)))
}

/// Ranges and other pairs of numbers, as lists of two.
pub fn pairs(rows: impl Iterator<Item = Option<[usize; 2]>>) -> ArrayRef {
    let rows: Vec<_> = rows.collect();
    let nulls = rows.iter().map(Option::is_some).collect::<NullBuffer>();
    let lengths = OffsetBuffer::from_lengths(rows.iter().map(|r| if r.is_some() { 2 } else { 0 }));
    let values: Int64Array = rows.iter().flatten().flatten().map(|n| Some(*n as i64)).collect();
    Arc::new(ListArray::new(field("item", &DataType::Int64), lengths, Arc::new(values), Some(nulls)))
}
