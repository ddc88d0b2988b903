//! What is known of sites.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Deserialize;

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
