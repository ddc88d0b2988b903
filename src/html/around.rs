//! What surrounds a line in the tree of its page.

use std::collections::HashMap;

use super::line::{Element, HtmlLine, flag};

/// Shares of the page's running text that make a core: the smallest element with that much.
const CORES: [f32; 3] = [0.5, 0.75, 0.9];
/// Steps up the tree that are counted.
const MAX_STEPS: u8 = 12;

/// What surrounds a line. Shares are 0 to 1.
#[derive(Clone, Debug, Default)]
pub(crate) struct Around {
    /// Whether it is inside the smallest element with half, three quarters, nine tenths of the page's running text.
    pub in_core: [bool; 3],
    /// Steps up the tree from its element to one that holds the core of three quarters (at most 12).
    pub steps: u8,
    /// Lines of the page with the same tags and class words nearest to them.
    pub alike: u32,
    /// The share of the page's running text in such lines.
    pub alike_prose: f32,
    /// Of the parent of its block element, the share in links.
    pub parent_linked: f32,
    /// The share of the page's running text in the innermost `article` around it, or 0.
    pub article_prose: f32,
    /// `article` elements on the page.
    pub articles: u16,
}

/// What surrounds every line.
pub(super) fn of(lines: &[HtmlLine], elements: &[Element]) -> Vec<Around> {
    let total = elements[0].prose.max(1) as f32;
    // An element with more than half has one child at most with more than half: the last such is the innermost.
    let core = CORES.map(|share| elements.iter().rposition(|e| e.prose as f32 > share * total).unwrap_or(0));
    let mut paths: HashMap<u32, (u32, u32)> = HashMap::new();
    for line in lines {
        let (count, prose) = paths.entry(line.path).or_default();
        *count += 1;
        *prose += line.prose();
    }
    let articles = elements.iter().filter(|e| e.tag == super::Tag::Article).count().min(usize::from(u16::MAX)) as u16;
    lines
        .iter()
        .map(|line| {
            let (alike, prose) = paths.get(&line.path).copied().unwrap_or_default();
            let element = &elements[line.element as usize];
            let parent = &elements[element.parent as usize];
            let holds = |e: usize| (e..elements[e].end as usize).contains(&core[1]);
            let mut up = line.element as usize;
            let mut steps = 0;
            let inside = core.map(|c| (c..elements[c].end as usize).contains(&(line.element as usize)));
            while !inside[1] && !holds(up) && steps < MAX_STEPS {
                up = elements[up].parent as usize;
                steps += 1;
            }
            Around {
                in_core: inside,
                steps,
                alike,
                alike_prose: prose as f32 / total,
                parent_linked: parent.linked as f32 / parent.text.max(1) as f32,
                article_prose: if line.is(flag::ARTICLE) { article(line, elements) / total } else { 0.0 },
                articles,
            }
        })
        .collect()
}

/// Running text of the innermost `article` around a line.
fn article(line: &HtmlLine, elements: &[Element]) -> f32 {
    let mut at = line.element as usize;
    while at > 0 {
        if elements[at].tag == super::Tag::Article {
            return elements[at].prose as f32;
        }
        at = elements[at].parent as usize;
    }
    0.0
}
