//! Reports as a struct column: each row is a record of `removals.jsonl`, in the same names, with counts added.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray, StringArray, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, FieldRef, Fields};
use dehusk::Metadata;
use dehusk::io::{Record, Removed};
use pyo3::prelude::*;

use super::column::too_large;
use crate::page::ratio;

/// What is said of one document.
pub struct Row {
    pub record: Record,
    pub words: [u32; 2],
}

/// A column: its name, type and values.
type Column = (&'static str, ArrayRef);

/// The fields of the struct.
pub fn fields() -> Fields {
    columns(&[]).iter().map(|(name, array)| field(name, array.data_type())).collect()
}

/// The reports of rows; a row without a document has none.
pub fn array(rows: &[Option<Row>]) -> PyResult<StructArray> {
    // Texts are the most of a report; the other columns are far from the limit when these are within it.
    let pieces = rows.iter().flatten().flat_map(|r| r.record.removed.iter().chain(&r.record.withheld));
    let bytes: usize =
        pieces.map(|p| p.text.as_ref().map_or(0, String::len) + p.why.iter().map(String::len).sum::<usize>()).sum();
    if bytes > i32::MAX as usize {
        return Err(too_large());
    }
    let nulls = rows.iter().map(Option::is_some).collect::<NullBuffer>();
    let arrays = columns(rows).into_iter().map(|(_, array)| array).collect();
    StructArray::try_new(fields(), arrays, Some(nulls)).map_err(super::arrow_error)
}

fn columns(rows: &[Option<Row>]) -> Vec<Column> {
    let some = |of: fn(&Row) -> Option<&str>| strings(rows.iter().map(move |r| r.as_ref().and_then(of)));
    let records = || rows.iter().map(|r| r.as_ref().map(|r| &r.record));
    vec![
        ("schema", some(|r| Some(&r.record.schema))),
        ("path", some(|_| Some(""))),
        ("format", some(|r| r.record.format.as_deref())),
        ("encoding", some(|r| r.record.encoding.as_deref())),
        ("status", some(|r| Some(r.record.status.name()))),
        ("reason", some(|r| r.record.reason.as_deref())),
        ("bytes", pairs(records().map(|r| r.and_then(|r| r.bytes).map(|b| b.map(|n| n as usize))))),
        (
            "hash",
            lists(records().map(|r| r.and_then(|r| r.hash.as_ref()).map_or(&[][..], |h| h)), |h| {
                strings(h.map(|h| Some(h.as_str())))
            }),
        ),
        ("visible", visible(rows)),
        ("metadata", metadata(rows)),
        ("words", pairs(rows.iter().map(|r| r.as_ref().map(|r| r.words.map(|n| n as usize))))),
        (
            "removed_word_ratio",
            Arc::new(rows.iter().map(|r| r.as_ref().map(|r| ratio(r.words))).collect::<Float64Array>()),
        ),
        ("categories", categories(rows)),
        ("removed", lists(records().map(|r| r.map_or(&[][..], |r| &r.removed)), |r| pieces(&r.collect::<Vec<_>>()))),
        ("withheld", lists(records().map(|r| r.map_or(&[][..], |r| &r.withheld)), |r| pieces(&r.collect::<Vec<_>>()))),
        (
            "warnings",
            lists(records().map(|r| r.map_or(&[][..], |r| &r.warnings)), |w| strings(w.map(|w| Some(w.as_str())))),
        ),
    ]
}

/// What HTML pages show.
fn visible(rows: &[Option<Row>]) -> ArrayRef {
    let pages: Vec<_> = rows.iter().map(|r| r.as_ref().and_then(|r| r.record.visible.as_ref())).collect();
    let columns = vec![
        ("to", strings(pages.iter().map(|p| p.map(|p| p.to.as_str())))),
        ("bytes", pairs(pages.iter().map(|p| p.map(|p| p.bytes.map(|n| n as usize))))),
        ("hash", strings(pages.iter().map(|p| p.map(|p| p.hash.as_str())))),
        ("embedded", Arc::new(pages.iter().map(|p| p.map(|p| p.embedded)).collect::<BooleanArray>()) as ArrayRef),
    ];
    structs(columns, Some(pages.iter().map(Option::is_some).collect()))
}

/// What HTML pages say of themselves.
fn metadata(rows: &[Option<Row>]) -> ArrayRef {
    let pages: Vec<_> = rows.iter().map(|r| r.as_ref().and_then(|r| r.record.metadata.as_ref())).collect();
    let said =
        |of: fn(&Metadata) -> &Option<String>| strings(pages.iter().map(move |p| p.and_then(|p| of(p).as_deref())));
    let columns = vec![
        ("title", said(|m| &m.title)),
        ("author", said(|m| &m.author)),
        ("date", said(|m| &m.date)),
        ("language", said(|m| &m.language)),
        ("canonical_url", said(|m| &m.canonical_url)),
        ("site_name", said(|m| &m.site_name)),
    ];
    structs(columns, Some(pages.iter().map(Option::is_some).collect()))
}

/// How much went of each category.
fn categories(rows: &[Option<Row>]) -> ArrayRef {
    let counts: Vec<Vec<(&str, [i64; 2])>> = rows
        .iter()
        .map(|row| {
            let mut counts = BTreeMap::<&str, [i64; 2]>::new();
            for piece in row.iter().flat_map(|r| &r.record.removed) {
                let count = counts.entry(&piece.category).or_default();
                count[0] += 1;
                count[1] += (piece.byte[1] - piece.byte[0]) as i64;
            }
            counts.into_iter().collect()
        })
        .collect();
    lists(counts.iter().map(Vec::as_slice), |counts| {
        let counts: Vec<_> = counts.collect();
        structs(
            vec![
                ("category", strings(counts.iter().map(|(c, _)| Some(*c)))),
                ("removals", Arc::new(counts.iter().map(|(_, n)| Some(n[0])).collect::<Int64Array>())),
                ("bytes", Arc::new(counts.iter().map(|(_, n)| Some(n[1])).collect::<Int64Array>())),
            ],
            None,
        )
    })
}

/// Removed pieces.
fn pieces(pieces: &[&Removed]) -> ArrayRef {
    structs(
        vec![
            ("category", strings(pieces.iter().map(|p| Some(p.category.as_str())))),
            ("rule", strings(pieces.iter().map(|p| p.rule.as_deref()))),
            ("byte", pairs(pieces.iter().map(|p| Some(p.byte)))),
            ("char", pairs(pieces.iter().map(|p| Some(p.char)))),
            ("line", pairs(pieces.iter().map(|p| Some(p.line)))),
            ("score", Arc::new(pieces.iter().map(|p| Some(p.score)).collect::<Float64Array>())),
            ("why", lists(pieces.iter().map(|p| p.why.as_slice()), |w| strings(w.map(|w| Some(w.as_str()))))),
            ("text", strings(pieces.iter().map(|p| p.text.as_deref()))),
            ("raw", strings(pieces.iter().map(|p| p.raw.as_deref()))),
        ],
        None,
    )
}

fn field(name: &str, data_type: &DataType) -> FieldRef {
    Arc::new(Field::new(name, data_type.clone(), true))
}

fn strings<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn structs(columns: Vec<Column>, nulls: Option<NullBuffer>) -> ArrayRef {
    let fields = columns.iter().map(|(name, array)| field(name, array.data_type())).collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    // All columns come from the same pieces, so they are of one length.
    Arc::new(StructArray::new(fields, arrays, nulls))
}

/// Lists: the items of all rows go to `values` in one go.
fn lists<'a, T: 'a>(
    rows: impl Iterator<Item = &'a [T]> + Clone,
    values: impl FnOnce(&mut dyn Iterator<Item = &'a T>) -> ArrayRef,
) -> ArrayRef {
    let lengths = OffsetBuffer::from_lengths(rows.clone().map(<[T]>::len));
    let values = values(&mut rows.flatten());
    Arc::new(ListArray::new(field("item", values.data_type()), lengths, values, None))
}

/// Ranges and other pairs of numbers, as lists of two.
fn pairs(rows: impl Iterator<Item = Option<[usize; 2]>>) -> ArrayRef {
    let rows: Vec<_> = rows.collect();
    let nulls = rows.iter().map(Option::is_some).collect::<NullBuffer>();
    let lengths = OffsetBuffer::from_lengths(rows.iter().map(|r| if r.is_some() { 2 } else { 0 }));
    let values: Int64Array = rows.iter().flatten().flatten().map(|n| Some(*n as i64)).collect();
    Arc::new(ListArray::new(field("item", &DataType::Int64), lengths, Arc::new(values), Some(nulls)))
}
