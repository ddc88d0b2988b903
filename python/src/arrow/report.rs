//! Reports as a struct column: each row is a record of `removals.jsonl`, in the same names, with counts added.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, Float64Array, Int64Array, StructArray};
use arrow_buffer::NullBuffer;
use arrow_schema::Fields;
use dehusk::Metadata;
use dehusk::io::Record;
use dehusk::io::arrow::{Column, field, fit, lists, pairs, pieces, strings, structs};
use pyo3::prelude::*;

use super::column::too_large;
use crate::page::ratio;

/// What is said of one document.
pub struct Row {
    pub record: Record,
    pub words: [u32; 2],
}

/// The fields of the struct.
pub fn fields() -> Fields {
    columns(&[]).iter().map(|(name, array)| field(name, array.data_type())).collect()
}

/// The reports of rows; a row without a document has none.
pub fn array(rows: &[Option<Row>]) -> PyResult<StructArray> {
    if !fit(rows.iter().flatten().flat_map(|r| r.record.removed.iter().chain(&r.record.withheld))) {
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
        ("input_kind", some(|r| r.record.input_kind.as_deref())),
        ("status", some(|r| Some(r.record.status.name()))),
        ("reason", some(|r| r.record.reason.as_deref())),
        ("bytes", pairs(records().map(|r| r.and_then(|r| r.bytes).map(|b| b.map(|n| n as usize))))),
        (
            "hash",
            lists(records().map(|r| r.and_then(|r| r.hash.as_ref()).map(|h| &h[..])), |h| {
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
        ("expected_loss", Arc::new(records().map(|r| r.and_then(|r| r.expected_loss)).collect::<Float64Array>())),
        ("categories", categories(rows)),
        ("removed", lists(records().map(|r| r.map(|r| &*r.removed)), |r| pieces(&r.collect::<Vec<_>>()))),
        ("withheld", lists(records().map(|r| r.map(|r| &*r.withheld)), |r| pieces(&r.collect::<Vec<_>>()))),
        ("warnings", lists(records().map(|r| r.map(|r| &*r.warnings)), |w| strings(w.map(|w| Some(w.as_str()))))),
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
    lists(counts.iter().map(|c| Some(c.as_slice())), |counts| {
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
