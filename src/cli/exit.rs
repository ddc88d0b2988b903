//! How a run ends: exit codes are a contract.

use std::fmt::Display;
use std::io;

/// What the process ends with. An unknown code means failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All inputs are done.
    Done,
    /// `check` found something, or `restore` found a difference.
    Found,
    /// Usage, configuration or a rule is wrong: nothing was written.
    Usage,
    /// Finished, but some inputs failed.
    SomeFailed,
    /// The output cannot be written: stopped, safe to run again.
    Output,
    /// A mistake in dehusk; the document passed through.
    Internal,
    /// Another run writes to the same output.
    Held,
    /// Stopped by this signal.
    Signal(u8),
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Found => 1,
            Exit::Usage => 2,
            Exit::SomeFailed => 3,
            Exit::Output => 4,
            Exit::Internal => 5,
            Exit::Held => 11,
            Exit::Signal(signal) => 128 + signal,
        }
    }
}

/// Why a command stopped.
#[derive(Debug)]
pub enum Failure {
    /// To be told in one line, already safe to show.
    Told(Exit, String),
    /// Whoever read standard output has seen enough.
    ClosedPipe,
}

/// How a command ended.
pub type Outcome<T = Exit> = Result<T, Failure>;

impl Failure {
    /// The command line, the configuration or a rule is wrong.
    pub fn usage(message: impl Display) -> Self {
        Self::Told(Exit::Usage, message.to_string())
    }

    /// The output cannot be written.
    pub fn output(message: impl Display) -> Self {
        Self::Told(Exit::Output, message.to_string())
    }

    /// Standard output cannot be written.
    pub fn stdout(cause: &io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::output(format!(
                "cannot write to standard output: {cause}. Inputs are untouched; make room, then run it again"
            )),
        }
    }
}

impl From<dehusk::Error> for Failure {
    fn from(error: dehusk::Error) -> Self {
        Self::usage(dehusk::io::Escaped::lines(&error.to_string()))
    }
}
