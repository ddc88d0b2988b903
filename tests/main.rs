//! One binary for all integration tests: it links once.
#![allow(clippy::print_stdout, reason = "a skipped test says so")]
#![allow(clippy::disallowed_types, reason = "tests do not fork")]
#![allow(missing_docs, reason = "tests are read, not documented")]

#[cfg(all(feature = "cli", unix))]
mod cli;
#[cfg(feature = "io")]
mod fuzz;
mod html;
#[cfg(feature = "io")]
mod laws;
mod packs;
mod pages;
#[cfg(all(feature = "cli", unix))]
mod readme;
mod review;
mod seeds;
mod sites;
