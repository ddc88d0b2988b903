//! Rules for another language than the page's, on words that may be of its language.
//!
//! Rules of all languages are in use on every page. Words that title a menu in one language head a section of an article in
//! another: a rule for Spanish knows "Director", one for Italian "Media", one for Czech "Reference". English is what most
//! of them collide with, and what a page is told to be in most surely.

use super::Match;
use crate::rules::RuleSet;

/// So many words in a row are of one language only.
const FOREIGN_WORDS: usize = 3;

/// Puts what rules for other languages matched that may be English behind the rest, in order; returns where it begins.
pub(super) fn set_apart(view: &str, rules: &RuleSet, matches: &mut [Match]) -> usize {
    matches.sort_by_key(|m| is_foreign(view, rules, m));
    matches.partition_point(|m| !is_foreign(view, rules, m))
}

/// Whether a rule is for another language, and what it matched a word or two without a letter that English lacks.
fn is_foreign(view: &str, rules: &RuleSet, m: &Match) -> bool {
    let rule = rules.rule(m.rule);
    let matched = &view[m.span.start as usize..m.span.end as usize];
    rule.foreign
        && !rule.allow
        && m.words.len() < FOREIGN_WORDS
        && !matched.chars().any(|c| c.is_alphabetic() && !c.is_ascii())
}

#[cfg(test)]
mod tests {
    use crate::{Category, Cleaner, Document, Pack};

    const ENGLISH: &str =
        "The mill at the end of the lane has ground barley and oats since the year of the great flood.";
    const SPANISH: &str = "El molino al final del camino muele cebada y avena desde el año de la gran inundación.";
    const PACK: &str = r#"
        category = "contact"
        language = "es"
        [[rule]]
        id = "heading-es"
        why = "w"
        phrases = ["director", "redacción", "datos de contacto"]
        match = ["Director", "Redacción"]
        keep = ["El director llamó.", "La redacción cerró."]
    "#;

    #[test]
    fn a_word_of_another_language_may_be_english() {
        let pack = Pack::parse("test.toml", PACK).unwrap();
        let cleaner = Cleaner::builder().default_rules(false).pack(pack).build().unwrap();
        let fires = |first: &str, text: &str| {
            let page = format!("{first}\n\n{text}\n\n{text}\n");
            let seen = cleaner.explain(Document::new(&page));
            seen.blocks()[0].hits().iter().map(crate::RuleHit::fires).collect::<Vec<_>>()
        };
        for (first, on_an_english_page) in [("Director", false), ("Redacción", true), ("Datos de contacto", true)] {
            assert_eq!(fires(first, ENGLISH), [on_an_english_page], "{first}");
            assert_eq!(fires(first, SPANISH), [true], "{first}");
        }
    }

    #[test]
    fn an_english_button_has_an_english_name() {
        let page = format!("Copy link\n\n{ENGLISH}\n\n{ENGLISH}\n");
        assert_eq!(Cleaner::new().explain(Document::new(&page)).blocks()[0].removed(), Some(Category::SocialShare));
    }
}
