//! Being stopped: finish what is begun, then go.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Signals that ask a run to stop.
#[derive(Clone)]
pub struct Signals {
    received: Arc<AtomicUsize>,
}

impl Signals {
    /// From now on the first signal is noted, and a second one ends the process at once.
    pub fn catch() -> Self {
        let signals = Self::none();
        #[cfg(unix)]
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            let second = Arc::new(AtomicBool::new(false));
            // In this order: the flag that makes a signal the second one is set after it was looked at. A handler that
            // cannot be installed leaves the signal's own effect, which is to end the process.
            let _ = signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&second));
            let _ = signal_hook::flag::register(signal, second);
            let _ = signal_hook::flag::register_usize(signal, Arc::clone(&signals.received), signal as usize);
        }
        signals
    }

    /// Signals have their own effect.
    pub fn none() -> Self {
        Self { received: Arc::default() }
    }

    /// Standard input, which is not waited for any longer once a signal came.
    pub fn stdin(&self) -> Stdin {
        Stdin(self.clone())
    }

    /// The signal that came.
    pub fn received(&self) -> Option<u8> {
        u8::try_from(self.received.load(Ordering::Relaxed)).ok().filter(|s| *s > 0)
    }
}

/// Standard input that ends with an error when the process is told to stop: a pipe may stay silent for ever.
pub struct Stdin(Signals);

impl Read for Stdin {
    #[cfg(unix)]
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        // The signal may come just before the wait, or to another thread.
        const LOOK_AGAIN: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        let stdin = rustix::stdio::stdin();
        while self.0.received().is_none() {
            match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&LOOK_AGAIN)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return Ok(rustix::io::read(stdin, out)?),
                Err(e) => return Err(e.into()),
            }
        }
        Err(io::Error::other("the run was stopped"))
    }

    #[cfg(not(unix))]
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        io::stdin().read(out)
    }
}

/// A file over the size limit makes a write fail, as a full disk does, instead of ending the process.
pub fn outlive_file_size_limit() {
    #[cfg(unix)]
    {
        // A handler of any kind keeps the process alive; nobody asks the flag.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
    }
}
