//! What is to be cleaned: paths resolved, folders walked, one item at a time.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use dehusk::io::{Escaped, FoundKind, Framing, Input as OpenFile, Walk, is_html};
use dehusk::{Document, Format};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use xxhash_rust::xxh3::xxh3_64;

use super::args::{FormatArg, Input};
use super::exit::{Failure, Outcome};
use super::paths::Identity;

/// The largest list of paths that is read.
const MAX_LIST: u64 = 1 << 30;

/// One input.
#[derive(Debug)]
pub struct Item {
    /// Its path in the output folder and in the report.
    pub path: PathBuf,
    /// Its length as far as it is known.
    pub len: u64,
    /// What it is.
    pub source: Source,
}

/// Where an input comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// Standard input.
    Stdin,
    /// A file that is read from here; `named` when the user named it, so that a link is followed.
    File { path: PathBuf, named: bool },
    /// Something that is left out, and why.
    Skip(String),
    /// Something that cannot be read, and why.
    Fail(String),
}

/// A path that was named, found to be there before any work.
#[derive(Debug)]
pub struct Root {
    pub path: PathBuf,
    /// Where it goes in the output folder; empty for the only folder.
    pub under: PathBuf,
    pub kind: RootKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootKind {
    Stdin,
    Folder,
    File,
    /// From a list: may be missing.
    Listed,
}

/// All inputs of a run.
#[derive(Debug)]
pub struct Inputs {
    pub roots: Vec<Root>,
    include: GlobSet,
    exclude: GlobSet,
    shard: Option<(u64, u64)>,
    /// What files are left out by their name's end: the originals that an earlier run kept.
    pub backup: Option<OsString>,
}

impl Inputs {
    /// Resolves what was typed in. Every path must be there.
    pub fn resolve(typed: &Input) -> Outcome<Self> {
        let mut roots = Vec::new();
        let several = typed.paths.len() > 1;
        for path in &typed.paths {
            roots.push(root(path, several)?);
        }
        if let Some(list) = &typed.files_from {
            roots.extend(listed(list)?);
        }
        if typed.paths.is_empty() && typed.files_from.is_none() {
            return Err(Failure::usage("name what to clean: files, folders, or - for standard input"));
        }
        if roots.len() > 1 && roots.iter().any(|r| r.kind == RootKind::Stdin) {
            return Err(Failure::usage("standard input (-) goes with no other input"));
        }
        Ok(Self {
            roots,
            include: globs(&typed.glob)?,
            exclude: globs(&typed.exclude)?,
            shard: typed.shard,
            backup: None,
        })
    }

    /// Whether there is one input only, and no folder.
    pub fn is_single(&self) -> bool {
        matches!(self.roots.as_slice(), [root] if root.kind != RootKind::Folder)
    }

    /// Two inputs that would go to one output.
    pub fn collision(&self) -> Option<(&Path, &Path)> {
        let mut seen: Vec<_> = self.roots.iter().map(|r| (&r.under, &r.path)).collect();
        seen.sort();
        // A listed path below another one is a file below a file, which cannot be.
        seen.windows(2).find(|two| two[0].0 == two[1].0).map(|two| (two[0].1.as_path(), two[1].1.as_path()))
    }

    /// What the named paths really are, folders and files apart.
    pub fn identities(&self, kind: RootKind) -> Vec<(&Path, Identity)> {
        let roots = self.roots.iter().filter(|r| r.kind == kind);
        roots.filter_map(|r| Some((r.path.as_path(), Identity::of(&r.path).ok()?))).collect()
    }

    /// All inputs of this run in order. Nothing is opened here.
    pub fn items(&self) -> impl Iterator<Item = Item> + '_ {
        self.all().filter(|item| self.in_shard(&item.path))
    }

