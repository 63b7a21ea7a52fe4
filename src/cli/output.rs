//! Standard output and standard error.

use std::io::{self, ErrorKind, Write};

/// Standard output. A reader that went away (`| head`) is no error: the rest is written to nobody.
pub(super) struct Stdout {
    inner: io::BufWriter<io::Stdout>,
}

impl Stdout {
    pub fn new() -> Self {
        Self { inner: io::BufWriter::new(io::stdout()) }
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.inner.write(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(bytes.len()),
            result => result,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.inner.flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }
}

impl Drop for Stdout {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

/// Writes to standard error.
pub(super) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
