//! Paragraphs that were wrapped at a column, put together again.
//!
//! Text browsers, mail and many converters break paragraphs into lines of 72 to 80 columns. Judged one by one, the lines
//! have no beginning and no end, and a phrase that is broken between two of them is not found. That a page is wrapped it
//! shows itself: a line is broken where the next word would have stood past the column, again and again at the same one.

use std::cmp::Reverse;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::text::LONG_LINE;
use super::{Block, Blocks, CharClass, Marker};

/// Columns that text is wrapped at. Narrower ones are lists of labels as often.
const COLUMNS: std::ops::RangeInclusive<usize> = 50..=132;
/// Fewer broken lines do not show a column: as many may agree by chance.
const FEW: u32 = 6;
/// Of the lines that another follows, one in so many is broken at the column in the middle of a sentence at least. The
/// others end a sentence or a paragraph, or come before a name or a figure.
const ONE_IN: u32 = 3;
/// Lines with less text than this many columns are labels, cells and last lines of paragraphs: they say nothing.
const SHORT: usize = 40;

/// Joins the lines of wrapped paragraphs, where the page as a whole shows the column that it is wrapped at.
pub(super) fn join(view: &str, out: &mut Blocks) {
    let blocks = &mut out.blocks;
    let Some(column) = column(view, blocks) else { return };
    let Some(mut before) = blocks.first().map(|block| Edge::of(view, block)) else { return };
    let mut is_first = true;
    blocks.dedup_by(|line, block| {
        let edge = Edge::of(view, line);
        let joins = is_pair(block, line)
            && before.is_broken_at(column, &edge)
            && (edge.start == before.start || is_first && edge.start <= before.start)
            && (line.outer.end - block.outer.start) as usize <= LONG_LINE;
        if joins {
            block.extend(line);
        }
        is_first = !joins;
        before = edge;
        joins
    });
}

/// The column that the page is wrapped at: where most lines are broken that had no room for the word after them.
fn column(view: &str, blocks: &[Block]) -> Option<usize> {
    // How many pairs of lines agree with a column, as differences from one column to the next.
    let mut agree = [0_i32; *COLUMNS.end() + 2];
    let mut long = 0;
    for pair in blocks.windows(2).filter(|pair| is_pair(&pair[0], &pair[1]) && pair[0].shape.bytes as usize >= SHORT) {
        let line = Edge::of(view, &pair[0]);
        if line.end - line.start < SHORT {
            continue;
        }
        long += 1;
        if COLUMNS.contains(&line.end) && !line.is_row && pair[1].shape.first == CharClass::Lower {
            agree[line.end] += 1;
            agree[(line.end + 1 + first_word(pair[1].text(view))).min(COLUMNS.end() + 1)] -= 1;
        }
    }
    let mut votes = 0;
    let by_column = agree.iter().enumerate().map(|(column, change)| {
        votes += change;
        (votes, Reverse(column))
    });
    let (votes, Reverse(column)) = by_column.max()?;
    let votes = u32::try_from(votes).unwrap_or_default();
    (votes >= FEW && votes * ONE_IN >= long).then_some(column)
}

/// Whether two blocks may be lines of one paragraph.
fn is_pair(block: &Block, next: &Block) -> bool {
    let marker = next.marker == Marker::None || next.marker == Marker::Quote && block.marker == Marker::Quote;
    let heading = matches!(block.marker, Marker::Heading(_) | Marker::Table);
    let words = block.shape.length() > 0 && next.shape.length() > 0;
    next.gap == 0 && marker && words && !heading && !block.continues && !next.continues
}

/// Where a line stands, in columns from the left.
struct Edge {
    /// The first column of its text.
    start: usize,
    /// The column after its text.
    end: usize,
    /// How many columns of it cannot stand apart.
    first_word: usize,
    /// Whether it holds a gap as between columns of a table. Justified lines have narrower ones.
    is_row: bool,
}

impl Edge {
    fn of(view: &str, block: &Block) -> Self {
        let text = block.text(view);
        let line = view[block.outer.start as usize..block.inner.start as usize].trim_start_matches([' ', '\t']);
        let start = block.indent as usize + width(line);
        Self { start, end: start + width(text), first_word: first_word(text), is_row: text.contains("    ") }
    }

