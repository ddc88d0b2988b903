//! `dehusk train`: learns weights from pages whose text is known.

use dehusk::train::{Part, TrainOptions, run as learn};

use super::args::{Learned, Train};
use super::exit::{Exit, Failure, Outcome};
use super::screen::{self, Screen};

/// Runs `dehusk train`.
pub fn run(typed: &Train, screen: &Screen) -> Outcome {
    if typed.out.is_none() && typed.cv.is_none() {
        return Err(Failure::usage(
            "nothing to do: name a folder for the weights (-o), or ask for figures (--cv domain)",
        ));
    }
    let options = TrainOptions {
        sets: typed.sets.clone(),
        part: typed.only.map(|only| match only {
            Learned::Text => Part::Text,
            Learned::Html => Part::Html,
        }),
        out: typed.out.clone(),
        cv: typed.cv.is_some(),
        cv_out: typed.cv_out.clone(),
        seed: typed.seed,
        threads: typed.threads,
        ..TrainOptions::default()
    };
    let figures = learn(&options, &|message| screen.note(message))?;
    if !figures.is_empty() {
        screen::out(figures)?;
    }
    Ok(Exit::Done)
}
