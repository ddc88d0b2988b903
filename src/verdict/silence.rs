//! What keeps a rule from firing where it matched.
//!
//! Rules of all languages are in use on every page. Words that title a menu in one language head a section of an article in
//! another: a rule for Spanish knows "Director", one for Italian "Media", one for Czech "Reference". English is what most
//! of them collide with, and what a page is told to be in most surely.

use super::Page;
use crate::scan::Hit;

/// So many words in a row are of one language only.
const FOREIGN_WORDS: usize = 3;

/// Why a rule that matched does not fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    /// It may not fire at this place of the page.
    Place,
    /// It is for another language than the page, which is in English, and what it matched may be English too.
    Language,
}

impl Page<'_> {
    /// What keeps a hit in block `i` from firing, if anything does.
    pub fn silence(&self, i: usize, hit: &Hit) -> Option<Silence> {
        let rule = self.rules.rule(hit.rule);
        if !self.layout.allows(rule.place, i) {
            return Some(Silence::Place);
        }
        let foreign = self.english && rule.foreign && !rule.allow && self.may_be_english(i, hit);
        foreign.then_some(Silence::Language)
    }

    /// Whether what a hit matched may be English: a word or two without a letter that English lacks.
    fn may_be_english(&self, i: usize, hit: &Hit) -> bool {
        let matched = &self.view[hit.span.start as usize..hit.span.end as usize];
        let words = self.blocks.words(&self.blocks.blocks[i]);
        let within = words.iter().filter(|w| hit.span.start <= w.start && w.end <= hit.span.end);
        within.count() < FOREIGN_WORDS && !matched.chars().any(|c| c.is_alphabetic() && !c.is_ascii())
    }
}

#[cfg(test)]
mod tests {
    use crate::{Category, Cleaner, Document};

    const ENGLISH: &str =
        "The mill at the end of the lane has ground barley and oats since the year of the great flood.";
    const SPANISH: &str = "El molino al final del camino muele cebada y avena desde el año de la gran inundación.";

    /// What the first block of a page is named, and each rule that matched in it and whether it fires.
    fn seen(first: &str, text: &str) -> (Option<Category>, Vec<(String, bool)>) {
        let page = format!("{first}\n\n{text}\n\n{text}\n");
        let cleaner = Cleaner::new();
        let seen = cleaner.explain(Document::new(&page));
        let block = &seen.blocks()[0];
        (block.removed(), block.hits().iter().map(|h| (h.rule().to_string(), h.fires())).collect())
    }

    #[test]
    fn a_word_of_another_language_may_be_english() {
        let fires = |first: &str, text: &str, rule: &str| -> Option<bool> {
            seen(first, text).1.into_iter().find(|(id, _)| id == rule).map(|(_, fires)| fires)
        };
        for (first, rule, on_an_english_page) in [
            ("Director", "contact/heading-es", false),
            ("Copy link", "attribution/source-label-vi", false),
            ("Redacción", "contact/heading-es", true),
            ("Datos de contacto", "contact/heading-es", true),
            ("Copy link", "social-share/platform-names", true),
        ] {
            assert_eq!(fires(first, ENGLISH, rule), Some(on_an_english_page), "{first}");
            assert_eq!(fires(first, SPANISH, rule), Some(true), "{first}");
        }
    }

    #[test]
    fn an_english_button_has_an_english_name() {
        assert_eq!(seen("Copy link", ENGLISH).0, Some(Category::SocialShare));
    }
}
