//! How an input ended.

use serde::{Deserialize, Serialize};

use crate::report::Status;

/// How an input ended. Every input ends in exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ending {
    /// Something was removed.
    Cleaned,
    /// Nothing was removed.
    Unchanged,
    /// Everything was removed: the page held nothing but chrome.
    Emptied,
    /// Passed through whole, because too much would have gone.
    Suspicious,
    /// Passed through whole for another reason.
    PassedThrough,
    /// No text that can be cleaned; copied as it is.
    Copied,
    /// Left out, with a reason.
    Skipped,
    /// Could not be read or written.
    Failed,
}

impl Ending {
    /// All endings in the order of summaries.
    pub const ALL: [Ending; 8] = [
        Ending::Cleaned,
        Ending::Unchanged,
        Ending::Emptied,
        Ending::Suspicious,
        Ending::PassedThrough,
        Ending::Copied,
        Ending::Skipped,
        Ending::Failed,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Ending::Cleaned => "cleaned",
            Ending::Unchanged => "unchanged",
            Ending::Emptied => "emptied",
            Ending::Suspicious => "suspicious",
            Ending::PassedThrough => "passed_through",
            Ending::Copied => "copied",
            Ending::Skipped => "skipped",
            Ending::Failed => "failed",
        }
    }

    /// Whether there is an output.
    pub fn has_output(self) -> bool {
        !matches!(self, Ending::Skipped | Ending::Failed)
    }
}

impl From<Status> for Ending {
    fn from(status: Status) -> Self {
        match status {
            Status::Cleaned => Ending::Cleaned,
            Status::Unchanged => Ending::Unchanged,
            Status::Emptied => Ending::Emptied,
            Status::Suspicious => Ending::Suspicious,
            Status::PassedThrough => Ending::PassedThrough,
        }
    }
}
