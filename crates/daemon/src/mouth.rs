//! What speaks to a helper: the write end of its standard input.
//!
//! The edge thread writes what waits in the helper's queue. Where nothing waits and nothing is on its way there, whoever
//! listens to the helper on the core thread may write an answer himself: a helper that waits for each answer before it
//! goes on waits for one thread less.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

/// Octets that a pipe takes as one piece or not at all.
pub const WHOLE: usize = libc::PIPE_BUF;

/// See above.
#[derive(Debug)]
pub struct Mouth {
    stdin: File,
    /// Nothing waits in the queue.
    idle: AtomicBool,
}

impl Mouth {
    /// One that shares the pipe; not idle before the edge says so.
    pub fn of(stdin: &impl AsFd) -> std::io::Result<Mouth> {
        let stdin: OwnedFd = stdin.as_fd().try_clone_to_owned()?;
        Ok(Mouth { stdin: File::from(stdin), idle: AtomicBool::new(false) })
    }

    /// The edge says whether something waits in the queue.
    pub fn set_idle(&self, idle: bool) {
        self.idle.store(idle, Ordering::Release);
    }

    /// True if nothing waits in the queue, as far as the edge knows: what it was not given yet is not counted.
    pub fn is_idle(&self) -> bool {
        self.idle.load(Ordering::Acquire)
    }

    /// Writes all of a text of at most [`WHOLE`] octets; false if none of it was written.
    pub fn say(&self, text: &str) -> bool {
        text.len() <= WHOLE && (&self.stdin).write(text.as_bytes()).is_ok()
    }
}
