//! The only place where both worlds meet: sockets, the clock and the commands of clients on one side, the speaker on
//! the other. One thread owns it all; nothing is locked, and nobody holds the speaker while he waits.
//!
//! One task for each connection, one for each listener, one for the timer; [`crate::inbox`] and [`crate::ear`] have
//! theirs. Each hands an input to [`Core::handle`], which carries out the effects at once or leaves a note for the task
//! that can.

use crate::links::{Link, Links};
use crate::listeners::Listeners;
use crate::outbox::Outbox;
use crate::record::Record;
use crate::recorder::Recorder;
use crate::{log, socket};
use herald_api::reply::Daemon;
use herald_speaker::config::Transport;
use herald_speaker::time::{Instant, Now, UnixNanos};
use herald_speaker::{CloseReason, ConnId, Effect, Input, Listener, Speaker};
use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::{spawn_local, yield_now};
use tokio::time::timeout;

/// Octets read in one turn of a connection: about a quarter of a millisecond's worth of UPDATEs. Nobody else waits longer than that.
const READ: usize = 16 * 1024;
/// Octets written in one turn.
const WRITE: usize = 128 * 1024;

/// The speaker and what it drives.
pub struct Core {
    speaker: RefCell<Speaker>,
    start: std::time::Instant,
    /// Who we are.
    pub daemon: Daemon,
    /// One buffer for all connections: what a read leaves over is kept in the session.
    scratch: RefCell<Vec<u8>>,
    links: Links,
    listeners: RefCell<Listeners>,
    accepted: Cell<u64>,
    armed: Cell<Option<Instant>>,
    rearm: Notify,
    recorder: Recorder,
    /// Records for the edge.
    pub outbox: Outbox,
    /// The speaker wants the configuration read again.
    pub reload: Notify,
    /// The speaker is done: exit code.
    pub stopped: Cell<Option<u8>>,
    /// Rung when that is set, and when a connection ends.
    pub ended: Notify,
    /// Why listeners could not be opened.
    pub refused: RefCell<Vec<String>>,
}

impl Core {
    /// A core around a speaker. `start`: the zero of its clock.
    pub fn new(seed: u64, start: std::time::Instant, daemon: Daemon, recorder: Recorder) -> Rc<Core> {
        Rc::new(Core {
            speaker: RefCell::new(Speaker::new(seed, Now::default())),
            start,
            daemon,
            scratch: RefCell::new(vec![0; READ]),
            links: Links::default(),
            listeners: RefCell::default(),
            accepted: Cell::new(0),
            armed: Cell::new(None),
            rearm: Notify::new(),
            recorder,
            outbox: Outbox::default(),
            reload: Notify::new(),
            stopped: Cell::new(None),
            ended: Notify::new(),
            refused: RefCell::default(),
        })
    }

    fn now(&self) -> Now {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let nanos = |d: Duration| u64::try_from(d.as_nanos()).unwrap_or(u64::MAX);
        Now { mono: Instant(nanos(self.start.elapsed())), wall: UnixNanos(nanos(wall)) }
    }

    /// Hands an input to the speaker and carries out what follows.
    pub fn handle(self: &Rc<Self>, input: Input<'_>) {
        self.handle_all(std::iter::once(input), |now, effect| self.carry_out(now, effect));
    }

    /// Hands inputs to the speaker; the closure sees to what follows.
    pub fn handle_all<'a>(&self, inputs: impl Iterator<Item = Input<'a>>, mut then: impl FnMut(Now, Effect<'_>)) {
        let now = self.now();
        let mut speaker = self.speaker.borrow_mut();
        for input in inputs {
            self.recorder.input(now, &input);
            speaker.handle(now, input, &mut |effect| then(now, effect));
        }
        let due = speaker.deadline().map(|deadline| deadline.at);
        // A later deadline than the armed one needs nothing: the timer looks again when it wakes.
        if due.is_some_and(|at| self.armed.get().is_none_or(|armed| at < armed)) {
            self.rearm.notify_one();
        }
    }

    /// Connections that are not quite closed yet.
    pub fn lingering(&self) -> usize {
        self.links.tasks()
    }

    /// Does what the speaker wants done.
    pub fn carry_out(self: &Rc<Self>, now: Now, effect: Effect<'_>) {
        self.recorder.effect(&effect);
        match effect {
            Effect::Event(event) => {
                log::event(&event);
                self.outbox.add(|batch| batch.push_event(now.wall, &event));
            }
            Effect::Reply { to, reply } => self.outbox.add(|batch| batch.push_reply(to, &reply)),
            Effect::Wake { conn } => self.links.tell(conn, |link| link.awake.set(true)),
            Effect::Pause { conn, reading } => self.links.tell(conn, |link| link.deaf.set(!reading)),
            Effect::Close { conn, last } => {
                self.links.tell(conn, |link| *link.last.borrow_mut() = Some(last.to_vec()));
                self.links.forget(conn);
            }
            Effect::Connect { conn, local, to, transport } => self.connect(conn, local, to, transport.clone()),
            Effect::Adopt { conn, transport } => {
                self.links.tell(conn, |link| *link.adopt.borrow_mut() = Some(transport.clone()));
            }
            Effect::Listen { on } => self.listen(on),
            Effect::Notice(notice) => log::notice(&notice),
            Effect::Spawn { process, config } => {
                self.outbox.add(|batch| batch.push(Record::Spawn { process, config: config.clone() }));
            }
            Effect::Kill { process } => self.outbox.add(|batch| batch.push(Record::Kill { process })),
            Effect::Reload => self.reload.notify_one(),
            Effect::Stop { code } => {
                self.stopped.set(Some(code));
                self.ended.notify_one();
            }
        }
    }

