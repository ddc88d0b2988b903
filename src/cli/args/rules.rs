//! What decides what goes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Deserialize;

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
    /// Pass a document through whole of whose text more than this percentage is expected to be lost [default: 100]
    #[arg(long, value_name = "PCT", value_parser = parse_percent)]
    pub max_loss: Option<f32>,
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

pub(super) fn parse_percent(text: &str) -> Result<f32, String> {
    let number = text.trim_end_matches('%').trim().parse().ok();
    number.filter(|n| (0.0..=100.0).contains(n)).ok_or_else(|| "write a percentage from 0 to 100".to_owned())
}
