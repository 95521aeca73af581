//! Records on the core's side: they gather while inputs are handled, and leave in batches when the thread has a moment.

use crate::record::Batch;
use std::cell::{Cell, RefCell};
use tokio::sync::{Notify, mpsc};

/// Octets of records that may gather before peers are no longer read.
const FULL: usize = 1 << 20;
/// Octets of records that may gather before helpers are no longer read: what peers say does not hold commands up.
const FULL_OF_ANSWERS: usize = 2 * FULL;
/// Batches on their way at most.
pub const BATCHES: usize = 8;

/// The queue towards the edge.
#[derive(Debug, Default)]
pub struct Outbox {
    batch: RefCell<Batch>,
    idle: Cell<bool>,
    filled: Notify,
    emptied: Notify,
}

impl Outbox {
    /// Adds to the batch.
    pub fn add(&self, add: impl FnOnce(&mut Batch)) {
        add(&mut self.batch.borrow_mut());
        if self.idle.replace(false) {
            self.filled.notify_one();
        }
    }

    /// What gathered so far, to be sent by the caller.
    pub fn take(&self) -> Batch {
        self.batch.take()
    }

    /// Waits until the edge keeps up with what peers say.
    pub async fn room(&self) {
        self.less_than(FULL).await;
    }

    /// Waits until the edge keeps up with answers.
    pub async fn room_for_answers(&self) {
        self.less_than(FULL_OF_ANSWERS).await;
    }

    async fn less_than(&self, octets: usize) {
        while self.batch.borrow().weight() >= octets {
            self.emptied.notified().await;
        }
    }

    /// Sends batches until the edge is gone.
    pub async fn run(&self, edge: mpsc::Sender<Batch>) {
        loop {
            if self.batch.borrow().is_empty() {
                self.idle.set(true);
                self.filled.notified().await;
                continue;
            }
            let Ok(permit) = edge.reserve().await else { return };
            // What gathered while we waited goes along.
            permit.send(self.batch.take());
            self.emptied.notify_waiters();
        }
    }
}
