//! What is typed in. Nothing is looked up or opened here.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use dehusk::io::Fields;
use serde::Deserialize;

/// Removes site chrome from scraped text and keeps a receipt for every byte it removed.
#[derive(Debug, Parser)]
#[command(name = "dehusk", version, max_term_width = 100, subcommand_required = true, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes: 0 done · 1 check or restore found a difference · 2 usage, nothing written · 3 some inputs failed · 4 output cannot be written · 5 internal error · 11 another run writes there"
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub shown: Shown,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write cleaned copies of files, folders or standard input (-), and the report
    Clean(Box<Clean>),
    /// Show what would be removed; changes nothing
    Check(Box<Check>),
    /// Show why lines are removed or kept
    Explain(Explain),
    /// Put the originals back together from cleaned files and their report: byte for byte, Parquet value for value
    Restore(Restore),
    /// List, show or test rules
    #[command(subcommand)]
    Rules(Rules),
    /// Find the lines that a site's pages have in common, as rules to review or as a model to use
    Learn(Box<Learn>),
    /// Learn weights from pages with gold bodies
    Train(Train),
    /// Write a report in another form, several as one, or compare two
    Report(Report),
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, of a command where one is named
    Man {
        /// The command
        command: Option<String>,
    },
}

#[derive(Debug, Args)]
pub struct Train {
    /// Folders with gold.jsonl, renderings/*.jsonl (plain or as .xz) and html.tar.xz or html/*.html
    #[arg(value_name = "SET", required = true)]
    pub sets: Vec<PathBuf>,
    /// Where the weights and their card are written
    #[arg(short, long = "output", value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Learn only the weights for HTML pages, or only those for text
    #[arg(long, value_name = "PART")]
    pub only: Option<Learned>,
    /// Print figures for pages of domains that were left out while learning
    #[arg(long, value_name = "BY")]
    pub cv: Option<FoldsBy>,
    /// Write the cross-validated bodies to DIR/SET/RENDERING/ID.txt
    #[arg(long, value_name = "DIR", requires = "cv")]
    pub cv_out: Option<PathBuf>,
    /// Where the random numbers begin: the same seed gives the same weights
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Threads to use; the weights do not depend on it
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub threads: usize,
}

/// Which weights are learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Learned {
    /// Those for text
    Text,
    /// Those for HTML pages
    Html,
}

/// What keeps folds of a cross-validation apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FoldsBy {
    /// All pages of a domain are in one fold
    Domain,
}

#[derive(Debug, Args)]
pub struct Learn {
    #[command(flatten)]
    pub input: Input,
    /// Where it goes: as rules where the name ends in .toml, else as a model for --site-model
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// What to do when the file is there already: error or overwrite
    #[arg(long, value_enum, default_value = "error", value_name = "HOW")]
    pub on_conflict: OnConflict,
    #[command(flatten)]
    pub sites: SiteArgs,
    /// How many threads to use [default: one for each processor]
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Sites")]
pub struct SiteArgs {
    /// Use what an earlier `dehusk learn` wrote (repeatable: several are merged)
    #[arg(long = "site-model", value_name = "FILE")]
    pub models: Vec<PathBuf>,
    /// What makes pages one site [default: host]
    #[arg(long, value_enum, value_name = "BY")]
    pub site_by: Option<SiteBy>,
}

/// What makes pages one site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SiteBy {
    /// The host of the page's address where it is known, else the first folder of its path
    #[default]
    Host,
    /// The first folder of its path
    Dir,
    /// All pages are of one site
    None,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Display")]
pub struct Shown {
    /// Show errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Show what became of every input
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to use colours; NO_COLOR is respected
    #[arg(long, global = true, value_name = "WHEN")]
    pub color: Option<When>,
    /// Read options from this file instead of looking for dehusk.toml
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "isolated")]
    pub config: Option<PathBuf>,
    /// Read no configuration file
    #[arg(long, global = true)]
    pub isolated: bool,
}

#[derive(Debug, Args)]
pub struct Clean {
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Look at all inputs first, and take the lines that a site's pages have in common for chrome
    #[arg(long, help_heading = "Sites")]
    pub learn: bool,
    #[command(flatten)]
    pub sites: SiteArgs,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub run: Run,
}

#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    pub input: Input,
    /// Print a unified diff
    #[arg(long)]
    pub diff: bool,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Look at all inputs first, and take the lines that a site's pages have in common for chrome
    #[arg(long, help_heading = "Sites")]
    pub learn: bool,
    #[command(flatten)]
    pub sites: SiteArgs,
    #[command(flatten)]
    pub run: Run,
}

#[derive(Debug, Args)]
pub struct Explain {
    /// The file, and a line of it: page.txt or page.txt:12; of JSONL and Parquet a record, and a line of that: pages.jsonl:7:12;
    /// - is standard input
    #[arg(value_name = "FILE[:LINE]")]
    pub target: OsString,
    /// The format of the text
    #[arg(long, value_enum)]
    pub format: Option<FormatArg>,
    /// The encoding of the text, as a WHATWG label; found out by default
    #[arg(long, value_name = "LABEL")]
    pub encoding: Option<String>,
    /// Of JSONL and Parquet, the field that holds the text [default: text]
    #[arg(long, value_name = "NAME")]
    pub field: Option<String>,
    #[command(flatten)]
    pub rules: RuleArgs,
}