    /// The inputs of all shards.
    pub fn all(&self) -> impl Iterator<Item = Item> + '_ {
        self.roots.iter().flat_map(|root| self.items_of(root))
    }

    fn items_of<'a>(&'a self, root: &'a Root) -> Box<dyn Iterator<Item = Item> + 'a> {
        let one = |len, source| Box::new(std::iter::once(Item { path: root.under.clone(), len, source }));
        match root.kind {
            RootKind::Stdin => one(0, Source::Stdin),
            RootKind::File | RootKind::Listed => match root.path.metadata() {
                Ok(metadata) => one(metadata.len(), Source::File { path: root.path.clone(), named: true }),
                Err(e) => one(0, Source::Fail(format!("cannot read it: {e}"))),
            },
            RootKind::Folder => match Walk::new(&root.path, |path: &Path, is_dir| self.leaves_out(path, is_dir)) {
                Ok(walk) => Box::new(walk.map(|found| {
                    let path = root.path.join(&found.path);
                    let (len, source) = match found.kind {
                        FoundKind::File { .. } if self.is_backup(&found.path) => {
                            (0, Source::Skip("an original that an earlier run kept".into()))
                        }
                        FoundKind::File { len } => (len, Source::File { path, named: false }),
                        FoundKind::Other(what) => (0, Source::Skip(what.to_owned())),
                        FoundKind::Unreadable(e) => (0, Source::Fail(format!("cannot read it: {e}"))),
                    };
                    Item { path: root.under.join(found.path), len, source }
                })),
                Err(e) => one(0, Source::Fail(format!("cannot read the folder: {e}"))),
            },
        }
    }

    fn leaves_out(&self, path: &Path, is_dir: bool) -> bool {
        let name = path.file_name().map(Path::new).unwrap_or(path);
        let hit = |globs: &GlobSet| globs.is_match(path) || globs.is_match(name);
        hit(&self.exclude) || (!is_dir && !self.include.is_empty() && !hit(&self.include))
    }

    fn is_backup(&self, path: &Path) -> bool {
        let ends = |suffix: &OsString| path.as_os_str().as_encoded_bytes().ends_with(suffix.as_encoded_bytes());
        self.backup.as_ref().is_some_and(ends)
    }

    fn in_shard(&self, path: &Path) -> bool {
        self.shard.is_none_or(|(k, n)| xxh3_64(path.as_os_str().as_encoded_bytes()) % n == k - 1)
    }
}

fn root(path: &Path, several: bool) -> Outcome<Root> {
    if path == Path::new("-") {
        return Ok(Root { path: path.into(), under: "stdin".into(), kind: RootKind::Stdin });
    }
    let missing =
        |e| Failure::usage(format!("cannot read {}: {e}. Nothing was written; check the path", Escaped::path(path)));
    let metadata = path.metadata().map_err(missing)?;
    let kind = if metadata.is_dir() { RootKind::Folder } else { RootKind::File };
    let name = match path.file_name() {
        Some(name) => Some(name.into()),
        None => path.canonicalize().ok().and_then(|p| p.file_name().map(PathBuf::from)),
    };
    let under = if kind == RootKind::Folder && !several { PathBuf::new() } else { name.unwrap_or_default() };
    Ok(Root { path: path.into(), under, kind })
}

/// The paths of a list, one a line. They keep their folders in the output.
fn listed(list: &Path) -> Outcome<Vec<Root>> {
    let wrong = |e: std::io::Error| {
        Failure::usage(format!("cannot read the list {}: {e}. Nothing was written", Escaped::path(list)))
    };
    let mut text = Vec::new();
    if list == Path::new("-") {
        std::io::stdin().lock().take(MAX_LIST).read_to_end(&mut text).map_err(wrong)?;
    } else {
        text = OpenFile::open(list, true).and_then(|mut file| file.read()).map_err(wrong)?;
    }
    let mut roots = Vec::new();
    for line in text.split(|b| *b == b'\n').map(|l| l.strip_suffix(b"\r").unwrap_or(l)).filter(|l| !l.is_empty()) {
        let path = path_of(line);
        let shown = Escaped::path(&path);
        if path.components().any(|c| c == Component::ParentDir) {
            return Err(Failure::usage(format!(
                "the list {} has {shown}: paths keep their folders in the output, so '..' cannot be",
                Escaped::path(list)
            )));
        }
        if path.is_dir() {
            return Err(Failure::usage(format!(
                "the list {} has the folder {shown}: list files only",
                Escaped::path(list)
            )));
        }
        let under = path.components().filter(|c| matches!(c, Component::Normal(_))).collect();
        roots.push(Root { path, under, kind: RootKind::Listed });
    }
    Ok(roots)
}

fn path_of(bytes: &[u8]) -> PathBuf {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        std::ffi::OsStr::from_bytes(bytes).into()
    }
    #[cfg(not(unix))]
    String::from_utf8_lossy(bytes).into_owned().into()
}

fn globs(typed: &[String]) -> Outcome<GlobSet> {
    let wrong = |e: globset::Error| Failure::usage(format!("not a glob: {}", Escaped::text(&e.to_string())));
    let mut set = GlobSetBuilder::new();
    for glob in typed {
        set.add(GlobBuilder::new(glob.trim_end_matches('/')).literal_separator(true).build().map_err(wrong)?);
    }
    set.build().map_err(wrong)
}

/// A kind of file that holds records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One JSON object a line.
    Jsonl,
    /// Text of web pages, as WARC records.
    Wet,
    /// Web pages as they were fetched, as WARC records. They become text.
    Warc,
    /// A table with a column of texts.
    Parquet,
}

