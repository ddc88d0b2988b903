//! Fragments of a sentence, put together again.
//!
//! Some scrapers (`get_text("\n")` and its kin) write a line for every inline element, so that a link or an emphasised
//! word breaks its sentence into three lines. Judged one by one, the pieces are short lines without an end.

use super::{Block, Blocks, Marker};

/// A page with more than one block in so many after an empty line has paragraphs: its lines were not broken by a scraper.
const PARAGRAPHS: usize = 50;
/// Pages of fewer blocks do not show how their scraper breaks lines.
const FEW: usize = 12;
/// Words from which on a line may be a piece of prose: fewer is a label as often.
const PROSE: u32 = 7;
/// Joined blocks grow no longer than this many bytes: a paragraph, not a page.
const LONGEST: u32 = 2_500;

/// Joins lines that are pieces of one sentence, where the page as a whole shows that its scraper breaks sentences.
pub(super) fn join(view: &str, out: &mut Blocks) {
    let blocks = &mut out.blocks;
    if blocks.len() < FEW || blocks.iter().filter(|b| b.gap > 0).count() * PARAGRAPHS > blocks.len() {
        return;
    }
    let pieces: Vec<Edges> = blocks.iter().map(|b| Edges::of(view, b)).collect();
    let mut i = 0;
    blocks.dedup_by(|line, block| {
        i += 1;
        let under_way = block.shape.length() >= PROSE;
        let joins = (pieces[i].prose || under_way)
            && line.marker == Marker::None
            && !line.continues
            && line.outer.end - block.outer.start <= LONGEST
            && belongs(&pieces[i - 1], &pieces[i], pieces.get(i + 1), under_way);
        if joins {
            block.extend(line);
        }
        joins
    });
}

/// How a line begins and ends.
struct Edges {
    /// It begins with a sign that closes what came before.
    closes: bool,
    /// It begins with a lower-case letter.
    continues: bool,
    /// It ends without an end of sentence, and not with a colon.
    open: bool,
    /// It ends with a sign that opens what comes after, or with a comma.
    opens: bool,
    /// It is too long for a label.
    prose: bool,
}

impl Edges {
    fn of(view: &str, block: &Block) -> Self {
        let text = block.text(view);
        let first = text.chars().next().unwrap_or(' ');
        let end = text.chars().next_back().unwrap_or(' ');
        Edges {
            closes: matches!(first, ',' | '.' | ';' | ')' | ']' | '!' | '?' | '’' | '”' | '»' | '、' | '。' | '，')
                && !text.starts_with("..."),
            continues: first.is_lowercase(),
            open: !(super::shape::is_sentence_end(end) || matches!(end, ':' | '|' | '"' | '”')),
            opens: matches!(end, ',' | '(' | '[' | '“' | '‘' | '«'),
            prose: block.shape.length() >= PROSE,
        }
    }
}

/// Whether a line is a piece of the sentence that the line before began. In the middle of prose that is under way, it may
/// begin with a capital, if it is short and the line after it goes on: the text of a link.
fn belongs(before: &Edges, line: &Edges, next: Option<&Edges>, under_way: bool) -> bool {
    let bridge = || under_way && !line.prose && line.open && next.is_some_and(|n| n.closes || n.continues && n.prose);
    line.closes || before.open && (line.continues || under_way && before.opens || bridge())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Labels before and after, so that the page shows how its lines are broken.
    fn blocks(lines: &str) -> Vec<String> {
        let labels = "Home\nNews\nShop\nHelp\nAbout\nLog in\n";
        let text = format!("{labels}{lines}\n{labels}");
        let mut out = Blocks::default();
        super::super::text::segment(&text, &mut out);
        join(&text, &mut out);
        assert!(
            out.blocks.windows(2).all(|w| w[0].outer.end == w[1].outer.start && w[0].words.end == w[1].words.start)
        );
        let inner = out.blocks.len() - 6;
        out.blocks[6..inner].iter().map(|b| b.text(&text).replace('\n', "⏎")).collect()
    }

    #[test]
    fn pieces_of_a_sentence_are_one_block() {
        for (lines, joined) in [
            // A link in the middle and at the end; an emphasised word.
            (
                "We asked the miller of the upper valley about\nhis oats\n, and he laughed.",
                "We asked the miller of the upper valley about⏎his oats⏎, and he laughed.",
            ),
            (
                "The report that we quote at length comes from\nThe Valley Courier\n, a weekly.",
                "The report that we quote at length comes from⏎The Valley Courier⏎, a weekly.",
            ),
            (
                "Read more in our long guide to the mills of the valley\n.",
                "Read more in our long guide to the mills of the valley⏎.",
            ),
        ] {
            assert_eq!(blocks(lines), [joined], "{lines}");
        }
    }

    #[test]
    fn labels_headings_and_whole_sentences_stay_apart() {
        for lines in [
            "Share\nTweet\npin it\nsend",
            "Grinding oats\nThe miller of the upper valley laughed when we asked him.",
            "The miller of the upper valley laughed when we asked him.\nhe is seventy",
            "By\nAnna Miller\n3 May",
            "Ten mills of the upper valley that still grind barley\nRead more\nTen inns of the valley where you can sleep",
        ] {
            assert_eq!(blocks(lines), lines.split('\n').collect::<Vec<_>>());
        }
    }

    #[test]
    fn pages_with_paragraphs_are_left_alone() {
        let text = "We asked the miller of the upper valley about\nhis oats\n, and he laughed.\n\n".repeat(20);
        let mut out = Blocks::default();
        super::super::text::segment(&text, &mut out);
        join(&text, &mut out);
        assert_eq!(out.blocks.len(), 60);
    }
}
