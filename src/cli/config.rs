//! `dehusk.toml`: options for every run in a folder. Its keys are the long options.

use std::path::{Path, PathBuf};
use std::{env, fs};

use dehusk::io::Escaped;
use serde::Deserialize;

use super::args::{
    Check, Clean, FormatArg, KindArg, LevelArg, OnConflict, RuleArgs, Shown, SiteBy, TextArg, ToArg, When,
};
use super::exit::{Failure, Outcome};
use super::paths::Identity;

/// The file's name.
const NAME: &str = "dehusk.toml";
/// How many files may extend each other.
const MAX_EXTENDS: usize = 8;

/// What a configuration file may say.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    extend: Option<PathBuf>,
    glob: Option<Vec<String>>,
    exclude: Option<Vec<String>>,
    format: Option<FormatArg>,
    encoding: Option<String>,
    field: Option<String>,
    url_field: Option<String>,
    on_conflict: Option<OnConflict>,
    to: Option<ToArg>,
    removed_column: Option<String>,
    level: Option<LevelArg>,
    rules: Option<Vec<PathBuf>>,
    select: Option<Vec<String>>,
    ignore: Option<Vec<String>>,
    no_default_rules: Option<bool>,
    weights: Option<PathBuf>,
    no_model: Option<bool>,
    input_kind: Option<KindArg>,
    max_removed: Option<f32>,
    max_loss: Option<f32>,
    learn: Option<bool>,
    site_by: Option<SiteBy>,
    report_text: Option<TextArg>,
    no_report: Option<bool>,
    threads: Option<u16>,
    fail_fast: Option<bool>,
    progress: Option<When>,
    color: Option<When>,
}

/// Fills an option that was not typed in; for lists and switches, "not typed in" is empty and off.
fn fill<T: Default + PartialEq, V: Into<T>>(typed: &mut T, value: &mut Option<V>) {
    if *typed == T::default()
        && let Some(value) = value.take()
    {
        *typed = value.into();
    }
}

impl Config {
    /// Reads the configuration that applies: the named file, else the nearest `dehusk.toml` from the current folder
    /// upward, else the user's. Never one inside an input folder: a scraped mirror may carry one.
    pub fn load(shown: &Shown, inputs: &[PathBuf]) -> Outcome<Self> {
        if shown.isolated {
            return Ok(Self::default());
        }
        match &shown.config {
            Some(path) => Self::read(path, 0),
            None => match find(inputs) {
                Some(path) => Self::read(&path, 0),
                None => Ok(Self::default()),
            },
        }
    }

