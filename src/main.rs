//! Arguments → cli → exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    toolloom::cli::main().into()
}