    #[cold] // apart from what is done for every command: so is the next one
    fn connect(self: &Rc<Self>, conn: ConnId, local: Option<IpAddr>, to: SocketAddr, transport: Transport) {
        let (link, core) = (self.links.add(conn), self.clone());
        spawn_local(async move {
            let socket = tokio::select! {
                socket = socket::connect(local, to, &transport) => socket,
                () = link.closing() => return core.done(),
            };
            let local = |socket: &TcpStream| socket.local_addr().map_err(|error| error.to_string());
            match socket.and_then(|socket| Ok((local(&socket)?, socket))) {
                Ok((local, socket)) => {
                    core.handle(Input::Connected { conn, local });
                    core.connection(conn, link, socket).await;
                }
                Err(why) => core.lost(conn, CloseReason::Failed(why)),
            }
            core.done();
        });
    }

    #[cold]
    fn listen(self: &Rc<Self>, on: &[Listener]) {
        let core = self.clone();
        let accepted = move |socket, local, remote| core.accepted(socket, local, remote);
        *self.refused.borrow_mut() = self.listeners.borrow_mut().set(on, &Rc::new(accepted));
    }

    fn done(&self) {
        self.links.done();
        self.ended.notify_one();
    }

    /// The speaker hears of it unless it has forgotten the connection.
    fn lost(self: &Rc<Self>, conn: ConnId, why: CloseReason) {
        if self.links.forget(conn) {
            self.handle(Input::Closed { conn, why });
        }
    }

    fn accepted(self: &Rc<Self>, socket: TcpStream, local: SocketAddr, remote: SocketAddr) {
        let conn = ConnId::accepted(self.accepted.replace(self.accepted.get() + 1));
        let (link, core) = (self.links.add(conn), self.clone());
        self.handle(Input::Accepted { conn, local, remote });
        spawn_local(async move {
            core.connection(conn, link, socket).await;
            core.done();
        });
    }

    /// One read and one write a turn, then the others' turn. Whoever begins listens first.
    async fn connection(self: &Rc<Self>, conn: ConnId, link: Rc<Link>, socket: TcpStream) {
        if let Some(transport) = link.adopt.take()
            && let Err(why) = socket::adopt(&socket, &transport)
        {
            return self.lost(conn, CloseReason::Failed(why));
        }
        let socket = link.socket.get_or_init(|| socket);
        loop {
            if let Some(last) = link.last.take() {
                return socket::farewell(socket, &last).await;
            }
            let Some(interest) = link.interest() else {
                link.changed.notified().await;
                continue;
            };
            let ready = tokio::select! {
                biased;
                () = link.changed.notified() => continue,
                ready = socket.ready(interest) => ready,
            };
            let turn = match ready {
                Ok(ready) => {
                    let heard = if ready.is_readable() && !link.deaf.get() { self.read(conn, socket) } else { Ok(()) };
                    let writes = ready.is_writable() && link.awake.get() && !link.is_closing();
                    if writes { heard.and_then(|()| self.write(conn, &link, socket)) } else { heard }
                }
                Err(error) => Err(broken(&error)),
            };
            if let Err(why) = turn {
                return self.lost(conn, why);
            }
            self.outbox.room().await;
            yield_now().await;
        }
    }

    fn read(self: &Rc<Self>, conn: ConnId, socket: &TcpStream) -> Result<(), CloseReason> {
        let mut scratch = self.scratch.borrow_mut();
        match socket.try_read(&mut scratch) {
            Ok(0) => Err(CloseReason::Closed),
            Ok(n) => {
                self.handle(Input::Received { conn, bytes: scratch.get(..n).unwrap_or(&[]) });
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(broken(&error)),
        }
    }

    /// Writes to a connection now, rather than when its task has its turn. What is left, and mistakes, are for the task.
    pub fn speak(self: &Rc<Self>, conn: ConnId) {
        let all = self.links.find(conn).filter(|link| !link.is_closing()).is_some_and(|link| {
            let Some(socket) = link.socket.get() else { return false };
            let write = || self.write(conn, &link, socket).is_ok();
            // the second finds that nothing is left, unless there is more than fits into a turn
            write() && write() && !link.awake.get()
        });
        if !all {
            self.links.tell(conn, |link| link.awake.set(true));
        }
    }

    fn write(self: &Rc<Self>, conn: ConnId, link: &Link, socket: &TcpStream) -> Result<(), CloseReason> {
        let now = self.now();
        let mut speaker = self.speaker.borrow_mut();
        let bytes = speaker.transmit(now, conn, WRITE, &mut |effect| self.carry_out(now, effect));
        link.awake.set(!bytes.is_empty());
        let written = if bytes.is_empty() { Ok(0) } else { socket.try_write(bytes) };
        let taken = written.as_ref().map_or(0, |taken| *taken);
        speaker.sent(now, conn, taken);
        self.recorder.pulled(now, conn, WRITE, taken);
        match written {
            Err(error) if error.kind() != ErrorKind::WouldBlock => Err(broken(&error)),
            _ => Ok(()),
        }
    }
}

/// Ticks when it is time.
pub async fn timer(core: Rc<Core>) {
    loop {
        let due = core.speaker.borrow().deadline().map(|deadline| deadline.at);
        core.armed.set(due);
        let Some(at) = due else {
            core.rearm.notified().await;
            continue;
        };
        let wait = at.since(core.now().mono);
        if wait.is_zero() {
            core.handle(Input::Tick);
            yield_now().await;
        } else {
            let _ = timeout(wait, core.rearm.notified()).await;
        }
    }
}

fn broken(error: &std::io::Error) -> CloseReason {
    CloseReason::Broken(error.to_string())
}
