//! Learning the weights for HTML pages.

use super::pages::Page;
use super::table::{Rows, Table};
use super::teach::Opinions;
use super::{
    Known, Learned, NetOptions, TrainOptions, boost, card, measure, net, parallel, read_folds, words, write,
    write_folds,
};
use crate::error::Result;
use crate::evidence::Layout;
use crate::model::html::table::ALL;
use crate::model::html::tags::Tags;
use crate::model::lexical::Lexical;
use crate::model::trees::LANES;
use crate::model::{HtmlModel, Memory, Second};
use crate::rules::RuleSet;
use crate::scan::{self, Scan};
use crate::segment::{self, Blocks};

/// What the names of folds' weights begin with.
const FOLD: &str = "html-";

impl Known<'_> {
    /// What weights for HTML pages think of pages whose domains they have not seen.
    pub fn teachers(&self, pages: &[Page], progress: &(dyn Fn(&str) + Sync)) -> Result<Opinions> {
        progress("HTML, teachers");
        let folds: Vec<usize> = (0..self.options.folds).collect();
        let teachers = self.html_models(pages, &folds, &self.options.net, progress);
        Opinions::of(pages, &teachers, self.options.threads)
    }

    /// Learns the weights for HTML pages.
    pub fn html(&self, pages: &[Page], progress: &(dyn Fn(&str) + Sync)) -> Result<String> {
        let Known { options, names, golds, .. } = *self;
        let (all, folds) = match options.folds_at.as_deref().filter(|f| f.join(format!("{FOLD}0.bin")).exists()) {
            Some(folder) => (None, read_folds(folder, FOLD, options.folds, HtmlModel::from_bytes)?),
            None => {
                let folds = 0..if options.cv { options.folds } else { 0 };
                let wanted: Vec<usize> = folds.chain(options.out.as_ref().map(|_| options.folds)).collect();
                let mut models = self.html_models(pages, &wanted, &options.html_net, progress);
                let all = if options.out.is_some() { models.pop() } else { None };
                if let Some(folder) = &options.folds_at {
                    write_folds(folder, FOLD, models.iter().map(HtmlModel::to_bytes))?;
                }
                (all, models)
            }
        };
        let mut said = String::new();
        if options.cv {
            let folds = measure::Folds { text: &[], html: &folds };
            said = measure::cross_validate(options, pages, names, golds, folds, progress)?;
        }
        if let (Some(out), Some(model)) = (&options.out, &all) {
            write(out, HtmlModel::FILE, &model.to_bytes())?;
            write(out, "html.md", card::html(options, names, pages, model, &said).as_bytes())?;
        }
        Ok(said)
    }

    /// Models that each leave one fold out; the number after the last fold leaves out none.
    fn html_models(
        &self,
        pages: &[Page],
        wanted: &[usize],
        net: &NetOptions,
        progress: &(dyn Fn(&str) + Sync),
    ) -> Vec<HtmlModel> {
        let learner = HtmlLearner { options: self.options, rules: self.rules, pages };
        let lexicals = learner.lexicals(progress);
        let table = learner.table(&lexicals, progress);
        learner.models(&lexicals, &table, (wanted, net), progress)
    }
}

/// What is learned from HTML pages, and how.
struct HtmlLearner<'a> {
    options: &'a TrainOptions,
    rules: &'a RuleSet,
    pages: &'a [Page],
}

impl HtmlLearner<'_> {
    /// One stage 1 for each fold, learned from the others, and one learned from all.
    fn lexicals(&self, progress: &(dyn Fn(&str) + Sync)) -> Vec<(Lexical, Tags)> {
        let mut data = words::Data::default();
        let mut fold = Vec::new();
        let mut blocks = Blocks::default();
        for page in self.pages {
            let document = page.document();
            segment::segment(&document, &mut blocks);
            data.add(&blocks, document.html(), |i| page.vote(&blocks.blocks[i], i));
            fold.extend(std::iter::repeat_n(page.fold as u8, blocks.blocks.len()));
        }
        progress(&format!("HTML, stage 1: {} blocks", data.examples.len()));
        parallel(self.options.threads, self.options.folds + 1, |run| {
            let rows = (0..fold.len() as u32).filter(|r| usize::from(fold[*r as usize]) != run).collect();
            words::learn(&data, rows, self.options.seed ^ run as u64)
        })
    }

    /// The features of all pages, by stage-1 scores that did not see the page's domain.
    fn table(&self, lexicals: &[(Lexical, Tags)], progress: &(dyn Fn(&str) + Sync)) -> Table {
        progress("HTML, features");
        let mut table = Table::new(ALL);
        let read = parallel(self.options.threads, self.pages.len(), |at| self.read(&self.pages[at], lexicals));
        for read in read {
            table.add(read);
        }
        table
    }

    /// Models as `wanted`.
    fn models(
        &self,
        lexicals: &[(Lexical, Tags)],
        table: &Table,
        (wanted, net): (&[usize], &NetOptions),
        progress: &(dyn Fn(&str) + Sync),
    ) -> Vec<HtmlModel> {
        progress(&format!("HTML, stage 2: {} blocks", table.text.len()));
        let learned = parallel(self.options.threads, wanted.len() * 2, |job| {
            let run = wanted[job / 2];
            let chosen: Vec<usize> = (0..table.pages.len()).filter(|p| self.pages[*p].fold != run).collect();
            let seed = self.options.seed.wrapping_add(run as u64);
            let learned = match job % 2 {
                0 => Learned::Net(net::learn(table, &chosen, net, seed)),
                _ => Learned::Forest(boost::grow(table, &chosen, &self.options.html, seed)),
            };
            progress(&format!("HTML, stage 2: {} of {}", job + 1, wanted.len() * 2));
            learned
        });
        let mut models = Vec::new();
        for (&run, learned) in wanted.iter().zip(learned.chunks(2)) {
            let [Learned::Net(net), Learned::Forest(forest)] = learned else { continue };
            let (lexical, tags) = lexicals[run].clone();
            models.push(HtmlModel::new(lexical, tags, Second { forest: forest.clone(), net: net.clone() }));
        }
        models
    }

    fn read(&self, page: &Page, lexicals: &[(Lexical, Tags)]) -> Rows {
        let (mut blocks, mut scan, mut memory) = (Blocks::default(), Scan::default(), Memory::default());
        let document = page.document();
        let Some(html) = document.html() else { return Rows::default() };
        segment::segment(&document, &mut blocks);
        scan::scan(document.text(), &blocks, self.rules, None, &mut scan);
        let layout = Layout::of(&blocks, &scan, self.rules);
        let (lexical, tags) = &lexicals[page.fold];
        memory.read_html(lexical, tags, (&blocks, &scan, self.rules, &layout, html));
        let mut rows = Rows::new(page, &blocks, ALL);
        for from in (0..rows.len()).step_by(LANES) {
            rows.fill(from, memory.fill_html(&blocks, html, from));
        }
        rows
    }
}
