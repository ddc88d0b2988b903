//! The `dehusk` command: a thin reading of the library.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    dehusk::cli::main(std::env::args_os().collect()).into()
}