#[derive(Debug, Args)]
pub struct Restore {
    /// The folder or file that `clean -o` wrote
    #[arg(value_name = "OUT")]
    pub cleaned: PathBuf,
    /// Where the originals go: a folder, or a file where OUT is one
    #[arg(short, long, value_name = "PATH")]
    pub output: PathBuf,
    /// The report [default: OUT.report/removals.jsonl]
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// What to do when a file is there already
    #[arg(long, value_enum, default_value = "error", value_name = "HOW")]
    pub on_conflict: OnConflict,
}

#[derive(Debug, Args)]
pub struct Report {
    /// Report folders, as in OUT.report; several, such as those of shards, are merged
    #[arg(value_name = "REPORT", required_unless_present = "diff")]
    pub reports: Vec<PathBuf>,
    /// What to write [default: by the extension of -o, else md]
    #[arg(long, value_enum, value_name = "FORM")]
    pub to: Option<FormArg>,
    /// Compare two reports over the same inputs: what goes now, and what stays now
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"], conflicts_with = "reports")]
    pub diff: Option<Vec<PathBuf>>,
    /// Where it goes [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// What to do when the file is there already: error or overwrite
    #[arg(long, value_enum, default_value = "error", value_name = "HOW")]
    pub on_conflict: OnConflict,
}

/// A form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormArg {
    /// A page to look at, in one file
    Html,
    /// The distinct removed lines, as a sheet to review
    Csv,
    /// Totals as Markdown, for a pull request
    Md,
    /// Totals as JSON
    Json,
    /// Dolma attributes: spans in code points, one line a document
    Dolma,
}

