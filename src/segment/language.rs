//! Whether a page is in the language that the weights know best and that rules of other languages collide with.

use super::token::{Token, ascii};

/// Words that no other language has in every sentence.
const ENGLISH: [u64; 3] = [ascii("the"), ascii("of"), ascii("and")];
/// They are a tenth of the words of English prose, and a hundredth of a foreign page with English buttons.
const SHARE: usize = 40;

/// Whether a page is in English: one word in [`SHARE`] is one of [`ENGLISH`]. The gold texts that weights are learned from
/// are English nearly all; pages of other languages are labelled by what extractors agree on, and judged with more care.
pub(super) fn is_english(words: &[Token]) -> bool {
    words.iter().filter(|t| ENGLISH.contains(&t.hash)).count() * SHARE >= words.len()
}

#[cfg(test)]
mod tests {
    use crate::document::{Document, Format};
    use crate::segment::{Blocks, segment};

    #[test]
    fn english_is_told_by_its_smallest_words() {
        let english = |text: &str| {
            let mut blocks = Blocks::default();
            segment(&Document::new(text), &mut blocks);
            blocks.english
        };
        assert!(english("The mill at the end of the lane has ground barley and oats since 1780."));
        assert!(!english("Die Mühle am Ende der Gasse mahlt seit 1780 Gerste und Hafer, sagt der Müller."));
        assert!(!english("El molino al final del camino muele cebada desde 1780. Skip to content. Share on Facebook"));
    }

    #[test]
    fn addresses_of_links_are_no_words() {
        let link = "[The mill](https://example.com/wiki/items/archive/2024/03/12/mill-barley-oats-flour-stone-wheel-lane-weir)\n\n";
        let mut blocks = Blocks::default();
        let text = link.to_owned() + &link.replace("The mill", "Barley").repeat(5);
        segment(&Document::new(&text).format(Format::Markdown), &mut blocks);
        assert!(blocks.english);
        segment(&Document::new(&text).format(Format::Text), &mut blocks);
        assert!(!blocks.english);
    }
}
