//! The finished copy of one input, or why there is none.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use dehusk::io::{Draft, Ending, Escaped, Finished, HashedWrite, Input, Record, Seal, sync_folder};

use super::{Done, Worker};
use crate::cli::outputs::Target;

/// How writing ended.
pub(super) enum Written {
    Nothing,
    Body,
    File(PathBuf, Seal),
    Replacement(Finished),
}

/// Why an output is not there.
pub(super) enum NotWritten {
    /// This one cannot be written; others can.
    One(String),
    /// None can.
    Fatal(PathBuf, io::Error),
}

impl Worker<'_> {
    /// Writes an input as it is. `copy` gets where it goes.
    pub(super) fn copy(
        &self,
        path: &Path,
        from: &Path,
        ending: Ending,
        reason: &str,
        copy: impl FnOnce(&mut dyn Write) -> io::Result<io::Result<(u64, String)>>,
    ) -> Done {
        let mut result = None;
        let write = |out: &mut dyn Write| match copy(out)? {
            Ok(copied) => {
                result = Some(Ok(copied));
                Ok(())
            }
            Err(e) => {
                result = Some(Err(e));
                // Whatever is said here: the draft must not be finished.
                Err(io::ErrorKind::Interrupted.into())
            }
        };
        let written = match &self.outputs.target {
            Target::Nothing | Target::InPlace { .. } => {
                write(&mut io::sink()).map(|()| Written::Nothing).map_err(|e| self.not_written(from, e))
            }
            Target::Stdout => {
                write(&mut io::stdout().lock()).map(|()| Written::Nothing).map_err(|e| self.not_written(from, e))
            }
            _ => self.write(path, from, write),
        };
        match (result, written) {
            (Some(Err(e)), _) => Done::of(Record::failed(path, format!("cannot read it: {e}"))),
            (Some(Ok((len, hash))), Ok(written)) => {
                let input = Some((len, hash.clone()));
                Done { input, ..Done::of(Record::as_is(path, ending, reason, len, hash)).with(written) }
            }
            (_, Err(not)) => Done::not(path, not),
            (None, Ok(_)) => Done::of(Record::failed(path, "cannot read it")),
        }
    }

    /// A finished copy that will take its input's place, the input being kept beside it where that is asked for.
    pub(super) fn replacement(&self, from: &Path, body: &[u8], input: Option<&Input>) -> Result<Written, NotWritten> {
        let not = |e| self.not_written(from, e);
        let real = from.canonicalize().map_err(not)?;
        let mut draft = Draft::new(&real, true).map_err(not)?;
        draft.write_all(body).map_err(not)?;
        if let Some(input) = input {
            draft.permissions(input.metadata().permissions()).map_err(not)?;
        }
        draft.finish().map(Written::Replacement).map_err(not)
    }

    pub(super) fn write(
        &self,
        path: &Path,
        from: &Path,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Written, NotWritten> {
        let draft = match &self.outputs.target {
            Target::Folder(tree) => tree.draft(path),
            Target::File(file) => Draft::new(file, self.outputs.replaces()),
            _ => return Ok(Written::Nothing),
        };
        let durable = self.outputs.durable;
        let result = draft.and_then(|draft| {
            let mut out = HashedWrite::new(draft);
            write(&mut out)?;
            let (seal, draft) = out.finish();
            if durable {
                draft.sync()?;
            }
            let path = draft.finish()?.commit()?;
            if durable {
                sync_folder(&path)?;
            }
            Ok((path, seal))
        });
        result
            .map(|(path, seal)| Written::File(path, seal))
            .map_err(|e| self.not_written(&self.target_of(path, from), e))
    }

    pub(super) fn target_of(&self, path: &Path, from: &Path) -> PathBuf {
        match &self.outputs.target {
            Target::Folder(tree) => tree.root().join(path),
            Target::File(file) => file.clone(),
            Target::Stdout => "standard output".into(),
            _ => from.to_path_buf(),
        }
    }

    /// Whether one output cannot be written, or none.
    pub(super) fn not_written(&self, target: &Path, e: io::Error) -> NotWritten {
        if is_of_one(&e) {
            NotWritten::One(format!("cannot write {}: {e}", Escaped::path(target)))
        } else {
            NotWritten::Fatal(target.to_path_buf(), e)
        }
    }
}

/// Whether an output cannot be written while others can.
pub fn is_of_one(e: &io::Error) -> bool {
    use io::ErrorKind::{AlreadyExists, InvalidFilename, InvalidInput, IsADirectory, NotADirectory};
    matches!(e.kind(), AlreadyExists | InvalidFilename | InvalidInput | IsADirectory | NotADirectory)
}
