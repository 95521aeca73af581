//! Records on the core's side: they gather while inputs are handled, and leave in batches when the thread has a moment.

use crate::record::Batch;
use std::cell::{Cell, RefCell};
use tokio::sync::{Notify, mpsc};

/// Octets of records that may gather before the core stops reading.
const FULL: usize = 1 << 20;
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

    /// Waits until the edge keeps up.
    pub async fn room(&self) {
        while self.batch.borrow().weight() >= FULL {
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
