//! Notes from the speaker to the tasks of its connections.

use herald_speaker::ConnId;
use herald_speaker::config::Transport;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// What the speaker left for a connection's task.
#[derive(Debug, Default)]
pub struct Link {
    /// Rung when anything below changed.
    pub changed: Notify,
    /// There is something to write.
    pub awake: Cell<bool>,
    /// Nothing is to be read.
    pub deaf: Cell<bool>,
    /// To be closed, after these octets.
    pub last: RefCell<Option<Vec<u8>>>,
    /// Options to be set.
    pub adopt: RefCell<Option<Transport>>,
    /// The socket, once it is ready for use.
    pub socket: OnceCell<TcpStream>,
}

impl Link {
    /// What the socket is waited for, if for anything.
    pub fn interest(&self) -> Option<Interest> {
        match (self.deaf.get(), self.awake.get()) {
            (false, false) => Some(Interest::READABLE),
            (false, true) => Some(Interest::READABLE | Interest::WRITABLE),
            (true, true) => Some(Interest::WRITABLE),
            (true, false) => None,
        }
    }

    /// True if the connection is to be closed.
    pub fn is_closing(&self) -> bool {
        self.last.borrow().is_some()
    }

    /// Waits until it is.
    pub async fn closing(&self) {
        while !self.is_closing() {
            self.changed.notified().await;
        }
    }
}

/// The connections the speaker knows, and how many tasks there are, those it has forgotten included.
#[derive(Debug, Default)]
pub struct Links {
    known: RefCell<HashMap<ConnId, Rc<Link>>>,
    tasks: Cell<usize>,
}

impl Links {
    /// A new connection, and a task for it.
    pub fn add(&self, conn: ConnId) -> Rc<Link> {
        let link = Rc::<Link>::default();
        self.known.borrow_mut().insert(conn, link.clone());
        self.tasks.set(self.tasks.get() + 1);
        link
    }

    /// Leaves a note.
    pub fn tell(&self, conn: ConnId, note: impl FnOnce(&Link)) {
        if let Some(link) = self.known.borrow().get(&conn) {
            note(link);
            link.changed.notify_one();
        }
    }

    /// A connection the speaker knows.
    pub fn find(&self, conn: ConnId) -> Option<Rc<Link>> {
        self.known.borrow().get(&conn).cloned()
    }

    /// The speaker does not know it any more. False if it did not before.
    pub fn forget(&self, conn: ConnId) -> bool {
        self.known.borrow_mut().remove(&conn).is_some()
    }

    /// A task is over.
    pub fn done(&self) {
        self.tasks.set(self.tasks.get().saturating_sub(1));
    }

    /// Tasks that are not over.
    pub fn tasks(&self) -> usize {
        self.tasks.get()
    }
}
