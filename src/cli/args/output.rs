//! What is written, and what is told of it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Deserialize;

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// Where the cleaned copies go: a folder, or a file for a single input; - is standard output
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// What HTML pages become: 0001.html is written as 0001.txt or 0001.md [default: text]
    #[arg(long, value_enum, value_name = "FORM")]
    pub to: Option<ToArg>,
    /// Of Parquet, add a column of what was removed from each row [default name: dehusk_removed]
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "dehusk_removed")]
    #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub removed_column: Option<String>,
    /// Replace the inputs by their cleaned copies; HTML pages are left out
    #[arg(long, conflicts_with = "output")]
    pub in_place: bool,
    /// With --in-place, keep each original under its name with this suffix
    #[arg(long, value_name = "SUFFIX", requires = "in_place")]
    pub backup: Option<OsString>,
    /// What to do when the output is there already [default: error]
    #[arg(long, value_enum, value_name = "HOW")]
    pub on_conflict: Option<OnConflict>,
    /// Go on with a run of the same command that was stopped; what its journal vouches for is not done again
    #[arg(long, conflicts_with_all = ["in_place", "dry_run"])]
    pub resume: bool,
    /// What finished files outlive [default: kill]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub durability: Option<Durability>,
    /// Write nothing; show the summary
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// What HTML pages become; those in web archives become records of text, unless it is said that they become lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToArg {
    /// Text as a browser would lay it out
    #[default]
    Text,
    /// Headings, lists, links, emphasis, code, tables and quotes as Markdown
    Markdown,
    /// Of web archives a line of JSON for each page, with id, url, date and text; other pages become text
    Jsonl,
}

/// What to do about a file that is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnConflict {
    /// Stop before any work
    #[default]
    Error,
    /// Leave it and skip the input
    Skip,
    /// Replace it
    Overwrite,
}

/// What finished files outlive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Durability {
    /// The end of the process, however it comes
    #[default]
    Kill,
    /// A loss of power too: every file is flushed to the disk
    Power,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Report")]
pub struct ReportArgs {
    /// Write a report here too, of the kind that the extension says: .jsonl, .json, .csv, .html or .md (repeatable)
    #[arg(long, value_name = "PATH")]
    pub report: Vec<PathBuf>,
    /// How much of the removed text the report holds; restoring needs all of it [default: full]
    #[arg(long, value_enum, value_name = "HOW")]
    pub report_text: Option<TextArg>,
    /// Write no OUT.report folder
    #[arg(long)]
    pub no_report: bool,
}

/// How much removed text a report holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextArg {
    /// All of it
    #[default]
    Full,
    /// The beginning of each piece
    Snippet,
    /// None
    None,
}
