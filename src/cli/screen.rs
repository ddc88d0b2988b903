//! Everything that is shown: the only place that prints.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Style};
use dehusk::io::Escaped;
use indicatif::{ProgressBar, ProgressStyle};

use super::args::When;
use super::exit::{Failure, Outcome};

/// Progress while inputs are still being counted, and when they are.
const WITHOUT_TOTAL: &str = "{spinner} {msg} files  {decimal_bytes}  {decimal_bytes_per_sec}  {elapsed}";
const WITH_TOTAL: &str =
    "{spinner} {msg} files  [{bar:30}]  {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}  {eta} left";

/// Messages on standard error, with a progress bar below them where there is a terminal.
#[derive(Debug)]
pub struct Screen {
    /// Whether only errors are shown.
    pub quiet: bool,
    /// Whether every input is shown.
    pub verbose: bool,
    bar: ProgressBar,
}

impl Screen {
    /// Messages without a progress bar.
    pub fn new(quiet: bool, verbose: bool, color: When) -> Self {
        let choice = match color {
            When::Auto => anstream::ColorChoice::Auto,
            When::Always => anstream::ColorChoice::Always,
            When::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
        Self { quiet, verbose, bar: ProgressBar::hidden() }
    }

    /// Shows a progress bar, if it is wanted.
    pub fn progress(&mut self, when: When) {
        let wanted = match when {
            When::Auto => !self.quiet && io::stderr().is_terminal(),
            When::Always => true,
            When::Never => false,
        };
        if wanted {
            let bar = ProgressBar::no_length();
            if let Ok(style) = ProgressStyle::with_template(WITHOUT_TOTAL) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            self.bar = bar;
        }
    }

    /// Another input is done.
    pub fn advance(&self, inputs: u64, bytes: u64) {
        if !self.bar.is_hidden() {
            self.bar.set_message(count(inputs));
            self.bar.inc(bytes);
        }
    }

    /// Takes the progress bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Shows an error. The message must be safe to show.
    pub fn error(&self, message: impl Display) {
        self.tell("error", AnsiColor::Red, message);
    }

    /// Shows a warning. The message must be safe to show.
    pub fn warning(&self, message: impl Display) {
        if !self.quiet {
            self.tell("warning", AnsiColor::Yellow, message);
        }
    }

    fn tell(&self, kind: &str, color: AnsiColor, message: impl Display) {
        let style = Style::new().fg_color(Some(color.into())).bold();
        self.line(format_args!("dehusk: {style}{kind}{style:#}: {message}"));
    }

    /// Shows a line unless it is to be quiet.
    pub fn note(&self, message: impl Display) {
        if !self.quiet {
            self.line(message);
        }
    }

    fn line(&self, message: impl Display) {
        // Where nobody can be told, there is nobody to tell it.
        self.bar.suspend(|| drop(writeln!(anstream::stderr(), "{message}")));
    }
}

/// Where a progress bar is shown, what tells it the bytes that there are in all: then it knows how long it will take.
pub fn total_of(screen: &Screen) -> Option<impl FnOnce(u64) + Send> {
    let bar = screen.bar.clone();
    let tell = move |bytes| {
        bar.set_length(bytes);
        if let Ok(style) = ProgressStyle::with_template(WITH_TOTAL) {
            bar.set_style(style);
        }
    };
    (!screen.bar.is_hidden()).then_some(tell)
}

/// Writes bytes to standard output as they are.
pub fn out_bytes(bytes: &[u8]) -> Outcome<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(|e| Failure::stdout(&e))
}

/// Writes text to standard output, its colours only where they are wanted.
pub fn out(text: impl Display) -> Outcome<()> {
    let mut stdout = anstream::AutoStream::auto(io::stdout().lock());
    write!(stdout, "{text}").and_then(|()| stdout.flush()).map_err(|e| Failure::stdout(&e))
}

/// Text of a page as it can be shown: as it is where it goes to a file or a pipe, escaped on a terminal.
pub fn content(text: &str) -> String {
    if io::stdout().is_terminal() { Escaped::lines(text).to_string() } else { text.to_owned() }
}

/// A number with separators: 12,480.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A size: 1.90 GB.
pub fn bytes(n: u64) -> String {
    let mut size = n as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if size < 1000.0 {
            return if unit == "B" { format!("{n} B") } else { format!("{} {unit}", three_digits(size)) };
        }
        size /= 1000.0;
    }
    format!("{} TB", three_digits(size))
}

fn three_digits(x: f64) -> String {
    let digits = if x < 10.0 { 2 } else { usize::from(x < 100.0) };
    format!("{x:.digits$}")
}

/// A count and its noun.
pub fn plural(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{} {one}s", count(n)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0, 999, 1900, 45_678, 1_900_000_000].map(bytes), ["0 B", "999 B", "1.90 kB", "45.7 kB", "1.90 GB"]);
        assert_eq!([plural(1, "file"), plural(12_480, "file")], ["1 file", "12,480 files"]);
    }
}