    /// Whether the line was broken because what comes after had no room. A line of less than half the column before a long
    /// word is a label before an address as often.
    fn is_broken_at(&self, column: usize, next: &Edge) -> bool {
        let rows = self.is_row || next.is_row;
        !rows && self.end <= column && self.end * 2 > column && self.end + 1 + next.first_word > column
    }
}

/// How many columns of a line cannot stand apart: its first word, or a character of a script that breaks anywhere.
fn first_word(text: &str) -> usize {
    let first = text.chars().next().and_then(UnicodeWidthChar::width).unwrap_or_default();
    if first > 1 { first } else { width(text.split(char::is_whitespace).next().unwrap_or_default()) }
}

fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Format};

    const PROSE: &str = "The mill at the end of the lane has ground barley and oats since seventeen eighty, and the \
        miller who runs it now is the ninth of his family to do so, though he says that he will be the last of them, \
        because his daughter builds bridges, and his son, who might have stayed, has no patience with stones. It \
        takes a day to dress a pair of them, with a pick that has to be sharpened every hour.";

    /// `text` broken at `column`, every line after `prefix`.
    fn wrapped(text: &str, column: usize, prefix: &str) -> String {
        let mut lines = vec![prefix.to_owned()];
        for word in text.split_whitespace() {
            match lines.last_mut() {
                Some(line) if *line == prefix => *line += word,
                Some(line) if line.width() + 1 + word.width() <= column => *line += &format!(" {word}"),
                _ => lines.push(format!("{prefix}{word}")),
            }
        }
        lines.join("\n") + "\n"
    }

    fn blocks(text: &str, format: Format) -> Vec<String> {
        let mut out = Blocks::default();
        super::super::segment(&Document::new(text).format(format), &mut out);
        assert!(
            out.blocks.windows(2).all(|w| w[0].outer.end <= w[1].outer.start && w[0].words.end == w[1].words.start)
        );
        let words = |b: &Block| b.text(text).split_whitespace().filter(|w| *w != ">").collect::<Vec<_>>().join(" ");
        out.blocks.iter().map(words).collect()
    }

    #[test]
    fn wrapped_paragraphs_are_one_block_each() {
        let menu = "Home\nNews\nShop\n\n";
        for (column, prefix) in [(72, ""), (78, ""), (80, "   "), (66, "> "), (78, "       "), (100, "")] {
            let text = format!("{menu}{0}\n{0}\nShare\n", wrapped(PROSE, column, prefix));
            for format in [Format::Text, Format::Markdown] {
                let all = ["Home", "News", "Shop", PROSE, PROSE, "Share"];
                assert_eq!(blocks(&text, format), all, "{column} {prefix:?} {format:?}");
            }
        }
    }

    #[test]
    fn items_with_a_hanging_indentation_are_one_block_each() {
        let item = wrapped(PROSE, 78, "    ").replacen("    ", "  * ", 1);
        assert_eq!(blocks(&item.repeat(3), Format::Text), [PROSE; 3]);
    }

    #[test]
    fn scripts_without_spaces_break_anywhere() {
        let line = "谷の奥の水車小屋では、千七百八十年から大麦と燕麦を挽いている。今の粉屋は九代";
        let last = "目である。";
        let text = format!("{}{last}\n\n", format!("{line}\n").repeat(4)).repeat(3);
        assert_eq!(blocks(&text, Format::Text).len(), 3);
    }

    #[test]
    fn what_is_not_broken_at_a_column_stays_apart() {
        // Paragraphs of a line each, rows of a table, names under names, an underlined title, a label and its address.
        let sentences = PROSE.split_inclusive(", ").map(str::trim).collect::<Vec<_>>().join("\n");
        let rows =
            (0..20).map(|i| format!("{:60}{i:>12} kg", "barley, hulled and cleaned")).collect::<Vec<_>>().join("\n");
        let names = "The Mill Of The Upper Valley And Its Friends, A Society\nSince Seventeen Eighty".repeat(9);
        let titled = format!(
            "{0}\n\nGrinding oats at home, and what it takes\n{1}\n\nSource:\nhttps://mill.example/{2}\n",
            wrapped(PROSE, 72, "").repeat(2),
            "=".repeat(72),
            "a".repeat(60)
        );
        for text in [sentences, rows, names] {
            assert_eq!(blocks(&text, Format::Text).len(), text.lines().count(), "{text}");
        }
        assert_eq!(blocks(&titled, Format::Text).len(), 6);
    }
}
