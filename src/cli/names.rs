//! What outputs are called. It follows from the inputs' names alone, so that it is known before any work.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use dehusk::Format;
use dehusk::io::Compression;
use xxhash_rust::xxh3::xxh3_64;

use super::args::ToArg;
use super::inputs::{ByName, Inputs, Item, Kind, Source};

/// How inputs are read and outputs are named.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// What all inputs are; none where names decide.
    pub format: Option<ByName>,
    /// What HTML pages become.
    pub to: Format,
    /// Whether those in web archives become lines of JSON.
    pub lines: bool,
}

impl Names {
    pub fn new(format: Option<ByName>, to: Option<ToArg>) -> Self {
        let lines = to == Some(ToArg::Jsonl);
        let to = match to.unwrap_or_default() {
            ToArg::Text | ToArg::Jsonl => Format::Text,
            ToArg::Markdown => Format::Markdown,
        };
        Self { format, to, lines }
    }

    /// What a file is, by its name and by what was asked for.
    pub fn by_name(&self, path: &Path) -> ByName {
        self.format.unwrap_or_else(|| ByName::of(&Compression::of_name(path).1))
    }

    /// The path of an input's cleaned copy: a name that says HTML would no longer be true, all others stay.
    pub fn output(&self, path: &Path) -> PathBuf {
        const HTML: ByName = ByName::Clean(Format::Html);
        let (compression, inner) = Compression::of_name(path);
        let mut output = match self.by_name(path) {
            HTML if ByName::of(&inner) == HTML => {
                inner.with_extension(if self.to == Format::Markdown { "md" } else { "txt" }).into_os_string()
            }
            ByName::Records(Kind::Warc) if ByName::of(&inner) == ByName::Records(Kind::Warc) => {
                let mut output = inner.into_os_string();
                // As Common Crawl names them.
                output.push(if self.lines { ".jsonl" } else { ".wet" });
                output
            }
            _ => return path.to_path_buf(),
        };
        if let (Some(packed), true) = (path.extension(), compression != Compression::None) {
            output.push(".");
            output.push(packed);
        }
        output.into()
    }

    /// Two inputs that would go to one output: `a.html` and `a.txt`. Walks the inputs, and opens none.
    pub fn collision(&self, inputs: &Inputs) -> Option<(PathBuf, PathBuf)> {
        let files = || inputs.all().filter(|item| matches!(item.source, Source::File { .. }));
        let output = |item: &Item| self.output(&item.path);
        let hash = |path: &Path| xxh3_64(path.as_os_str().as_encoded_bytes());
        let mut renamed = HashSet::new();
        let mut twice = None;
        for item in files() {
            let path = output(&item);
            if path != item.path && !renamed.insert(hash(&path)) {
                twice = Some(hash(&path));
            }
        }
        if !renamed.is_empty() && twice.is_none() {
            let other = |item: &Item| output(item) == item.path && renamed.contains(&hash(&item.path));
            twice = files().find(other).map(|item| hash(&item.path));
        }
        let twice = twice?;
        let mut both = files().filter(|item| hash(&output(item)) == twice).map(|item| item.path);
        Some((both.next()?, both.next()?))
    }
}
