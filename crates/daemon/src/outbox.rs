//! Records on the core's side: they gather while inputs are handled, and leave in batches when the thread has a moment.

use crate::record::Batch;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};
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
    /// Every batch that was sent and not handed out yet has a clone.
    under_way: Arc<()>,
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
        let mut batch = self.batch.take();
        batch.under_way = Some(self.under_way.clone());
        batch
    }

    /// True if nothing gathered since the last batch.
    pub fn is_empty(&self) -> bool {
        self.batch.borrow().is_empty()
    }

    /// True if the edge has handed out all there was: whatever it told others of it can be seen.
    pub fn is_settled(&self) -> bool {
        let settled = self.is_empty() && Arc::strong_count(&self.under_way) == 1;
        fence(Ordering::Acquire);
        settled
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
            permit.send(self.take());
            self.emptied.notify_waiters();
        }
    }
}
