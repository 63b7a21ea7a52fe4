//! Arguments → cli → exit code.

use std::process::ExitCode;

/// Specs are trees of small values, made and freed by the million: the system's allocator is the largest single cost there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    toolloom::cli::main().into()
}
