//! Removes site chrome from scraped text and keeps a receipt for every byte it removed.
//!
//! Scraped text carries the site around the article: cookie banners, menus, share bars, subscribe prompts, photo credits,
//! related links, comment counters, author biographies, legal footers. dehusk takes plain text, whose HTML is often gone,
//! and gives back the article, with category, rule, probability and reason for each removed span.
//!
//! ```
//! let cleaner = dehusk::Cleaner::new();
//! let text = "Skip to content\n\nThe ferry left at noon, and nobody on the pier waved.\n\nSubscribe to our newsletter\n";
//! let page = cleaner.clean(text);
//! assert_eq!(page.body(), "The ferry left at noon, and nobody on the pier waved.\n");
//! for removal in page.removals() {
//!     println!("{:?} {} {:?}", removal.span(), removal.category(), removal.why());
//! }
//! assert_eq!(page.restore(), text);
//! ```
//!
//! # One idea: mark, never delete
//!
//! A document is decoded, cut into blocks, scanned by rules, weighed by a learned model, and decided over; each stage is a
//! pure function that marks. Only rendering leaves anything out, and it reads verdicts that each name a cause. So the
//! report and the body cannot disagree:
//!
//! - kept and removed spans are sorted, disjoint, and tile the input;
//! - [`restore`] puts body and removed pieces together again, byte for byte;
//! - the body is nothing but kept spans of the input: nothing is invented, reordered or normalised;
//! - the outcome is the same on every machine, run and number of threads.
//!
//! Cleaning what was cleaned already may remove a little more: what is left is judged by its new surroundings. Rules that
//! are certain remove the same either way.
//!
//! # Main types
//!
//! - [`Cleaner`] and [`CleanerBuilder`]: rules, level and options, compiled. Cheap to share between threads.
//! - [`Document`]: bytes in any encoding, with a text view. `&str` and `&[u8]` convert into it.
//! - [`Cleaned`]: body, [`Removal`]s, [`Status`].
//! - [`Pack`]: rules of your own. The built-in ones are in `patterns/`, as data that people read.
//! - [`Level`] and [`Category`]: how much goes, and what.
//!
//! Offsets are bytes of the raw input and half-open unless a name says otherwise.
//!
//! # Untrusted input
//!
//! Pages come from strangers. Any bytes end in a body, or in the input passed through whole with a reason: nothing panics,
//! recursion does not depend on the input, time is linear in its size, and regular expressions are of a kind that cannot
//! run away. A document over [`MAX_DOCUMENT`] bytes passes through. Packs may come from strangers too: they are limited in
//! size and cannot name files, commands or addresses.
//!
//! **The body is still untrusted text.** dehusk removes chrome; it does not sanitize. Escape the body wherever you show it.
//!
//! # Features
//!
//! - `cli` (default): the `dehusk` command. Takes in `io`, `parallel` and `train`.
//! - `parallel` (default): [`batch`], many documents on several threads, which end with the call.
//! - `io`: files, reports and restoring from them.
//! - `parquet`: Parquet files among them; the command has it.
//! - `train`: learning weights from pages with gold bodies.
//!
//! With `default-features = false` the library has no threads, no file system, no clock and no environment.
#![forbid(unsafe_code)]

// The command uses the library as anybody else would.
#[cfg(feature = "cli")]
extern crate self as dehusk;

#[cfg(feature = "parallel")]
pub mod batch;
mod cleaned;
mod cleaner;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
mod document;
mod error;
mod evidence;
mod explain;
mod html;
#[cfg(feature = "io")]
pub mod io;
mod model;
mod render;
mod report;
mod rules;
mod scan;
mod segment;
mod site;
#[cfg(feature = "_stages")]
#[doc(hidden)]
pub mod stages;
#[cfg(feature = "train")]
#[doc(hidden)]
pub mod train;
mod verdict;

pub use cleaned::Cleaned;
pub use cleaner::{Cleaner, CleanerBuilder, MAX_DOCUMENT};
pub use document::{Document, Format, InputKind, host_of};
pub use error::{Error, ErrorKind, Result};
pub use explain::{ExplainedBlock, Explanation, RuleHit};
pub use html::Metadata;
pub use model::{HtmlModel, Model};
pub use report::{Look, Place, Removal, Report, Status, Why, restore};
pub use rules::{
    Category, Covers, Finding, Level, MAX_PACK_BYTES, MAX_PACK_RULES, Pack, Removes, RuleEntry, RuleId, RuleView,
    Strength, Where, check_packs,
};
pub use site::{Observation, SiteModel};
