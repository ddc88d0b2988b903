//! What weights for HTML pages think of a page: those for text learn from it.
//!
//! Tags tell much that text must guess, and gold texts have errors: the mean of both teaches more than the gold text alone
//! (distillation: Hinton, Vinyals and Dean, 2015; where the teacher sees more: Lopez-Paz et al., 2016). Of pages without a
//! gold text the teacher knows more than a vote of extractors. No teacher has seen the domain that it speaks of. Weights for
//! HTML pages learn nothing from teachers of their own kind (docs/accuracy.md).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::align::align;
use super::pages::{Lesson, Page};
use super::parallel;
use crate::cleaner::Cleaner;
use crate::error::Result;
use crate::evidence::threshold::sigmoid;
use crate::model::HtmlModel;
use crate::segment::Blocks;
use crate::segment::token::words_of;

/// The teacher's share of what is learned where there is a gold text: by cross-validation, .4 to .7 are alike.
const SHARE: f32 = 0.5;

/// How likely each word of a page is text.
struct Opinion {
    words: Vec<u64>,
    text: Vec<f32>,
}

/// What is thought of each page, by its set and name.
pub(super) struct Opinions(BTreeMap<(usize, String), Opinion>);

impl Opinions {
    /// What teachers think of the HTML pages of the folds that they have not seen.
    pub fn of(html: &[Lesson<'_>], teachers: Vec<(usize, HtmlModel)>, threads: usize) -> Result<Self> {
        let cleaner = |(fold, teacher)| Ok((fold, Cleaner::builder().html_weights(teacher).build()?));
        let cleaners = teachers.into_iter().map(cleaner).collect::<Result<BTreeMap<usize, Cleaner>>>()?;
        let opinions = parallel(threads, html.len(), |i| {
            let page = html[i].page;
            Some(((page.set, page.id.clone()), opinion(cleaners.get(&page.fold)?, page)))
        });
        Ok(Self(opinions.into_iter().flatten().collect()))
    }

    /// Mixes them into what is learned from any rendering of the same pages.
    pub fn teach(&self, lessons: &mut [Lesson<'_>], threads: usize) {
        let targets = parallel(threads, lessons.len(), |i| {
            let page = lessons[i].page;
            self.0.get(&(page.set, page.id.clone())).map(|opinion| mixed(page, opinion))
        });
        for (lesson, targets) in lessons.iter_mut().zip(targets) {
            if let Some(targets) = targets {
                lesson.targets = Cow::Owned(targets);
            }
        }
    }
}

fn opinion(cleaner: &Cleaner, page: &Page) -> Opinion {
    let seen = cleaner.explain(page.document());
    let mut opinion = Opinion { words: Vec::new(), text: Vec::new() };
    for block in seen.blocks() {
        let words = words_of(&seen.cleaned().document().text()[block.span()]);
        opinion.text.extend(std::iter::repeat_n(sigmoid(-block.score()), words.len()));
        opinion.words.extend(words);
    }
    opinion
}

/// The share of text of each block, as it is learned.
fn mixed(page: &Page, opinion: &Opinion) -> Vec<f32> {
    let (words, ranges) = page.words(&mut Blocks::default());
    let places = align(&words, &opinion.words, &ranges);
    let mix = |(range, label): (&Range<usize>, &f32)| {
        let found: Vec<f32> = places[range.clone()].iter().flatten().map(|at| opinion.text[*at]).collect();
        if found.is_empty() || found.len() * 2 < range.len() {
            return *label;
        }
        let teacher = found.iter().sum::<f32>() / found.len() as f32;
        // A vote of extractors says less than the teacher.
        if page.silver { teacher } else { label + SHARE * (teacher - label) }
    };
    ranges.iter().zip(&page.labels).map(mix).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::InputKind;

    fn learned(silver: bool, labels: [f32; 3]) -> Vec<f32> {
        let text = "Home\n\nThe ferry left at noon.\n\nRain, they said, and the square was empty.\n";
        let page = Page {
            set: 0,
            id: String::new(),
            domain: String::new(),
            site: String::new(),
            kind: None,
            rendering: "scrape-a".into(),
            input: InputKind::Page,
            text: text.into(),
            silver,
            labels: labels.into(),
            weight: 1.0,
            fold: 0,
        };
        // The last sentence is not in the page as the teacher saw it.
        let words = words_of("Home The ferry left at noon");
        let text = [vec![0.0], vec![0.8; 5]].concat();
        mixed(&page, &Opinion { words, text })
    }

    #[test]
    fn a_teacher_is_heard_beside_gold_and_instead_of_votes() {
        assert_eq!(learned(false, [1.0, 1.0, 1.0]), [0.5, 0.9, 1.0]);
        assert_eq!(learned(true, [1.0, f32::NAN, 1.0]), [0.0, 0.8, 1.0]);
        assert!(learned(false, [f32::NAN; 3])[0].is_nan());
    }
}
