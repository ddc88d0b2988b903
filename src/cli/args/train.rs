//! What learning weights takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub struct Train {
    /// Folders with gold.jsonl, renderings/*.jsonl (plain or as .xz) and html.tar.xz or html/*.html
    #[arg(value_name = "SET", required = true)]
    pub sets: Vec<PathBuf>,
    /// Where the weights and their card are written
    #[arg(short, long = "output", value_name = "DIR", value_parser = super::by_name())]
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
