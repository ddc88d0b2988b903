//! What was removed, and why.

mod restore;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

pub use restore::restore;

use crate::document::InputKind;
use crate::rules::{Category, RuleId};

/// How cleaning a document ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// Something was removed.
    Cleaned,
    /// Nothing was removed.
    Unchanged,
    /// All text was removed, each piece by a rule that is certain: the page held nothing but chrome.
    Emptied,
    /// So much would have gone that the document was passed through whole; look at it.
    Suspicious,
    /// The document was not cleaned but passed through whole, for a stated reason.
    PassedThrough,
}

impl Status {
    /// All states, in the order of summaries.
    pub const ALL: [Status; 5] =
        [Status::Cleaned, Status::Unchanged, Status::Emptied, Status::Suspicious, Status::PassedThrough];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Status::Cleaned => "cleaned",
            Status::Unchanged => "unchanged",
            Status::Emptied => "emptied",
            Status::Suspicious => "suspicious",
            Status::PassedThrough => "passed_through",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One piece of evidence for a removal. `Display` says it in words a person understands.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Why {
    /// A phrase or pattern of the named rule stood there, in these words.
    Matched(Box<str>),
    /// It stands under a heading that governs what follows.
    Under(Box<str>),
    /// It is one of so many neighbouring lines that look alike.
    Run {
        /// Lines in the run.
        lines: u32,
        /// What they look like.
        look: Look,
    },
    /// So many equal lines are on the page.
    Repeated(u32),
    /// It is part of a thread of comments or reviews, which goes in one piece.
    Thread,
    /// The same stands above, word for word, and stays; it begins so.
    Copy(Box<str>),
    /// It stands on so many pages of the site.
    OnPages {
        /// Pages that it stands on.
        pages: u32,
        /// Pages of the site that were compared.
        of: u32,
    },
    /// Its words, and those around it, are typical of chrome.
    Words,
    /// It is outside of the page's main run of text.
    OutsideMainText,
    /// Its place on the page.
    Place(Place),
    /// It stands between removed blocks.
    Between,
    /// White space that the removal would leave doubled.
    Space,
}

/// What a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Look {
    /// A few words without an end of sentence.
    Label,
    /// A line as long as a headline, without an end of sentence.
    Headline,
    /// A sentence or two.
    Sentence,
    /// A paragraph.
    Paragraph,
    /// An item of a list.
    Item,
    /// Numbers and dates mostly.
    Figures,
}

impl Look {
    /// What to call it in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Look::Label => "short label",
            Look::Headline => "headline-like line",
            Look::Sentence => "sentence",
            Look::Paragraph => "paragraph",
            Look::Item => "list item",
            Look::Figures => "line of figures",
        }
    }
}

/// A place on the page, relative to its main prose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// Before the first paragraph of the main text.
    BeforeBody,
    /// Among the paragraphs of the main text.
    WithinBody,
    /// After the last paragraph of the main text.
    AfterBody,
    /// The page has no main text to be seen.
    NoBody,
}

impl Place {
    /// What to call it in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Place::BeforeBody => "before the first paragraph of the text",
            Place::WithinBody => "among the paragraphs of the text",
            Place::AfterBody => "after the last paragraph of the text",
            Place::NoBody => "on a page without running text",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Matched(text) => write!(f, "matched {text:?}"),
            Why::Under(heading) => write!(f, "under the heading {heading:?}"),
            Why::Run { lines: 1, look } => write!(f, "a {}", look.name()),
            Why::Run { lines, look } => write!(f, "a {} in a run of {lines} like it", look.name()),
            Why::Repeated(copies) => write!(f, "{copies} times on the page"),
            Why::OnPages { pages, of } => write!(f, "on {pages} of {of} pages of the site"),
            Why::Thread => f.write_str("in a thread that goes in one piece"),
            Why::Copy(text) => write!(f, "the same stays above, from {text:?} on"),
            Why::Words => f.write_str("words typical of site chrome, here and around it"),
            Why::OutsideMainText => f.write_str("outside the main run of text"),
            Why::Place(place) => f.write_str(place.name()),
            Why::Between => f.write_str("between removed lines"),
            Why::Space => f.write_str("white space left over"),
        }
    }
}

