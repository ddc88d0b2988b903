//! Weights of the user's own: a folder that `dehusk train -o` wrote.

use std::io;
use std::path::{Path, PathBuf};

use dehusk::io::{Escaped, Input};
use dehusk::{CleanerBuilder, HtmlModel, Model, Result};

use super::args::RuleArgs;
use super::exit::{Failure, Outcome};

/// The largest file of weights that is read: a hundred times the built-in ones.
const MAX_WEIGHTS: u64 = 100 << 20;

/// The files of weights that are used instead of the built-in ones.
pub fn files(typed: &RuleArgs) -> Vec<PathBuf> {
    let folder = typed.weights.iter();
    folder
        .flat_map(|folder| [Model::FILE, HtmlModel::FILE].map(|file| folder.join(file)))
        .filter(|f| f.exists())
        .collect()
}

/// A cleaner with the weights that the options name. Where the folder has none for text, or none for HTML pages, the
/// built-in ones are used for those.
pub fn read(typed: &RuleArgs, mut builder: CleanerBuilder) -> Outcome<CleanerBuilder> {
    let Some(folder) = &typed.weights else { return Ok(builder) };
    let files = files(typed);
    if files.is_empty() {
        return Err(Failure::usage(format!(
            "no weights in {}: there is neither {} nor {}, which dehusk train -o writes. Nothing was written",
            Escaped::path(folder),
            Model::FILE,
            HtmlModel::FILE
        )));
    }
    for file in files {
        builder = if file.ends_with(Model::FILE) {
            builder.weights(parsed(&file, Model::from_bytes)?)
        } else {
            builder.html_weights(parsed(&file, HtmlModel::from_bytes)?)
        };
    }
    Ok(builder)
}

fn parsed<T>(path: &Path, parse: impl Fn(&[u8]) -> Result<T>) -> Outcome<T> {
    let wrong = |why: String| {
        Failure::usage(format!("cannot use the weights {}: {why}. Nothing was written", Escaped::path(path)))
    };
    let bytes = Input::open(path, true).and_then(|mut file| {
        if file.len() > MAX_WEIGHTS { Err(io::Error::other("they are larger than 100 MiB")) } else { file.read() }
    });
    parse(&bytes.map_err(|e| wrong(e.to_string()))?).map_err(|e| wrong(e.to_string()))
}
