//! A file that is cut into pieces where it lies: as much of it as one piece needs is in memory.

use std::io::{self, Read};

/// Octets read at once.
const STEP: usize = 64 * 1024;

/// What has been read of a file and not been used yet.
pub struct Window<R> {
    input: R,
    buffer: Vec<u8>,
    used: usize,
    /// Octets of the file in front of the buffer.
    before: u64,
}

impl<R: Read> Window<R> {
    pub fn new(input: R) -> Window<R> {
        Window { input, buffer: Vec::new(), used: 0, before: 0 }
    }

    /// What is there. A piece that is not whole needs [`Window::advance`] by nothing.
    pub fn rest(&self) -> &[u8] {
        self.buffer.get(self.used..).unwrap_or(&[])
    }

    /// `octet 1234:`, where what is there begins.
    pub fn place(&self) -> String {
        format!("octet {}:", self.before.saturating_add(u64::try_from(self.used).unwrap_or(0)))
    }

    /// Goes on behind what was used; if that was nothing, reads more. False at the end of the file.
    pub fn advance(&mut self, used: usize) -> io::Result<bool> {
        self.used += used;
        if used > 0 {
            return Ok(true);
        }
        self.buffer.drain(..self.used);
        self.before = self.before.saturating_add(u64::try_from(self.used).unwrap_or(0));
        self.used = 0;
        // no more than there is: a capture may be still going on
        let whole = self.buffer.len();
        self.buffer.resize(whole + STEP, 0);
        let read = self.input.read(self.buffer.get_mut(whole..).unwrap_or(&mut []));
        self.buffer.truncate(whole + *read.as_ref().unwrap_or(&0));
        Ok(read? > 0)
    }

    /// The end of the file: an error if something is left.
    pub fn end(&self, what: &str) -> io::Result<()> {
        if self.rest().is_empty() {
            return Ok(());
        }
        Err(io::Error::other(format!("{} the file ends inside a {what}", self.place())))
    }
}
