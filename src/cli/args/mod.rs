//! What is typed in. Nothing is looked up or opened here.

mod input;
mod output;
mod rules;
mod run;
mod sites;
mod train;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use dehusk::io::Fields;

pub use input::{FormatArg, Input};
pub use output::{Durability, OnConflict, Output, ReportArgs, TextArg, ToArg};
pub use rules::{KindArg, LevelArg, RuleArgs};
pub use run::{Run, Shown, When};
pub use sites::{SiteArgs, SiteBy};
pub use train::{Learned, Train};

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

/// A file or folder that has a name: not standard output, which a dash is elsewhere.
fn by_name() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match path.as_os_str() != "-" {
        true => Ok(path),
        false => Err("it cannot go to standard output: give a name"),
    })
}

#[derive(Debug, Args)]
pub struct Learn {
    #[command(flatten)]
    pub input: Input,
    /// Where it goes: as rules where the name ends in .toml, else as a model for --site-model
    #[arg(short, long, value_name = "FILE", value_parser = by_name())]
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
    #[arg(short, long, value_name = "PATH", value_parser = by_name())]
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

impl Explain {
    /// The fields of JSONL and Parquet.
    pub fn fields(&self) -> Fields {
        Fields { text: self.field.clone().unwrap_or(Fields::default().text), ..Fields::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::input::{parse_record_size, parse_shard, parse_size};
    use super::rules::parse_percent;
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
