//! What a line looks like, whatever it says.

/// The kind of a line's first or last visible character.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum CharClass {
    /// No visible character.
    #[default]
    None,
    /// A letter without case, or in lower case.
    Lower,
    /// A letter in upper case.
    Upper,
    /// A digit.
    Digit,
    /// Ends a sentence: . ! ? … and their kin in other scripts, also inside a closing quote or bracket.
    SentenceEnd,
    /// , ; : and their kin.
    Pause,
    /// Quotes and brackets.
    Bracket,
    /// Anything else.
    Other,
}

impl CharClass {
    pub fn of(c: char) -> Self {
        if is_sentence_end(c) {
            Self::SentenceEnd
        } else if matches!(c, ',' | ';' | ':' | '，' | '、' | '；' | '：' | '،' | '؛') {
            Self::Pause
        } else if is_bracket(c) {
            Self::Bracket
        } else if c.is_numeric() {
            Self::Digit
        } else if c.is_uppercase() {
            Self::Upper
        } else if c.is_alphabetic() {
            Self::Lower
        } else {
            Self::Other
        }
    }

    pub fn first(text: &str) -> Self {
        text.chars().next().map_or(Self::None, Self::of)
    }

    /// Looks through closing quotes and brackets: `said.”` ends a sentence.
    pub fn last(text: &str) -> Self {
        let Some(last) = text.chars().next_back() else { return Self::None };
        let class = Self::of(last);
        if class == Self::Bracket
            && let Some(inner) = text.chars().rev().take(4).find(|c| !is_bracket(*c))
            && is_sentence_end(inner)
        {
            return Self::SentenceEnd;
        }
        class
    }
}

/// Ends of sentences in all scripts.
pub(crate) fn is_sentence_end(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '．' | '؟' | '۔' | '।' | '॥' | '።' | '։' | '၊' | '။' | '។')
}

fn is_bracket(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '“'
            | '”'
            | '„'
            | '‘'
            | '’'
            | '«'
            | '»'
            | '‹'
            | '›'
            | '「'
            | '」'
            | '『'
            | '』'
            | '（'
            | '）'
            | '【'
            | '】'
            | '《'
            | '》'
    )
}

/// Counts over a line, made while it is tokenized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Bytes of the trimmed line.
    pub bytes: u32,
    /// Words of spaced scripts, numbers not counted.
    pub words: u32,
    /// Numbers.
    pub numbers: u32,
    /// Characters of scripts without spaces.
    pub unspaced: u32,
    /// Signs such as © or →.
    pub signs: u32,
    /// Letters of spaced scripts.
    pub letters: u32,
    /// Upper-case letters.
    pub uppers: u32,
    /// Digits.
    pub digits: u32,
    /// Words that start with a capital.
    pub capitals: u32,
    /// Lower-case words of at most three letters: stop words of any language.
    pub short_words: u32,
    /// Letters of the longest word.
    pub longest_word: u32,
    /// Sentence ends followed by a space or by the line's end.
    pub sentence_ends: u32,
    /// Question marks.
    pub questions: u32,
    /// Commas and their kin.
    pub commas: u32,
    /// Colons and semicolons.
    pub colons: u32,
    /// Separators of menus and breadcrumbs: bars, dots, slashes, dashes, `>`.
    pub bars: u32,
    /// Quotes and brackets.
    pub brackets: u32,
    /// Signs of code and markup: braces, `<`, `=`, `_`, `#`, backticks.
    pub codes: u32,
    /// Currency signs and %.
    pub money: u32,
    /// @ signs.
    pub ats: u32,
    /// Other punctuation.
    pub others: u32,
    /// Kind of the first visible character.
    pub first: CharClass,
    /// Kind of the last visible character, seen through closing quotes.
    pub last: CharClass,
}

/// How many characters of an unspaced script make about one word.
const UNSPACED_PER_WORD: u32 = 2;

impl Shape {
    /// Length in words: words and numbers, and a word for every two characters of scripts without spaces.
    pub fn length(&self) -> u32 {
        self.words + self.numbers + self.unspaced.div_ceil(UNSPACED_PER_WORD)
    }

    /// Adds the counts of the text that follows on the same line.
    pub(super) fn extend(&mut self, next: &Shape) {
        let Shape {
            bytes,
            words,
            numbers,
            unspaced,
            signs,
            letters,
            uppers,
            digits,
            capitals,
            short_words,
            longest_word,
            ..
        } = *next;
        let Shape {
            sentence_ends,
            questions,
            commas,
            colons,
            bars,
            brackets,
            codes,
            money,
            ats,
            others,
            first,
            last,
            ..
        } = *next;
        self.bytes += bytes;
        self.words += words;
        self.numbers += numbers;
        self.unspaced += unspaced;
        self.signs += signs;
        self.letters += letters;
        self.uppers += uppers;
        self.digits += digits;
        self.capitals += capitals;
        self.short_words += short_words;
        self.longest_word = self.longest_word.max(longest_word);
        self.sentence_ends += sentence_ends;
        self.questions += questions;
        self.commas += commas;
        self.colons += colons;
        self.bars += bars;
        self.brackets += brackets;
        self.codes += codes;
        self.money += money;
        self.ats += ats;
        self.others += others;
        if self.first == CharClass::None {
            self.first = first;
        }
        if last != CharClass::None {
            self.last = last;
        }
    }

    pub(super) fn separator(&mut self, byte: u8, next: Option<u8>) {
        match byte {
            b' ' | b'\t' => {}
            b'.' | b'!' | b'?' => {
                self.questions += u32::from(byte == b'?');
                let ends = next.is_none_or(|n| matches!(n, b' ' | b'"' | b'\'' | b')' | 0x80..));
                self.sentence_ends += u32::from(ends);
            }
            b',' => self.commas += 1,
            b':' | b';' => self.colons += 1,
            b'|' | b'/' | b'\\' | b'>' => self.bars += 1,
            b'"' | b'\'' | b'(' | b')' | b'[' | b']' => self.brackets += 1,
            b'{' | b'}' | b'<' | b'=' | b'_' | b'#' | b'`' | b'~' => self.codes += 1,
            b'$' | b'%' => self.money += 1,
            b'@' => self.ats += 1,
            _ => self.others += 1,
        }
    }

    pub(super) fn wide_separator(&mut self, c: char) {
        if is_sentence_end(c) {
            self.sentence_ends += 1;
            self.questions += u32::from(matches!(c, '？' | '؟'));
        } else if is_bracket(c) {
            self.brackets += 1;
        } else {
            match c {
                '，' | '、' | '،' => self.commas += 1,
                '：' | '；' | '؛' => self.colons += 1,
                '·' | '•' | '–' | '—' | '｜' | '‧' => self.bars += 1,
                '€' | '£' | '¥' | '₹' | '₽' | '₩' | '₺' => self.money += 1,
                c if c.is_whitespace() => {}
                _ => self.others += 1,
            }
        }
    }
}
