//! Rule packs: what they look like, whether they are sound, and how they are made ready for scanning.

pub(crate) mod builtin;
mod category;
mod check;
pub(crate) mod compile;
pub(crate) mod compiled;
mod guard;
mod keys;
pub(crate) mod literal;
pub(crate) mod literals;
pub(crate) mod lookup;
mod pack;
mod starts;

pub use category::{Category, Level};
pub use check::{Finding, check_packs};
pub(crate) use compile::{RuleSet, Use};
pub use pack::{Covers, MAX_PACK_BYTES, MAX_PACK_RULES, Pack, Removes, RuleEntry, RuleId, RuleView, Strength, Where};