impl Kind {
    /// How its records follow one another; the rows of a table do not.
    pub fn framing(self) -> Option<Framing> {
        match self {
            Kind::Jsonl => Some(Framing::Lines),
            Kind::Wet | Kind::Warc => Some(Framing::Warc),
            Kind::Parquet => None,
        }
    }
}

/// What to do with a file, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByName {
    /// Clean it in this format.
    Clean(Format),
    /// The name says nothing: clean it as HTML if it begins like it, else as text.
    Unknown,
    /// Clean the records in it.
    Records(Kind),
    /// Copy it: cleaning it as text would damage it.
    Copy(&'static str),
}

impl ByName {
    /// What records the file holds, if it holds records.
    pub fn records(self) -> Option<Kind> {
        if let Self::Records(kind) = self { Some(kind) } else { None }
    }

    /// Looks at the extension.
    pub fn of(path: &Path) -> Self {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        match extension.as_str() {
            "md" | "markdown" | "mdown" | "mkd" => Self::Clean(Format::Markdown),
            "html" | "htm" | "xhtml" => Self::Clean(Format::Html),
            "txt" | "text" => Self::Clean(Format::Text),
            "jsonl" | "ndjson" => Self::Records(Kind::Jsonl),
            "wet" => Self::Records(Kind::Wet),
            "warc" => Self::Records(Kind::Warc),
            "parquet" => Self::Records(Kind::Parquet),
            "json" | "csv" | "tsv" | "xml" | "yaml" | "yml" | "toml" | "css" | "js" => {
                Self::Copy("structured data, no prose")
            }
            _ => Self::Unknown,
        }
    }

    /// The format to clean it in, now that its bytes are there.
    pub fn format(self, raw: &[u8]) -> Format {
        match self {
            Self::Clean(format) => format,
            Self::Unknown if is_html(raw) => Format::Html,
            Self::Unknown | Self::Records(_) | Self::Copy(_) => Format::Text,
        }
    }
}

/// Reads bytes in a format, and in an encoding where one was named.
pub fn document<'a>(raw: &'a [u8], format: Format, encoding: Option<&str>) -> dehusk::Result<Document<'a>> {
    Ok(match (encoding, format) {
        (Some(label), _) => Document::with_encoding(raw, label)?,
        (None, Format::Html) => Document::from_html(raw),
        (None, _) => Document::from_bytes(raw),
    }
    .format(format))
}

/// The format that was asked for; none where the name decides.
pub fn format(typed: FormatArg) -> Outcome<Option<ByName>> {
    match typed {
        FormatArg::Auto => Ok(None),
        FormatArg::Text => Ok(Some(ByName::Clean(Format::Text))),
        FormatArg::Markdown => Ok(Some(ByName::Clean(Format::Markdown))),
        FormatArg::Html => Ok(Some(ByName::Clean(Format::Html))),
        FormatArg::Jsonl => Ok(Some(ByName::Records(Kind::Jsonl))),
        FormatArg::Wet => Ok(Some(ByName::Records(Kind::Wet))),
        FormatArg::Warc => Ok(Some(ByName::Records(Kind::Warc))),
        FormatArg::Parquet => Ok(Some(ByName::Records(Kind::Parquet))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(glob: &[&str], exclude: &[&str]) -> Inputs {
        let own = |globs: &[&str]| globs.iter().map(|g| (*g).to_owned()).collect::<Vec<_>>();
        Inputs {
            roots: Vec::new(),
            include: globs(&own(glob)).unwrap(),
            exclude: globs(&own(exclude)).unwrap(),
            shard: None,
            backup: None,
        }
    }

    #[test]
    fn globs_match_names_and_paths() {
        let some = inputs(&["*.txt", "docs/*.md"], &["old", "**/tmp/*"]);
        let out = |path: &str, is_dir| some.leaves_out(Path::new(path), is_dir);
        assert!(!out("a/b/c.txt", false) && !out("docs/x.md", false) && !out("any", true));
        assert!(out("other/x.md", false) && out("a/old", true) && out("a/tmp/x.txt", false));
    }

    #[test]
    fn shards_are_parts() {
        let mut all = inputs(&[], &[]);
        let paths: Vec<PathBuf> = (0..200).map(|i| format!("page-{i}.txt").into()).collect();
        let mut seen = 0;
        for k in 1..=3 {
            all.shard = Some((k, 3));
            seen += paths.iter().filter(|p| all.in_shard(p)).count();
        }
        assert_eq!(seen, 200);
    }
}
