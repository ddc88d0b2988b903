//! Learning the weights for text: stage 1, two second stages, and what tells pages from extracted text.

use super::boost::{self, BoostOptions};
use super::pages::Lesson;
use super::table::{Rows, Table};
use super::{Learned, TrainOptions, net, parallel, words};
use crate::document::InputKind;
use crate::evidence::Layout;
use crate::model::net::Net;
use crate::model::trees::{Forest, LANES};
use crate::model::{Columns, Context, Model, Second, lexical::Lexical, regime::FACTS, table::COUNT};
use crate::rules::RuleSet;
use crate::scan::{self, Scan};
use crate::segment::{self, Blocks};

/// What is learned from text, and how.
pub(super) struct TextLearner<'a> {
    pub options: &'a TrainOptions,
    pub rules: &'a RuleSet,
    pub lessons: &'a [Lesson<'a>],
    /// The fold that no lesson is of.
    pub left_out: usize,
}

/// Features, labels and facts of all pages of both kinds.
struct Tables {
    page: Table,
    extracted: Table,
    /// Which lesson a table's page is.
    page_of: [Vec<usize>; 2],
    facts: Vec<[u8; FACTS]>,
}

impl TextLearner<'_> {
    /// Learns the weights.
    pub fn learn(&self, progress: &(dyn Fn(&str) + Sync)) -> Option<Model> {
        let lexicals = self.lexicals(progress);
        let tables = self.tables(&lexicals, progress);
        self.model(lexicals, &tables, progress)
    }

    /// One stage 1 for each fold, learned from the others, and one learned from all.
    fn lexicals(&self, progress: &(dyn Fn(&str) + Sync)) -> Vec<Lexical> {
        let mut data = words::Data::default();
        let mut fold = Vec::new();
        let mut blocks = Blocks::default();
        for lesson in self.lessons.iter().filter(|l| !l.page.labels.is_empty()) {
            segment::segment(&lesson.page.document(), &mut blocks);
            data.add(&blocks, None, |i| lesson.vote(&blocks.blocks[i], i));
            fold.extend(std::iter::repeat_n(lesson.page.fold as u8, blocks.blocks.len()));
        }
        progress(&format!("stage 1: {} blocks", data.examples.len()));
        parallel(self.options.threads, self.options.runs(self.left_out), |run| {
            let rows = (0..fold.len() as u32).filter(|r| usize::from(fold[*r as usize]) != run).collect();
            words::learn(&data, rows, self.options.seed ^ run as u64).0
        })
    }

    /// The features of all pages, by stage-1 scores that did not see the page's domain.
    fn tables(&self, lexicals: &[Lexical], progress: &(dyn Fn(&str) + Sync)) -> Tables {
        progress("features");
        let mut tables = Tables {
            page: Table::new(COUNT),
            extracted: Table::new(COUNT),
            page_of: [Vec::new(), Vec::new()],
            facts: Vec::new(),
        };
        let read = parallel(self.options.threads, self.lessons.len(), |at| self.read(&self.lessons[at], lexicals));
        for (at, (lesson, (facts, rows))) in self.lessons.iter().zip(read).enumerate() {
            let (table, which) = match lesson.page.input {
                InputKind::Page => (&mut tables.page, 0),
                InputKind::Extracted => (&mut tables.extracted, 1),
            };
            tables.page_of[which].push(at);
            tables.facts.push(facts);
            table.add(rows);
        }
        tables
    }

    /// Facts about one page, and the features of its blocks.
    fn read(&self, lesson: &Lesson<'_>, lexicals: &[Lexical]) -> ([u8; FACTS], Rows) {
        let (mut blocks, mut scan, mut context) = (Blocks::default(), Scan::default(), Context::default());
        let document = lesson.page.document();
        segment::segment(&document, &mut blocks);
        scan::scan(document.text(), &blocks, self.rules, None, &mut scan);
        let layout = Layout::of(&blocks, &scan, self.rules);
        let mut z = Vec::new();
        lexicals[lesson.page.fold].score(&blocks, &mut z);
        context.read_with(&z, &blocks, &scan, self.rules, &layout);
        let mut rows = Rows::new(lesson, &blocks, COUNT);
        let mut columns: Box<Columns> = Box::new([[0; LANES]; COUNT]);
        for from in (0..rows.len()).step_by(LANES) {
            context.columns(&blocks, from, &mut columns);
            rows.fill(from, &*columns);
        }
        (crate::model::regime::facts(&context), rows)
    }

    /// What tells whole pages from extracted text: a row a page.
    fn regime(&self, tables: &Tables) -> Forest {
        let mut table = Table::new(FACTS);
        for (lesson, facts) in self.lessons.iter().zip(&tables.facts) {
            let at = table.text.len();
            table.pages.push(at..at + 1);
            table.text.push(f32::from(lesson.page.input == InputKind::Extracted));
            table.weight.push(lesson.page.weight);
            table.columns.iter_mut().zip(facts).for_each(|(column, fact)| column.push(*fact));
        }
        let chosen: Vec<usize> = (0..table.pages.len()).collect();
        boost::grow(&table, &chosen, &REGIME, self.options.seed)
    }

    fn model(&self, mut lexicals: Vec<Lexical>, tables: &Tables, progress: &(dyn Fn(&str) + Sync)) -> Option<Model> {
        progress(&format!(
            "stage 2: {} blocks of pages, {} of extracted text",
            tables.page.text.len(),
            tables.extracted.text.len()
        ));
        // The longest jobs first: two convolutions, two forests.
        let learned = parallel(self.options.threads, 4, |job| {
            let (which, what) = (job % 2, job / 2);
            let (table, options) = match which {
                0 => (&tables.page, &self.options.page),
                _ => (&tables.extracted, &self.options.extracted),
            };
            let chosen: Vec<usize> = (0..table.pages.len()).collect();
            let seed = self.options.seed.wrapping_add((self.left_out * 2 + which) as u64);
            let learned = match what {
                0 => Learned::Net(net::learn(table, &chosen, &self.options.net, seed)),
                _ => Learned::Forest(boost::grow(table, &chosen, options, seed)),
            };
            progress(&format!("stage 2: {} of 4", job + 1));
            learned
        });
        let [Learned::Net(a), Learned::Net(b), Learned::Forest(page), Learned::Forest(extracted)] = &learned[..] else {
            return None;
        };
        let second = |forest: &Forest, net: &Net| Second { forest: forest.clone(), net: net.clone() };
        let lexical = lexicals.swap_remove(self.left_out);
        Some(Model::new(lexical, self.regime(tables), second(page, a), second(extracted, b)))
    }
}

/// How the trees on facts about documents are grown: there are few documents.
const REGIME: BoostOptions =
    BoostOptions { trees: 60, rate: 0.12, rows: 20_000, features: 60, lambda: 2.0, min_leaf: 2.0 };
