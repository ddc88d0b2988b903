//! The packs that come with the library.

use super::pack::Pack;
use crate::error::Result;

/// Name and source of every file in `patterns/`, listed by the build script.
const SOURCES: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/packs.rs"));

/// All built-in packs.
pub(crate) fn packs() -> Result<Vec<Pack>> {
    SOURCES.iter().map(|(name, source)| Pack::parse(name, source)).collect()
}
