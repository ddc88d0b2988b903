//! Learning the weights for HTML pages.

use super::pages::Lesson;
use super::table::{Rows, Table};
use super::{Learned, TrainOptions, boost, net, parallel, words};
use crate::evidence::Layout;
use crate::model::html::table::ALL;
use crate::model::html::tags::Tags;
use crate::model::lexical::Lexical;
use crate::model::trees::LANES;
use crate::model::{HtmlModel, Memory, Second};
use crate::rules::RuleSet;
use crate::scan::{self, Scan};
use crate::segment::{self, Blocks};

/// What is learned from HTML pages, and how.
pub(super) struct HtmlLearner<'a> {
    pub options: &'a TrainOptions,
    pub rules: &'a RuleSet,
    pub lessons: &'a [Lesson<'a>],
    /// The fold that no lesson is of.
    pub left_out: usize,
}

impl HtmlLearner<'_> {
    /// Weights that each leave one more fold out; [`Self::left_out`] leaves out no more.
    pub fn learn(&self, wanted: &[usize], progress: &(dyn Fn(&str) + Sync)) -> Vec<HtmlModel> {
        let lexicals = self.lexicals(progress);
        let table = self.table(&lexicals, progress);
        self.models(&lexicals, &table, wanted, progress)
    }

    /// One stage 1 for each fold, learned from the others, and one learned from all.
    fn lexicals(&self, progress: &(dyn Fn(&str) + Sync)) -> Vec<(Lexical, Tags)> {
        let mut data = words::Data::default();
        let mut fold = Vec::new();
        let mut blocks = Blocks::default();
        for lesson in self.lessons {
            let document = lesson.page.document();
            segment::segment(&document, &mut blocks);
            data.add(&blocks, document.html(), |i| lesson.vote(&blocks.blocks[i], i));
            fold.extend(std::iter::repeat_n(lesson.page.fold as u8, blocks.blocks.len()));
        }
        progress(&format!("HTML, stage 1: {} blocks", data.examples.len()));
        parallel(self.options.threads, self.options.runs(self.left_out), |run| {
            let rows = (0..fold.len() as u32).filter(|r| usize::from(fold[*r as usize]) != run).collect();
            words::learn(&data, rows, self.options.seed ^ run as u64)
        })
    }

    /// The features of all pages, by stage-1 scores that did not see the page's domain.
    fn table(&self, lexicals: &[(Lexical, Tags)], progress: &(dyn Fn(&str) + Sync)) -> Table {
        progress("HTML, features");
        let mut table = Table::new(ALL);
        let read = parallel(self.options.threads, self.lessons.len(), |at| self.read(&self.lessons[at], lexicals));
        for read in read {
            table.add(read);
        }
        table
    }

    fn models(
        &self,
        lexicals: &[(Lexical, Tags)],
        table: &Table,
        wanted: &[usize],
        progress: &(dyn Fn(&str) + Sync),
    ) -> Vec<HtmlModel> {
        progress(&format!("HTML, stage 2: {} blocks", table.text.len()));
        let learned = parallel(self.options.threads, wanted.len() * 2, |job| {
            let run = wanted[job / 2];
            let chosen: Vec<usize> = (0..table.pages.len()).filter(|p| self.lessons[*p].page.fold != run).collect();
            let seed = self.options.seed.wrapping_add(run as u64);
            let learned = match job % 2 {
                0 => Learned::Net(net::learn(table, &chosen, &self.options.net, seed)),
                _ => Learned::Forest(boost::grow(table, &chosen, &self.options.html, seed)),
            };
            progress(&format!("HTML, stage 2: {} of {}", job + 1, wanted.len() * 2));
            learned
        });
        let mut models = Vec::new();
        for (run, learned) in wanted.iter().zip(learned.chunks(2)) {
            let [Learned::Net(net), Learned::Forest(forest)] = learned else { continue };
            let (lexical, tags) = lexicals[*run].clone();
            models.push(HtmlModel::new(lexical, tags, Second { forest: forest.clone(), net: net.clone() }));
        }
        models
    }

    fn read(&self, lesson: &Lesson<'_>, lexicals: &[(Lexical, Tags)]) -> Rows {
        let (mut blocks, mut scan, mut memory) = (Blocks::default(), Scan::default(), Memory::default());
        let document = lesson.page.document();
        let Some(html) = document.html() else { return Rows::default() };
        segment::segment(&document, &mut blocks);
        scan::scan(document.text(), &blocks, self.rules, None, &mut scan);
        let layout = Layout::of(&blocks, &scan, self.rules);
        let (lexical, tags) = &lexicals[lesson.page.fold];
        memory.read_html(lexical, tags, (&blocks, &scan, self.rules, &layout, html));
        let mut rows = Rows::new(lesson, &blocks, ALL);
        for from in (0..rows.len()).step_by(LANES) {
            rows.fill(from, memory.fill_html(&blocks, html, from));
        }
        rows
    }
}
