//! What counts as the same letter: the folding under which phrases match.
//!
//! Case, diacritics of alphabetic scripts, width, presentation forms, vowel points and invisible characters are folded
//! away; any run of digits becomes one `0`. Packs and pages go through the same folding, so that it never has to be undone.

use once_cell::race::OnceBox;
use unicode_normalization::UnicodeNormalization;

/// What a character is to the tokenizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Folded {
    /// Ends a word and is none itself.
    Separator,
    /// Belongs to the word around it but does not count: marks, joiners, soft hyphens.
    Ignored,
    /// A letter of a word, folded. Digits fold to `'0'`.
    Letter(char),
    /// Two letters of a word, as in ß = ss.
    Pair(char, char),
    /// A word by itself: characters of scripts without spaces, and signs such as © or →.
    Alone(char),
    /// A sign by itself, as [`Folded::Alone`] but no letter.
    Sign(char),
}

/// Characters of the Basic Multilingual Plane are looked up; the rest are rare enough to be worked out. Two threads may both
/// make the table, rather than one wait for the other: a process that was forked meanwhile would wait for ever.
static BMP: OnceBox<[Folded; 0x1_0000]> = OnceBox::new();

fn bmp() -> Box<[Folded; 0x1_0000]> {
    let mut table = Box::new([Folded::Separator; 0x1_0000]);
    for (c, folded) in (0..).zip(table.iter_mut()) {
        *folded = char::from_u32(c).map_or(Folded::Separator, fold_uncached);
    }
    table
}

/// Folds one character.
pub(crate) fn fold(c: char) -> Folded {
    match BMP.get_or_init(bmp).get(c as usize) {
        Some(f) => *f,
        None => fold_uncached(c),
    }
}

fn fold_uncached(c: char) -> Folded {
    if is_ignored(c) {
        return Folded::Ignored;
    }
    if is_sign(c) {
        return Folded::Sign(c);
    }
    if c.is_numeric() {
        return Folded::Letter('0');
    }
    if is_unspaced_script(c) {
        return if is_unspaced_punctuation(c) {
            Folded::Separator
        } else {
            Folded::Alone(c.nfkc().next().unwrap_or(c))
        };
    }
    if !c.is_alphanumeric() && !is_indic_mark(c) {
        return Folded::Separator;
    }
    if matches!(c, '\u{ac00}'..='\u{d7a3}') {
        return Folded::Letter(c); // Hangul syllables would fall apart into their parts
    }
    // To lower case by way of upper case: ſ is s and ᲂ is о, as in Unicode's case folding.
    let folded = [c].into_iter().nfkd().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkd();
    let mut letters = folded.filter(|c| !is_ignored(*c)).flat_map(|c| {
        let (first, second) = without_stroke(c);
        std::iter::once(first).chain(second)
    });
    match (letters.next(), letters.next()) {
        (None, _) => Folded::Ignored,
        (Some(a), None) => Folded::Letter(a),
        // Ligatures of three letters (ﬃ) and more keep two: the same on both sides is all that matters.
        (Some(a), Some(b)) => Folded::Pair(a, b),
    }
}

/// Letters that normalization leaves alone but people write without their stroke, and final sigma.
fn without_stroke(c: char) -> (char, Option<char>) {
    match c {
        'ß' => ('s', Some('s')),
        'æ' => ('a', Some('e')),
        'œ' => ('o', Some('e')),
        'ø' => ('o', None),
        'ł' => ('l', None),
        'đ' => ('d', None),
        'ı' => ('i', None),
        'ς' => ('σ', None),
        _ => (c, None),
    }
}

fn is_ignored(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}'
        | '\u{5c7}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e8}'
        | '\u{6ea}'..='\u{6ed}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{feff}' | '\u{e0100}'..='\u{e01ef}')
}

/// Signs that say something in a label: ©, ™, arrows, stars, check marks, emoji.
fn is_sign(c: char) -> bool {
    matches!(c, '©' | '®' | '\u{2117}' | '\u{2122}' | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}'
        | '\u{2500}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Scripts that are written without spaces: each character is a word.
pub(crate) fn is_unspaced_script(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
}

fn is_unspaced_punctuation(c: char) -> bool {
    matches!(c, '\u{e2f}' | '\u{e3f}' | '\u{e4f}' | '\u{e5a}' | '\u{e5b}' | '\u{104a}'..='\u{104f}' | '\u{17d4}'..='\u{17da}'
        | '\u{30a0}' | '\u{30fb}')
}

/// Vowel signs and viramas of Indic scripts are no letters to Unicode but part of the word.
fn is_indic_mark(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{dff}') && !matches!(c, '\u{964}' | '\u{965}' | '\u{970}' | '\u{df4}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The folded form of a text, words separated by one space.
    pub(crate) fn folded(text: &str) -> String {
        let mut out = String::new();
        for c in text.chars() {
            match fold(c) {
                Folded::Separator if !out.ends_with(' ') => out.push(' '),
                Folded::Separator | Folded::Ignored => {}
                Folded::Letter(a) => out.push(a),
                Folded::Pair(a, b) => out.extend([a, b]),
                Folded::Alone(a) | Folded::Sign(a) => out.extend([' ', a, ' ']),
            }
        }
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn folding_by_script() {
        for (text, want) in [
            ("Sign-Up!", "sign up"),
            ("Größe GRÖSSE", "grosse grosse"),
            ("İSTANBUL ılık", "istanbul ilik"),
            ("Σίσυφος ΣΊΣΥΦΟΣ", "σισυφοσ σισυφοσ"),
            ("Łódź œuvre", "lodz oeuvre"),
            ("ＡＢＣ　１２", "abc 00"),
            ("© 2024", "© 0000"),
            ("ёлка Ёлка", "елка елка"),
            ("مـــرحباً", "مرحبا"),
            ("שָׁלוֹם", "שלום"),
            ("版权所有。", "版 权 所 有"),
            ("हिन्दी।", "हिन्दी"),
            ("댓글 쓰기", "댓글 쓰기"),
            ("zero\u{200b}width", "zerowidth"),
            ("«guillemets» “quotes”", "guillemets quotes"),
        ] {
            assert_eq!(folded(text), want, "{text}");
        }
    }
}
