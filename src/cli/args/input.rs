//! What is read, and how.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use dehusk::io::Fields;
use serde::Deserialize;

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

impl Input {
    /// The fields of JSONL and Parquet.
    pub fn fields(&self) -> Fields {
        let Fields { text, url, id } = Fields::default();
        Fields { text: self.field.clone().unwrap_or(text), url: self.url_field.clone().unwrap_or(url), id }
    }
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

pub(super) fn parse_shard(text: &str) -> Result<(u64, u64), String> {
    let parts = text.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
    parts
        .filter(|(k, n)| (1..=*n).contains(k))
        .ok_or_else(|| "write it as K/N with K from 1 to N, as in 2/8".to_owned())
}

/// A size in bytes, or in KiB, MiB or GiB with K, M or G behind it.
pub(super) fn parse_size(text: &str) -> Result<u64, String> {
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
pub(super) fn parse_record_size(text: &str) -> Result<u64, String> {
    let most = dehusk::MAX_DOCUMENT as u64;
    parse_size(text).and_then(|n| if n <= most { Ok(n) } else { Err("no document over 1G is cleaned".to_owned()) })
}
