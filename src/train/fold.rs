//! Learning weights from all pages, or from all but those of one fold.

use std::fs;
use std::path::Path;

use super::html::HtmlLearner;
use super::pages::{Lesson, Page};
use super::teach::Opinions;
use super::text::TextLearner;
use super::{Part, TrainOptions, sets, write};
use crate::cleaner::{Cleaner, CleanerBuilder};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{HtmlModel, Model};
use crate::rules::RuleSet;

/// All pages that there are to learn from.
pub(super) struct Pages<'a> {
    pub options: &'a TrainOptions,
    pub rules: &'a RuleSet,
    pub text: &'a [Page],
    pub html: &'a [Page],
}

/// Weights that were learned together.
#[derive(Default)]
pub(super) struct Weights {
    pub text: Option<Model>,
    pub html: Option<HtmlModel>,
}

impl Weights {
    /// A cleaner with these weights, and the built-in ones for what was not learned.
    pub fn cleaner(&self) -> CleanerBuilder {
        let mut builder = Cleaner::builder();
        if let Some(model) = &self.text {
            builder = builder.weights(model.clone());
        }
        if let Some(model) = &self.html {
            builder = builder.html_weights(model.clone());
        }
        builder
    }
}

impl Pages<'_> {
    /// Weights for each fold that have seen no page of it, nor has anything that taught them: as an earlier run wrote
    /// them, or learned and written.
    pub fn folds(&self, progress: &(dyn Fn(&str) + Sync)) -> Result<Vec<Weights>> {
        let fold = |fold: usize| {
            let Some(folder) = &self.options.folds_at else { return self.learn(fold, progress) };
            let names = [format!("{fold}.bin"), format!("html-{fold}.bin")].map(|name| folder.join(name));
            if names.iter().any(|name| name.exists()) {
                return Ok(Weights {
                    text: read(&names[0], Model::from_bytes)?,
                    html: read(&names[1], HtmlModel::from_bytes)?,
                });
            }
            let weights = self.learn(fold, progress)?;
            let bytes = [weights.text.as_ref().map(Model::to_bytes), weights.html.as_ref().map(HtmlModel::to_bytes)];
            for (name, bytes) in names.iter().zip(bytes) {
                bytes.map_or(Ok(()), |bytes| write(name, &bytes))?;
            }
            Ok(weights)
        };
        (0..self.options.folds).map(fold).collect()
    }

    /// Learns from the pages that are not of the fold `left_out`; the number after the last fold leaves out none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`] where no page is left.
    pub fn learn(&self, left_out: usize, progress: &(dyn Fn(&str) + Sync)) -> Result<Weights> {
        let Self { options, rules, .. } = *self;
        let (mut text, html) = (without(left_out, self.text), without(left_out, self.html));
        let none_left = |pages: &[Page], lessons: &[Lesson<'_>]| !pages.is_empty() && lessons.is_empty();
        if none_left(self.text, &text) || none_left(self.html, &html) {
            let message = "all pages are of one domain, so that without it there is none to learn from: \
                           leave \"domain\" out of gold.jsonl, and each page is for itself";
            return Err(Error::new(ErrorKind::Io, message));
        }
        let mut weights = Weights::default();
        if left_out < options.folds {
            progress(&format!("without fold {} of {}", left_out + 1, options.folds));
        }
        if !html.is_empty() {
            let learner = HtmlLearner { options, rules, lessons: &html, left_out };
            // HTML pages teach text: of each fold those weights speak that have not seen it.
            let folds = (0..options.folds).filter(|fold| *fold != left_out && !text.is_empty());
            let mut wanted: Vec<_> = folds.collect();
            let teachers = wanted.len();
            if options.part != Some(Part::Text) {
                wanted.push(left_out);
            }
            let mut learned = learner.learn(&wanted, progress);
            weights.html = learned.split_off(teachers).pop();
            let teachers = wanted.into_iter().zip(learned).collect();
            Opinions::of(&html, teachers, options.threads)?.teach(&mut text, options.threads);
        }
        if !text.is_empty() {
            weights.text = TextLearner { options, rules, lessons: &text, left_out }.learn(progress);
        }
        Ok(weights)
    }
}

/// Lessons of the pages that are not of a fold.
fn without(fold: usize, pages: &[Page]) -> Vec<Lesson<'_>> {
    pages.iter().filter(|p| p.fold != fold).map(Lesson::of).collect()
}

/// Weights of a file, if it is there.
fn read<T>(path: &Path, parse: impl Fn(&[u8]) -> Result<T>) -> Result<Option<T>> {
    if !path.exists() {
        return Ok(None);
    }
    parse(&fs::read(path).map_err(|e| sets::unreadable(path, e))?).map(Some)
}
