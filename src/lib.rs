//! dehusk
#![forbid(unsafe_code)]
#[cfg(feature = "parallel")]
pub mod batch;
mod cleaner;
mod document;
mod error;
mod evidence;
mod explain;
mod html;
#[cfg(feature = "io")]
pub mod io;
mod render;
mod report;
mod rules;
mod scan;
mod segment;
mod verdict;

pub use cleaner::{Cleaned, Cleaner, CleanerBuilder, MAX_DOCUMENT};
pub use document::{Document, Format, InputKind};
pub use error::{Error, ErrorKind, Result};
pub use explain::{ExplainedBlock, Explanation, RuleHit};
pub use html::Metadata;
pub use report::{Look, Place, Removal, Report, Status, Why, restore};
pub use rules::{
    Category, Covers, Finding, Level, MAX_PACK_BYTES, MAX_PACK_RULES, Pack, Removes, RuleEntry, RuleId, RuleView,
    Strength, Where, check_packs,
};
