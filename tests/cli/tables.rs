//! Parquet files, in and out. `tests/tables.py` goes through all their types and layouts.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::{BODY, PAGE, Place};

/// A table with row groups of texts and numbers.
fn write(path: &Path, groups: &[&[Option<&str>]]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let schema = "message pages { optional binary text (UTF8); required int64 id; }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut file =
        SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::new(WriterProperties::new())).unwrap();
    for texts in groups {
        let mut group = file.next_row_group().unwrap();
        let levels: Vec<i16> = texts.iter().map(|text| i16::from(text.is_some())).collect();
        let values: Vec<ByteArray> = texts.iter().flatten().map(|text| ByteArray::from(*text)).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).unwrap();
        column.close().unwrap();
        let numbers: Vec<i64> = (10..10 + texts.len() as i64).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int64Type>().write_batch(&numbers, None, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    file.close().unwrap();
}

/// A table of one row group with columns of texts.
pub fn write_texts(path: &Path, columns: &[(&str, &[String])]) {
    let fields: String = columns.iter().map(|(name, _)| format!("required binary {name} (UTF8); ")).collect();
    let schema = Arc::new(parse_message_type(&format!("message pages {{ {fields} }}")).unwrap());
    let mut file =
        SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::new(WriterProperties::new())).unwrap();
    let mut group = file.next_row_group().unwrap();
    for (_, texts) in columns {
        let values: Vec<ByteArray> = texts.iter().map(|text| ByteArray::from(text.as_str())).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&values, None, None).unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    file.close().unwrap();
}

/// Its rows as text, group by group.
pub fn read(path: &Path) -> Vec<Vec<String>> {
    let file = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let rows =
        |i| file.get_row_group(i).unwrap().get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
    (0..file.num_row_groups()).map(rows).collect()
}

#[test]
fn rows_are_cleaned_and_come_back() {
    let place = Place::new();
    place.write("in/readme.txt", PAGE);
    let groups: [&[Option<&str>]; 3] = [&[Some(PAGE), None, Some("")], &[], &[Some(BODY), Some(PAGE)]];
    write(&place.path("in/pages.parquet"), &groups);
    place.run(&["clean", "in", "-o", "out"]).is(0, "6 records").is(0, "1 passed through");
    let cleaned: [&[Option<&str>]; 3] = [&[Some(BODY), None, Some("")], &[], &[Some(BODY), Some(BODY)]];
    write(&place.path("want.parquet"), &cleaned);
    assert_eq!(read(&place.path("out/pages.parquet")), read(&place.path("want.parquet")));
    let records = place.records("out.report/removals.jsonl");
    let rows: Vec<_> = records.iter().filter(|r| r["column"] == "text").collect();
    let seen: Vec<_> =
        rows.iter().map(|r| format!("{} {} {}", r["record"], r["id"], r["status"]).replace('"', "")).collect();
    assert_eq!(seen, ["1 10 cleaned", "2 11 passed_through", "3 12 unchanged", "4 10 unchanged", "5 11 cleaned"]);
    place.run(&["restore", "out", "-o", "back"]).is(0, "1 file restored").is(0, "1 Parquet file with every value");
    assert_eq!(read(&place.path("back/pages.parquet")), read(&place.path("in/pages.parquet")));
    write(&place.path("out/pages.parquet"), &groups);
    place.run(&["restore", "out", "-o", "again"]).is(1, "is not what was written");
}

#[test]
fn what_was_removed_can_be_a_column() {
    let place = Place::new();
    write(&place.path("in/pages.parquet"), &[&[Some(PAGE), None], &[], &[Some(BODY)]]);
    place.run(&["clean", "in", "-o", "out", "--removed-column=gone"]).is(0, "3 records");
    let rows = read(&place.path("out/pages.parquet"));
    let gone = |row: &str| row.split_once("gone: ").unwrap().1.to_owned();
    assert!(gone(&rows[0][0]).contains(r#"category: "newsletter-signup""#), "{rows:?}");
    assert!(gone(&rows[0][0]).contains(r#"byte: [0, 29]"#), "{rows:?}");
    assert_eq!((gone(&rows[0][1]), gone(&rows[2][0])), ("null}".into(), "[]}".into()));
    place.run(&["restore", "out", "-o", "back"]).is(0, "");
    assert_eq!(read(&place.path("back/pages.parquet")), read(&place.path("in/pages.parquet")));
    place.run(&["clean", "out", "-o", "twice", "--removed-column=gone"]).is(3, "--removed-column=NAME");
    place.run(&["clean", "in", "-o", "none", "--removed-column="]).is(2, "--removed-column");
}

#[test]
fn a_table_without_rows_is_cleaned_and_comes_back() {
    let place = Place::new();
    write(&place.path("in/groups.parquet"), &[&[], &[]]);
    write(&place.path("in/none.parquet"), &[]);
    for (out, more) in [("out", &[][..]), ("more", &["--removed-column"][..])] {
        place.run(&[&["clean", "in", "-o", out][..], more].concat()).is(0, "2 files");
        let statuses = place.statuses(&format!("{out}.report/removals.jsonl"));
        assert_eq!(statuses, ["groups.parquet", "none.parquet"].map(|path| (path.into(), "unchanged".into())));
        place.run(&["restore", out, "-o", &format!("{out}-back")]).is(0, "");
        for name in ["groups.parquet", "none.parquet"] {
            assert_eq!(read(&place.path(format!("{out}/{name}"))), read(&place.path(format!("in/{name}"))));
            assert_eq!(read(&place.path(format!("{out}-back/{name}"))), read(&place.path(format!("in/{name}"))));
        }
    }
    write(&place.path("out/none.parquet"), &[&[Some(PAGE)]]);
    place.run(&["restore", "out", "-o", "again"]).is(1, "is not what was written");
}

#[test]
fn what_cannot_be_written_anew_passes_through_whole() {
    let place = Place::new();
    place.write("in/empty.parquet", "").write("in/text.parquet", PAGE);
    write(&place.path("in/good.parquet"), &[&[Some(PAGE)]]);
    let good = place.read("in/good.parquet");
    place.write("in/short.parquet", &good[..good.len() - 9]);
    // Every byte of the pages and of the footer, damaged: nothing panics, and what comes out is whole or an error.
    for (i, _) in good.iter().enumerate().step_by(3) {
        let mut bad = good.clone();
        bad[i] ^= 0x41;
        place.write(format!("in/bad-{i}.parquet"), bad);
    }
    place.run(&["clean", "in", "-o", "out", "--field", "text"]).is(0, "passed through");
    for name in ["empty", "text", "short"] {
        assert_eq!(place.read(format!("in/{name}.parquet")), place.read(format!("out/{name}.parquet")), "{name}");
    }
    place.run(&["clean", "in/good.parquet", "-o", "other", "--field", "body"]).is(0, "passed_through");
    assert_eq!(place.read("other"), good);
}
