//! How a run goes, and what is shown of it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Deserialize;

use super::input::parse_size;

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
