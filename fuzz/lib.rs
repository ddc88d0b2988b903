//! The laws, compiled once for all targets.
#[path = "../tests/fuzz/oracles.rs"]
pub mod oracles;
