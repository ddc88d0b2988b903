//! Being stopped: finish what is begun, then go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Signals that ask a run to stop.
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

    /// The signal that came.
    pub fn received(&self) -> Option<u8> {
        u8::try_from(self.received.load(Ordering::Relaxed)).ok().filter(|s| *s > 0)
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