/// One removed piece of the input.
#[derive(Clone, Debug)]
pub struct Removal {
    pub(crate) span: Range<usize>,
    pub(crate) view: Range<usize>,
    pub(crate) category: Category,
    pub(crate) rule: Option<RuleId>,
    pub(crate) probability: f32,
    pub(crate) why: Vec<Why>,
}

impl Removal {
    /// Where it was: bytes of the raw input, half-open. Of an HTML page it includes the tags in between; it is empty for line
    /// breaks that tags made, and not in order where an article was read from the page's data.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Where it was in [`Document::text`](crate::Document::text): bytes, half-open. Equal to [`span`](Self::span) for UTF-8.
    pub fn view_span(&self) -> Range<usize> {
        self.view.clone()
    }

    /// What it was.
    pub fn category(&self) -> Category {
        self.category
    }

    /// The rule that removed it; `None` when the page's shape and the learned weights did.
    pub fn rule(&self) -> Option<&RuleId> {
        self.rule.as_ref()
    }

    /// How likely it is to be chrome, 0 to 1.
    pub fn probability(&self) -> f32 {
        self.probability
    }

    /// The evidence, the leading piece first.
    pub fn why(&self) -> &[Why] {
        &self.why
    }
}

/// How cleaning one document went.
#[derive(Clone, Debug)]
pub struct Report {
    pub(crate) status: Status,
    pub(crate) reason: Option<Cow<'static, str>>,
    pub(crate) input_kind: InputKind,
    pub(crate) words: [u32; 2],
    pub(crate) expected_loss: Option<f32>,
    pub(crate) removals: Vec<Removal>,
    /// What would have been removed from a suspicious document.
    pub(crate) withheld: Vec<Removal>,
    pub(crate) internal_error: bool,
}

impl Report {
    /// How it ended.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Why the document was passed through, when it was.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Whether a mistake in dehusk itself kept the document from being cleaned.
    pub fn is_internal_error(&self) -> bool {
        self.internal_error
    }

    /// Whether it was taken for a whole page or for extracted text.
    pub fn input_kind(&self) -> InputKind {
        self.input_kind
    }

    /// Words of the document before and after: words and numbers, and a word for every two characters of scripts without
    /// spaces. Both are 0 for a document that was not read.
    ///
    /// ```
    /// let page = dehusk::Cleaner::new().clean("Subscribe to our newsletter\n\nThe ferry left at noon, and nobody waved.\n");
    /// assert_eq!(page.report().words(), [12, 8]);
    /// ```
    pub fn words(&self) -> [u32; 2] {
        self.words
    }

    /// The share of the document's text, 0 to 1, that is expected to be among what was removed (or withheld, of a suspicious
    /// document): the sum of how likely each word is to be text, over those that went, divided by that over all. Over many
    /// documents it is what is lost (docs/accuracy.md), so that the highest are those to look at. `None` where no learned
    /// weights spoke.
    ///
    /// ```
    /// let page = dehusk::Cleaner::new().clean("Subscribe to our newsletter\n\nThe ferry left at noon, and nobody waved.\n");
    /// assert!(page.report().expected_loss().is_some_and(|loss| loss < 0.1));
    /// ```
    pub fn expected_loss(&self) -> Option<f32> {
        self.expected_loss
    }

    /// What was removed: sorted, disjoint, non-empty.
    pub fn removals(&self) -> &[Removal] {
        &self.removals
    }

    /// What would have been removed from a document that was passed through as suspicious.
    pub fn withheld(&self) -> &[Removal] {
        &self.withheld
    }
}
