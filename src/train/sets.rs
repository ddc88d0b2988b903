//! Reading sets of pages: `gold.jsonl` and `renderings/*.jsonl`, plain or as `.xz`.

use std::collections::BTreeMap;
use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::document::InputKind;
use crate::error::{Error, ErrorKind, Result};

/// What is known of a page.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Gold {
    pub id: String,
    #[serde(default)]
    pub domain: Option<String>,
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    #[serde(default, rename = "lang")]
    pub language: Option<String>,
    #[serde(default)]
    pub gold: Option<String>,
    #[serde(default)]
    pub with: Option<Vec<String>>,
    #[serde(default)]
    pub without: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Text {
    id: String,
    text: String,
}

/// Pages and their renderings.
#[derive(Debug)]
pub(super) struct Set {
    pub name: String,
    pub gold: Vec<Gold>,
    /// Name of the rendering, then text by the page's id.
    pub renderings: BTreeMap<String, BTreeMap<String, String>>,
}

/// How a rendering came about, by its name.
pub(super) fn kind_of(rendering: &str) -> InputKind {
    if rendering.starts_with("extract-") || rendering == "gold" { InputKind::Extracted } else { InputKind::Page }
}

impl Set {
    pub fn read(folder: &Path) -> Result<Self> {
        let name = folder.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let mut renderings = BTreeMap::new();
        for path in files(&folder.join("renderings"))? {
            let file = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let Some(rendering) = file.strip_suffix(".jsonl.xz").or_else(|| file.strip_suffix(".jsonl")) else {
                continue;
            };
            let texts: Vec<Text> = records(&path)?;
            renderings.insert(rendering.to_owned(), texts.into_iter().map(|t| (t.id, t.text)).collect());
        }
        let plain = folder.join("gold.jsonl");
        let gold = records(&if plain.exists() { plain } else { folder.join("gold.jsonl.xz") })?;
        Ok(Self { name, gold, renderings })
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).map_err(|e| unreadable(folder, e))? {
        out.push(entry.map_err(|e| unreadable(folder, e))?.path());
    }
    out.sort();
    Ok(out)
}

fn records<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Vec<T>> {
    let bytes = if path.extension().is_some_and(|e| e == "xz") {
        let file = fs::File::open(path).map_err(|e| unreadable(path, e))?;
        let mut out = Vec::new();
        lzma_rs::xz_decompress(&mut BufReader::new(file), &mut out).map_err(|e| {
            Error::new(ErrorKind::Io, format!("is not readable as xz: {e:?}")).at(path.display().to_string())
        })?;
        out
    } else {
        fs::read(path).map_err(|e| unreadable(path, e))?
    };
    let mut out = Vec::new();
    for (number, line) in bytes.split(|b| *b == b'\n').enumerate().filter(|(_, l)| !l.is_empty()) {
        let record = serde_json::from_slice(line).map_err(|e| {
            Error::new(ErrorKind::Io, format!("is not a page record: {e}"))
                .at(format!("{}:{}", path.display(), number + 1))
                .caused_by(e)
        })?;
        out.push(record);
    }
    Ok(out)
}

pub(super) fn unreadable(path: &Path, e: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("cannot be read or written: {e}")).at(path.display().to_string()).caused_by(e)
}
