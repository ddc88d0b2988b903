//! Learning the weights for text: stage 1, two second stages, and what tells pages from extracted text.

use super::boost::{self, BoostOptions};
use super::measure::{self, Folds};
use super::pages::{self, Page};
use super::table::{Rows, Table};
use super::{Known, Learned, TrainOptions, card, net, parallel, read_folds, sites, words, write, write_folds};
use crate::document::InputKind;
use crate::error::Result;
use crate::evidence::Layout;
use crate::model::net::Net;
use crate::model::trees::{Forest, LANES};
use crate::model::{Columns, Context, Model, Second, lexical::Lexical, regime::FACTS, table::COUNT};
use crate::rules::RuleSet;
use crate::scan::{self, Scan};
use crate::segment::{self, Blocks};

impl Known<'_> {
    /// Learns the weights for text.
    pub fn text(&self, pages: &[Page], progress: &(dyn Fn(&str) + Sync)) -> Result<String> {
        let Known { options, rules, names, golds } = *self;
        progress(&format!("{} renderings of {} domains", pages.len(), pages::domains(pages)));
        let learner = Learner { options, rules, pages };
        let (all, models) = match options.folds_at.as_deref().filter(|f| f.join("0.bin").exists()) {
            Some(folder) => (None, read_folds(folder, "", options.folds, Model::from_bytes)?),
            None => {
                let lexicals = learner.lexicals(progress);
                let tables = learner.tables(&lexicals, progress);
                let learn = |folds: &[usize]| learner.models(&lexicals, &tables, folds, progress);
                let all = options.out.as_ref().and_then(|_| learn(&[options.folds]).into_iter().next());
                let folds: Vec<usize> = (0..if options.cv { options.folds } else { 0 }).collect();
                let models = learn(&folds);
                if let Some(folder) = &options.folds_at {
                    write_folds(folder, "", models.iter().map(Model::to_bytes))?;
                }
                (all, models)
            }
        };
        let mut said = String::new();
        if options.cv {
            said = measure::cross_validate(options, pages, names, golds, Folds { text: &models, html: &[] }, progress)?;
            progress("measuring site templates");
            said += &sites::table(options, pages, names, golds, &models)?;
        }
        if let (Some(out), Some(model)) = (&options.out, &all) {
            write(out, Model::FILE, &model.to_bytes())?;
            write(out, "card.md", card::card(options, names, pages, model, &said).as_bytes())?;
        }
        Ok(said)
    }
}

/// Everything that training looks at.
struct Learner<'a> {
    options: &'a TrainOptions,
    rules: &'a RuleSet,
    pages: &'a [Page],
}

/// Features, labels and facts of all pages of both kinds.
struct Tables {
    page: Table,
    extracted: Table,
    /// Which page of the learner a table's page is.
    page_of: [Vec<usize>; 2],
    facts: Vec<[u8; FACTS]>,
}

impl Learner<'_> {
    /// One stage 1 for each fold, learned from the others, and one learned from all.
    fn lexicals(&self, progress: &(dyn Fn(&str) + Sync)) -> Vec<Lexical> {
        let mut data = words::Data::default();
        let mut fold = Vec::new();
        let mut blocks = Blocks::default();
        for page in self.pages.iter().filter(|p| !p.labels.is_empty()) {
            segment::segment(&page.document(), &mut blocks);
            data.add(&blocks, None, |i| page.vote(&blocks.blocks[i], i));
            fold.extend(std::iter::repeat_n(page.fold as u8, blocks.blocks.len()));
        }
        progress(&format!("stage 1: {} blocks", data.examples.len()));
        let runs = self.options.folds + 1;
        parallel(self.options.threads, runs, |run| {
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
        let read = parallel(self.options.threads, self.pages.len(), |at| self.read(&self.pages[at], lexicals));
        for (at, (page, (facts, rows))) in self.pages.iter().zip(read).enumerate() {
            let (table, which) = match page.input {
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
    fn read(&self, page: &Page, lexicals: &[Lexical]) -> ([u8; FACTS], Rows) {
        let (mut blocks, mut scan, mut context) = (Blocks::default(), Scan::default(), Context::default());
        let document = page.document();
        segment::segment(&document, &mut blocks);
        scan::scan(document.text(), &blocks, self.rules, None, &mut scan);
        let layout = Layout::of(&blocks, &scan, self.rules);
        let mut z = Vec::new();
        lexicals[page.fold].score(&blocks, &mut z);
        context.read_with(&z, &blocks, &scan, self.rules, &layout);
        let mut rows = Rows::new(page, &blocks, COUNT);
        let mut columns: Box<Columns> = Box::new([[0; LANES]; COUNT]);
        for from in (0..rows.len()).step_by(LANES) {
            context.columns(&blocks, from, &mut columns);
            rows.fill(from, &*columns);
        }
        (crate::model::regime::facts(&context), rows)
    }

    /// What tells whole pages from extracted text, learned from all folds but one: a row a page.
    fn regime(&self, tables: &Tables, run: usize) -> Forest {
        let mut table = Table::new(FACTS);
        for (page, facts) in self.pages.iter().zip(&tables.facts).filter(|(p, _)| p.fold != run) {
            let at = table.text.len();
            table.pages.push(at..at + 1);
            table.text.push(f32::from(page.input == InputKind::Extracted));
            table.weight.push(page.weight);
            table.columns.iter_mut().zip(facts).for_each(|(column, fact)| column.push(*fact));
        }
        let chosen: Vec<usize> = (0..table.pages.len()).collect();
        boost::grow(&table, &chosen, &REGIME, self.options.seed)
    }

    /// Models that each leave one fold out; the number after the last fold leaves out none.
    fn models(
        &self,
        lexicals: &[Lexical],
        tables: &Tables,
        wanted: &[usize],
        progress: &(dyn Fn(&str) + Sync),
    ) -> Vec<Model> {
        progress(&format!(
            "stage 2: {} blocks of pages, {} of extracted text",
            tables.page.text.len(),
            tables.extracted.text.len()
        ));
        // The longest jobs first: two forests and two convolutions a model.
        let learned = parallel(self.options.threads, wanted.len() * 4, |job| {
            let (run, which, what) = (wanted[job / 4], job % 2, job % 4 / 2);
            let (table, options) = match which {
                0 => (&tables.page, &self.options.page),
                _ => (&tables.extracted, &self.options.extracted),
            };
            let chosen: Vec<usize> =
                (0..table.pages.len()).filter(|p| self.pages[tables.page_of[which][*p]].fold != run).collect();
            let seed = self.options.seed.wrapping_add((run * 2 + which) as u64);
            let learned = match what {
                0 => Learned::Net(net::learn(table, &chosen, &self.options.net, seed)),
                _ => Learned::Forest(boost::grow(table, &chosen, options, seed)),
            };
            progress(&format!("stage 2: {} of {}", job + 1, wanted.len() * 4));
            learned
        });
        let mut models = Vec::new();
        for (&run, learned) in wanted.iter().zip(learned.chunks(4)) {
            let [Learned::Net(a), Learned::Net(b), Learned::Forest(page), Learned::Forest(extracted)] = learned else {
                continue;
            };
            let second = |forest: &Forest, net: &Net| Second { forest: forest.clone(), net: net.clone() };
            let regime = self.regime(tables, run);
            models.push(Model::new(lexicals[run].clone(), regime, second(page, a), second(extracted, b)));
        }
        models
    }
}

/// How the trees on facts about documents are grown: there are few documents.
const REGIME: BoostOptions =
    BoostOptions { trees: 60, rate: 0.12, rows: 20_000, features: 60, lambda: 2.0, min_leaf: 2.0 };
