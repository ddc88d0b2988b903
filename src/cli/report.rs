//! `dehusk report`: a report in another form, several as one, or two side by side.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use dehusk::io::{Draft, Escaped, Excerpt, Record, Review, Strings, Summary, excerpts_of};
use dehusk::{Cleaner, Level};
use serde_json::{Map, Value, json};

use super::args::{FormArg, OnConflict, Report};
use super::compare;
use super::exit::{Exit, Failure, Outcome};
use super::markdown;
use super::paths::file_of;
use super::records::Records;
use super::reports::about;

/// The largest page whose documents are taken over.
const MAX_PAGE: u64 = 16 << 20;

/// Runs `dehusk report`.
pub fn run(typed: &Report) -> Outcome {
    let form = form(typed)?;
    if let Some([old, new]) = typed.diff.as_deref() {
        let compared = compare::compare(Records::open(old)?, Records::open(new)?)?;
        return write(typed, |out| out.write_all(compared.to_markdown().as_bytes()));
    }
    if form == FormArg::Dolma {
        // Opened first, so that a mistake shows before anything is written.
        let reports = typed.reports.iter().map(|r| Records::open(r)).collect::<Outcome<Vec<_>>>()?;
        let mut failure = None;
        let exit = write(typed, |out| {
            for mut records in reports {
                while let Some(record) = records.read().unwrap_or_else(|e| {
                    failure = Some(e);
                    None
                }) {
                    for at in 0..record.count() {
                        writeln!(out, "{}", attributes(&record, at))?;
                    }
                }
            }
            if failure.is_some() { Err(io::ErrorKind::InvalidData.into()) } else { Ok(()) }
        });
        return failure.map_or(exit, Err);
    }
    let merged = Merged::read(&typed.reports, form == FormArg::Html)?;
    let Merged { summary, strings, review } = &merged;
    write(typed, |out| match form {
        FormArg::Html => {
            let about = about(&Cleaner::new());
            review.write_html(out, summary, strings, &|id| about.get(id).cloned())
        }
        FormArg::Csv => strings.write_csv(out),
        FormArg::Json => out.write_all(summary.to_json().as_bytes()),
        _ => out.write_all(markdown::summary(summary).as_bytes()),
    })
}

/// The form that is asked for: in so many words, or by the extension of the output.
fn form(typed: &Report) -> Outcome<FormArg> {
    let extension = typed.output.as_deref().and_then(Path::extension).and_then(|e| e.to_str());
    let form = typed.to.unwrap_or(match extension {
        Some("html") => FormArg::Html,
        Some("csv") => FormArg::Csv,
        Some("json") => FormArg::Json,
        Some("jsonl") => FormArg::Dolma,
        _ => FormArg::Md,
    });
    if typed.diff.is_some() && form != FormArg::Md {
        return Err(Failure::usage("--diff is written as Markdown: leave --to out, or say --to md"));
    }
    Ok(form)
}

/// Writes to the output, whole or not at all, or to standard output.
fn write(typed: &Report, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Outcome {
    let Some(path) = file_of(typed.output.as_ref()) else {
        let mut out = BufWriter::new(io::stdout().lock());
        content(&mut out).and_then(|()| out.flush()).map_err(|e| Failure::stdout(&e))?;
        return Ok(Exit::Done);
    };
    let draft = || {
        let mut draft = Draft::new(path, typed.on_conflict == OnConflict::Overwrite)?;
        let mut out = BufWriter::new(&mut draft);
        content(&mut out)?;
        out.flush()?;
        drop(out);
        draft.finish()?.commit()
    };
    match draft() {
        Ok(_) => Ok(Exit::Done),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(Failure::usage(format!(
            "{} is there already. Nothing was written; give another name, or --on-conflict overwrite",
            Escaped::path(path)
        ))),
        Err(e) => {
            Err(Failure::output(format!("cannot write {}: {e}. Nothing half-written was left", Escaped::path(path))))
        }
    }
}

/// Several reports as one.
struct Merged {
    summary: Summary,
    strings: Strings,
    review: Review,
}

impl Merged {
    fn read(reports: &[impl AsRef<Path>], with_documents: bool) -> Outcome<Self> {
        let mut levels: Vec<&'static str> = reports.iter().map(|r| level_of(r.as_ref()).0).collect();
        levels.dedup();
        let level = if let [level] = levels.as_slice() { level } else { "mixed" };
        let mut merged = Self { summary: Summary::new(level), strings: Strings::default(), review: Review::default() };
        let finished = reports.iter().all(|r| level_of(r.as_ref()).1);
        for report in reports {
            let mut shown = if with_documents { documents_of(report.as_ref()) } else { BTreeMap::new() };
            let mut records = Records::open(report.as_ref())?;
            while let Some(record) = records.read()? {
                merged.summary.add(&record);
                merged.strings.add(&record);
                if with_documents {
                    let excerpt = merged.review.picker().excerpt(&record, None);
                    // What the report's own page shows has the kept text too.
                    let excerpt = excerpt.map(|e| shown.remove(e.id()).unwrap_or(e));
                    merged.review.add(&record, excerpt);
                }
            }
        }
        merged.summary.finish(finished, &merged.strings);
        Ok(merged)
    }
}

/// The level of a report's run, and whether the run saw all its inputs, as its summary says; where there is none, the
/// records are taken for all.
fn level_of(report: &Path) -> (&'static str, bool) {
    let text = fs::read_to_string(report.join("summary.json")).unwrap_or_default();
    let Ok(summary) = serde_json::from_str::<Value>(&text) else { return ("unknown", true) };
    let level = summary["level"].as_str().and_then(|l| l.parse::<Level>().ok());
    (level.map_or("unknown", Level::name), summary["finished"].as_bool().unwrap_or(true))
}

/// The documents that a report's page shows.
fn documents_of(report: &Path) -> BTreeMap<String, Excerpt> {
    let page = report.join("index.html");
    let small = page.metadata().is_ok_and(|m| m.is_file() && m.len() <= MAX_PAGE);
    let text = if small { fs::read_to_string(page).unwrap_or_default() } else { String::new() };
    // A page of another version only has less to give.
    excerpts_of(&text).unwrap_or_default()
}

/// A document's removals as Dolma's attributes: for each category, spans in code points with their scores. `at` says which
/// document it is of those that the record tells of.
fn attributes(record: &Record, at: u64) -> Value {
    let mut attributes: Map<String, Value> = Map::new();
    for piece in &record.removed {
        let name = format!("dehusk__dehusk__{}", piece.category.replace('-', "_"));
        let spans = attributes.entry(name).or_insert_with(|| json!([]));
        if let Some(spans) = spans.as_array_mut() {
            spans.push(json!([piece.char[0], piece.char[1], piece.score]));
        }
    }
    let id =
        record.record.map_or(json!(record.path), |n| json!(format!("{}#{}", markdown::path(&record.path), n + at)));
    json!({ "id": id, "attributes": attributes })
}
