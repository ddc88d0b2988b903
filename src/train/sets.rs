//! Reading sets of pages: `gold.jsonl` and `renderings/*.jsonl`, plain or as `.xz`, and `html.tar.xz` or `html/*.html`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufReader, Read as _};
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
    /// HTML by the page's id.
    pub html: BTreeMap<String, Vec<u8>>,
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
        Ok(Self { name, gold, renderings, html: html(folder)? })
    }
}

/// The pages as HTML, if the set has them.
fn html(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let (archive, plain) = (folder.join("html.tar.xz"), folder.join("html"));
    let mut out = BTreeMap::new();
    if archive.exists() {
        let bytes = unpacked(&archive)?;
        let mut archive = tar::Archive::new(&bytes[..]);
        let broken = |e| unreadable(&folder.join("html.tar.xz"), e);
        for entry in archive.entries().map_err(broken)? {
            let mut entry = entry.map_err(broken)?;
            let path = entry.path().map_err(broken)?.into_owned();
            if let Some(id) = page_id(&path) {
                let mut page = Vec::new();
                entry.read_to_end(&mut page).map_err(broken)?;
                out.insert(id, page);
            }
        }
    } else if plain.exists() {
        for path in files(&plain)? {
            if let Some(id) = page_id(&path) {
                out.insert(id, fs::read(&path).map_err(|e| unreadable(&path, e))?);
            }
        }
    }
    Ok(out)
}

fn page_id(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    name.strip_suffix(".html").map(str::to_owned)
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
        unpacked(path)?
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

fn unpacked(path: &Path) -> Result<Vec<u8>> {
    let file = fs::File::open(path).map_err(|e| unreadable(path, e))?;
    let mut out = Vec::new();
    lzma_rs::xz_decompress(&mut BufReader::new(file), &mut out).map_err(|e| {
        Error::new(ErrorKind::Io, format!("is not readable as xz: {e:?}")).at(path.display().to_string())
    })?;
    Ok(out)
}

pub(super) fn unreadable(path: &Path, e: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("cannot be read or written: {e}")).at(path.display().to_string()).caused_by(e)
}
