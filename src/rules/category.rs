//! The closed list of what can be removed, and from which level on.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

/// How much to remove. The levels are points on one curve: each removes what the one before it does, but for pages that
/// would lose too much and pass through whole, and now and then a title line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Level {
    /// Only what is certain, by a rule or by learned evidence: for precious text, or text that an extractor has been over
    /// already.
    Gentle,
    /// A clean body that keeps the article whole. This is the default.
    #[default]
    Balanced,
    /// Prefers a clean body over a complete one: bylines go too.
    Strict,
}

impl Level {
    /// All levels, gentlest first.
    pub const ALL: [Level; 3] = [Level::Gentle, Level::Balanced, Level::Strict];

    /// The name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Level::Gentle => "gentle",
            Level::Balanced => "balanced",
            Level::Strict => "strict",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Level {
    type Err = Error;

    fn from_str(s: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|l| l.name() == s)
            .ok_or_else(|| Error::new(ErrorKind::Config, format!("no level {s:?}: use gentle, balanced or strict")))
    }
}

macro_rules! categories {
    ($($variant:ident, $id:literal, $level:ident, $what:literal;)*) => {
        /// What a removed piece of text was.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Category {
            $(#[doc = $what] $variant,)*
        }

        impl Category {
            /// All categories, in the order of the documentation.
            pub const ALL: &'static [Category] = &[$(Category::$variant,)*];

            /// The id used in packs, options and reports.
            pub fn id(self) -> &'static str {
                match self { $(Category::$variant => $id,)* }
            }

            /// What belongs here, in a few words.
            pub fn what(self) -> &'static str {
                match self { $(Category::$variant => $what,)* }
            }

            /// The gentlest level that removes it.
            pub fn removed_at(self) -> Level {
                match self { $(Category::$variant => Level::$level,)* }
            }
        }
    };
}

categories! {
    CookieConsent, "cookie-consent", Gentle, "cookie and privacy banners, consent dialogs and their buttons";
    NewsletterSignup, "newsletter-signup", Gentle, "subscribe prompts, sign-up forms and their success or error messages";
    Navigation, "navigation", Gentle, "menus, breadcrumbs, skip links, pagination, site search, language pickers";
    SocialShare, "social-share", Gentle, "share bars, \"follow us\", hashtag bars";
    Advertisement, "advertisement", Gentle, "ads, sponsored blocks, affiliate disclosures";
    AppNotice, "app-notice", Gentle, "\"enable JavaScript\", unsupported browser, get the app";
    AiTools, "ai-tools", Gentle, "\"Summarize with…\", \"Open in ChatGPT\", copy-for-AI bars";
    Comments, "comments", Balanced, "comment forms, counts, threads and their moderation rules";
    Engagement, "engagement", Balanced, "view, like, share and read-time counters, ratings";
    RelatedLinks, "related-links", Balanced, "read more, continue reading, recent or recommended stories, teasers";
    AuthorBio, "author-bio", Balanced, "about the author, profile blurbs";
    PhotoCredit, "photo-credit", Balanced, "photo credits and agency captions";
    Attribution, "attribution", Balanced, "\"published by\", \"first appeared on\", syndication and copyright-by lines inside articles";
    LegalNotice, "legal-notice", Balanced, "copyright footers, terms, disclaimers, imprint";
    Paywall, "paywall", Balanced, "log-in and subscription walls, \"already a member?\"";
    Commerce, "commerce", Balanced, "add to cart, price widgets, shipping notes around an article";
    Contact, "contact", Balanced, "address, phone and opening-hours footers";
    Tags, "tags", Balanced, "topic and tag lists";
    Template, "template", Balanced, "text repeated over the site's pages";
    Byline, "byline", Strict, "author and date lines";
    Unclassified, "unclassified", Balanced, "chrome by its context, of no named kind";
    Duplicate, "duplicate", Balanced, "a second copy of text that stays";
    Reviews, "reviews", Balanced, "what customers write below what a page sells";
}

impl Category {
    /// Position in [`Category::ALL`]: a small index for tables.
    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Category {
    type Err = Error;

    fn from_str(s: &str) -> Result<Self, Error> {
        Self::ALL.iter().copied().find(|c| c.id() == s).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|c| c.id()).collect();
            Error::new(ErrorKind::Config, format!("no category {s:?}: the categories are {}", known.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_is_the_position_and_ids_are_unique() {
        for (i, c) in Category::ALL.iter().enumerate() {
            assert_eq!(c.index(), i);
            assert_eq!(c.id().parse::<Category>().unwrap(), *c);
        }
    }
}
