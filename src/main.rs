//! The `dehusk` command: a thin reading of the library.
#![forbid(unsafe_code)]

// Records are read on one thread and freed on another; the system's allocator makes both wait for each other then.
#[cfg(all(feature = "jemalloc", unix, target_pointer_width = "64"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    dehusk::cli::main(std::env::args_os().collect()).into()
}
