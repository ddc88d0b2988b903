//! One binary for all integration tests: it links once.
#![allow(missing_docs, reason = "tests are read, not documented")]

mod laws;
mod packs;
mod seeds;