    fn read(path: &Path, depth: usize) -> Outcome<Self> {
        let shown = Escaped::path(path);
        let text = fs::read_to_string(path)
            .map_err(|e| Failure::usage(format!("cannot read the configuration {shown}: {e}. Nothing was written")))?;
        let mut config: Self = toml::from_str(&text).map_err(|e| {
            let at = e.span().map_or(0, |s| s.start);
            let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
            Failure::usage(format!("{shown} line {line}: {}. Nothing was written", Escaped::text(e.message())))
        })?;
        for (percent, name) in [(config.max_removed, "max-removed"), (config.max_loss, "max-loss")] {
            if percent.is_some_and(|percent| !(0.0..=100.0).contains(&percent)) {
                return Err(Failure::usage(format!("{shown}: {name} is a percentage from 0 to 100")));
            }
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        for pack in config.rules.iter_mut().flatten().chain(&mut config.weights) {
            *pack = folder.join(&*pack);
        }
        match config.extend.take() {
            None => Ok(config),
            Some(_) if depth == MAX_EXTENDS => {
                Err(Failure::usage(format!("{shown}: more than {MAX_EXTENDS} files extend each other")))
            }
            Some(base) => Ok(config.over(Self::read(&folder.join(base), depth + 1)?)),
        }
    }

    /// What this file says, and what `base` says where this one is silent.
    fn over(self, base: Self) -> Self {
        macro_rules! or {
            ($($key:ident),*) => { Self { extend: None, $($key: self.$key.or(base.$key)),* } };
        }
        or!(
            glob,
            exclude,
            format,
            encoding,
            field,
            url_field,
            on_conflict,
            to,
            removed_column,
            level,
            rules,
            select,
            ignore,
            no_default_rules,
            weights,
            no_model,
            input_kind,
            max_removed,
            max_loss,
            learn,
            site_by,
            report_text,
            no_report,
            threads,
            fail_fast,
            progress,
            color
        )
    }

    /// Fills what was not typed in for `clean`.
    pub fn fill_clean(mut self, typed: &mut Clean, shown: &mut Shown) {
        fill(&mut typed.output.on_conflict, &mut self.on_conflict);
        fill(&mut typed.output.to, &mut self.to);
        fill(&mut typed.output.removed_column, &mut self.removed_column);
        fill(&mut typed.report.report_text, &mut self.report_text);
        fill(&mut typed.report.no_report, &mut self.no_report);
        fill(&mut typed.learn, &mut self.learn);
        fill(&mut typed.sites.site_by, &mut self.site_by);
        self.fill_common(&mut typed.input, &mut typed.run);
        self.fill_rules(&mut typed.rules, shown);
    }

    /// Fills what was not typed in for `check`.
    pub fn fill_check(mut self, typed: &mut Check, shown: &mut Shown) {
        fill(&mut typed.learn, &mut self.learn);
        fill(&mut typed.sites.site_by, &mut self.site_by);
        self.fill_common(&mut typed.input, &mut typed.run);
        self.fill_rules(&mut typed.rules, shown);
    }

    fn fill_common(&mut self, input: &mut super::args::Input, run: &mut super::args::Run) {
        fill(&mut input.glob, &mut self.glob);
        fill(&mut input.exclude, &mut self.exclude);
        fill(&mut input.format, &mut self.format);
        fill(&mut input.encoding, &mut self.encoding);
        fill(&mut input.field, &mut self.field);
        fill(&mut input.url_field, &mut self.url_field);
        fill(&mut run.threads, &mut self.threads);
        fill(&mut run.fail_fast, &mut self.fail_fast);
        fill(&mut run.progress, &mut self.progress);
    }

    /// Fills what was not typed in of rules and display.
    pub fn fill_rules(&mut self, typed: &mut RuleArgs, shown: &mut Shown) {
        fill(&mut typed.level, &mut self.level);
        fill(&mut typed.packs, &mut self.rules);
        fill(&mut typed.select, &mut self.select);
        fill(&mut typed.ignore, &mut self.ignore);
        fill(&mut typed.no_default_rules, &mut self.no_default_rules);
        if !typed.no_model && typed.weights.is_none() {
            typed.weights = self.weights.take();
            fill(&mut typed.no_model, &mut self.no_model);
        }
        fill(&mut typed.input_kind, &mut self.input_kind);
        fill(&mut typed.max_removed, &mut self.max_removed);
        fill(&mut typed.max_loss, &mut self.max_loss);
        fill(&mut shown.color, &mut self.color);
    }
}

/// The configuration file that applies.
fn find(inputs: &[PathBuf]) -> Option<PathBuf> {
    let roots: Vec<Identity> = inputs.iter().filter(|p| p.is_dir()).filter_map(|p| Identity::of(p).ok()).collect();
    let here = env::current_dir().ok()?;
    let trusted = |folder: &&Path| !folder.ancestors().filter_map(|a| Identity::of(a).ok()).any(|a| roots.contains(&a));
    let near = here.ancestors().filter(trusted).map(|folder| folder.join(NAME)).find(|path| path.is_file());
    near.or_else(|| user_folder().map(|folder| folder.join("dehusk").join(NAME)).filter(|path| path.is_file()))
}

/// Where this user's configuration is.
fn user_folder() -> Option<PathBuf> {
    let variable = |name| env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    if cfg!(windows) {
        variable("APPDATA")
    } else {
        variable("XDG_CONFIG_HOME").or_else(|| Some(variable("HOME")?.join(".config")))
    }
}