#[derive(Debug, Args)]
pub struct NewRuleArgs {
    /// A line that should have stayed
    #[arg(
        long,
        value_name = "TEXT",
        required_unless_present = "remove",
        conflicts_with = "remove",
        allow_hyphen_values = true
    )]
    pub keep: Option<String>,
    /// A line that should have gone
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub remove: Option<String>,
    /// The pack to write to; made when it is not there
    #[arg(short = 'r', long = "rules", value_name = "FILE")]
    pub pack: PathBuf,
    /// What the line is [default: what removes it now, else unclassified]
    #[arg(long, value_name = "CATEGORY")]
    pub category: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Rules {
    /// List all rules with what they remove
    List {
        #[command(flatten)]
        rules: RuleArgs,
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Show one rule: what it matches, and why
    Show {
        /// The rule, as in reports: cookie-consent/accept-all
        id: String,
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// Write a rule, with its tests, from a line that should have stayed or gone
    New(NewRuleArgs),
    /// Check a pack: its form, and that its examples come out as it says
    Test {
        /// The packs
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub struct Input {
    /// Files and folders; - is standard input
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Read further paths from this file, one a line; - is standard input
    #[arg(long, value_name = "FILE")]
    pub files_from: Option<PathBuf>,
    /// Of folders, take only files that match (repeatable), as in -g '*.txt'
    #[arg(short, long, value_name = "GLOB")]
    pub glob: Vec<String>,
    /// Of folders, leave out files and folders that match (repeatable)
    #[arg(short = 'E', long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// The format of the text [default: auto, by the file's name]
    #[arg(long, value_enum)]
    pub format: Option<FormatArg>,
    /// The encoding of the text, as a WHATWG label; found out by default
    #[arg(long, value_name = "LABEL")]
    pub encoding: Option<String>,
    /// Of JSONL and Parquet, the field that holds the text [default: text]
    #[arg(long, value_name = "NAME")]
    pub field: Option<String>,
    /// Of JSONL and Parquet, the field that holds the page's address, for rules of single sites [default: url]
    #[arg(long, value_name = "NAME")]
    pub url_field: Option<String>,
    /// Pass documents through whole that are larger than this [default: 64M]
    #[arg(long, value_name = "SIZE", value_parser = parse_record_size)]
    pub max_record: Option<u64>,
    /// Give a compressed file up that expands more than N times, once it is past 256 MiB [default: 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_expand: Option<u64>,
    /// Take only the K-th of N equal parts of the inputs, chosen by their paths
    #[arg(long, value_name = "K/N", value_parser = parse_shard)]
    pub shard: Option<(u64, u64)>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// Where the cleaned copies go: a folder, or a file for a single input
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

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Rules")]
pub struct RuleArgs {
    /// How much to remove [default: balanced]
    #[arg(long, value_enum)]
    pub level: Option<LevelArg>,
    /// Add a rule pack (repeatable)
    #[arg(short = 'r', long = "rules", value_name = "FILE")]
    pub packs: Vec<PathBuf>,
    /// Remove only this category or rule (repeatable)
    #[arg(long, value_name = "CATEGORY|RULE", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Never remove this category, keep what this rule finds (repeatable)
    #[arg(long, value_name = "CATEGORY|RULE", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Use no built-in rules
    #[arg(long)]
    pub no_default_rules: bool,
    /// Use the weights in this folder, as `dehusk train -o` wrote them, instead of the built-in ones
    #[arg(long, value_name = "FOLDER", conflicts_with = "no_model")]
    pub weights: Option<PathBuf>,
    /// Use no learned weights
    #[arg(long)]
    pub no_model: bool,
    /// Where the text came from [default: each document tells]
    #[arg(long, value_enum, value_name = "KIND")]
    pub input_kind: Option<KindArg>,
    /// Pass a document through whole that would lose more than this percentage of its words
    #[arg(long, value_name = "PCT", value_parser = parse_percent)]
    pub max_removed: Option<f32>,
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

#[derive(Debug, Args)]
#[command(next_help_heading = "Run")]
pub struct Run {
    /// How many threads to use [default: one for each processor]
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Memory for the documents in work, about; one that is larger is in work alone [default: 256M]
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub memory: Option<u64>,
    /// Stop at the first input that fails
    #[arg(long)]
    pub fail_fast: bool,
    /// Print the summary as JSON on standard output
    #[arg(long)]
    pub json: bool,
    /// When to show progress [default: auto]
    #[arg(long, value_enum, value_name = "WHEN")]
    pub progress: Option<When>,
}

impl Explain {
    /// The fields of JSONL and Parquet.
    pub fn fields(&self) -> Fields {
        Fields { text: self.field.clone().unwrap_or(Fields::default().text), ..Fields::default() }
    }
}

impl Input {
    /// The fields of JSONL and Parquet.
    pub fn fields(&self) -> Fields {
        let Fields { text, url, id } = Fields::default();
        Fields { text: self.field.clone().unwrap_or(text), url: self.url_field.clone().unwrap_or(url), id }
    }
}

/// When to do something that depends on the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
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

/// The format of inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FormatArg {
    /// By the file's name; what is no text is copied as it is
    #[default]
    Auto,
    /// Plain text
    Text,
    /// Markdown
    Markdown,
    /// HTML
    Html,
    /// One JSON object a line, with the text in a field of it
    Jsonl,
    /// A table with a column of texts
    Parquet,
    /// Text of web pages as WARC records, as Common Crawl's WET files have it
    Wet,
    /// Web pages as WARC records; they become a WET file
    Warc,
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

/// How much to remove.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LevelArg {
    /// Only what is certain
    Gentle,
    /// A clean body that keeps the article whole
    #[default]
    Balanced,
    /// A clean body over a complete one: bylines go too
    Strict,
}

/// Where text came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KindArg {
    /// Whole pages, with menus and footers
    Page,
    /// Text that an extractor has been over already
    Extracted,
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

fn parse_shard(text: &str) -> Result<(u64, u64), String> {
    let parts = text.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
    parts
        .filter(|(k, n)| (1..=*n).contains(k))
        .ok_or_else(|| "write it as K/N with K from 1 to N, as in 2/8".to_owned())
}

/// A size in bytes, or in KiB, MiB or GiB with K, M or G behind it.
fn parse_size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => Some(0),
        "k" | "kib" => Some(10),
        "m" | "mib" => Some(20),
        "g" | "gib" => Some(30),
        _ => None,
    };
    let number: Option<u64> = digits.parse().ok().filter(|n| *n > 0);
    number
        .zip(shift)
        .and_then(|(n, shift)| n.checked_mul(1 << shift))
        .ok_or_else(|| "write a size as 500K, 64M or 2G".to_owned())
}

/// A size that a document may have.
fn parse_record_size(text: &str) -> Result<u64, String> {
    let most = dehusk::MAX_DOCUMENT as u64;
    parse_size(text).and_then(|n| if n <= most { Ok(n) } else { Err("no document over 1G is cleaned".to_owned()) })
}

fn parse_percent(text: &str) -> Result<f32, String> {
    let number = text.trim_end_matches('%').trim().parse().ok();
    number.filter(|n| (0.0..=100.0).contains(n)).ok_or_else(|| "write a percentage from 0 to 100".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn shards_and_percentages() {
        assert_eq!(parse_shard("2/8"), Ok((2, 8)));
        assert!(["0/8", "9/8", "8", "a/b", "1/0"].iter().all(|s| parse_shard(s).is_err()));
        assert_eq!(parse_percent("40%"), Ok(40.0));
        assert_eq!(["7", "500K", "64M", "2GiB"].map(|s| parse_size(s).unwrap()), [7, 500 << 10, 64 << 20, 2 << 30]);
        assert!(["", "M", "-1M", "1.5G", "1T", "0", "99999999999G"].iter().all(|s| parse_size(s).is_err()));
        assert!(parse_record_size("1G").is_ok() && parse_record_size("2G").is_err());
        assert!(["-1", "101", "NaN", "x"].iter().all(|s| parse_percent(s).is_err()));
    }
}
