//! The edge thread: helper programs, and the text they read and write. It knows nothing of BGP.
//!
//! One task hands out what the core says ([`Edge::run`]); each helper has a task that reads while the helper says much (see
//! [`crate::ear`]), one that writes, and one that waits for its end. What a helper is told waits in its [`Queue`], which is
//! bounded.

use crate::ear::{self, Ear};
use crate::inbox::ToCore;
use crate::lines::Lines;
use crate::mouth::Mouth;
use crate::process::{self, GRACE, Process};
use crate::queue::{Change, Queue};
use crate::record::{Answer, Batch, Record};
use crate::{log, outbox};
use herald_api::encode::{Encoder, Identity, Style, deliveries};
use herald_api::reply::Daemon;
use herald_api::{Client, Profile};
use herald_speaker::command::{ClientId, Command, ProcessId};
use herald_speaker::config::{self, ProcessConfig};
use herald_speaker::event::Level;
use herald_speaker::time::UnixNanos;
use herald_speaker::{ExitStatus, Input};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::net::unix::pipe;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::{spawn_local, yield_now};
use tokio::time::{sleep, timeout};

/// Octets read from a helper in one turn.
const TURN: usize = 64 * 1024;
/// Commands handed to the core in one piece.
const COMMANDS: usize = 1024;
/// Pieces on their way to the core.
pub const PIECES: usize = 8;
/// Between SIGTERM and SIGKILL: with [`GRACE`] and the rest well under two seconds.
const LAST_CHANCE: Duration = Duration::from_millis(1500);
const FOREVER: Duration = Duration::from_secs(86400);

/// What every helper has to do with.
pub struct Edge {
    profile: Profile,
    acks: bool,
    daemon: Daemon,
    encoder: RefCell<Encoder>,
    helpers: RefCell<BTreeMap<ProcessId, Rc<Helper>>>,
    to_core: mpsc::Sender<ToCore>,
    running: Cell<usize>,
    ended: Notify,
}

/// A helper that runs.
struct Helper {
    id: ProcessId,
    config: Arc<ProcessConfig>,
    /// Not here while the helper is listened to on the core thread: its answers come in words then.
    client: RefCell<Option<Client>>,
    queue: RefCell<Queue>,
    mouth: Arc<Mouth>,
    /// There is something to write, or to look at.
    changed: Notify,
    /// Something was answered: reading may go on.
    resumed: Notify,
    /// The core was told that it does not keep up.
    slow: Cell<bool>,
    ending: Cell<bool>,
    end: Notify,
}

/// How the edge is to speak.
#[derive(Clone, Debug)]
pub struct Manners {
    /// Which generation of programs is served.
    pub profile: Profile,
    /// Commands are acknowledged until a helper asks for silence.
    pub acks: bool,
    /// JSON events have NLRI as bare strings.
    pub compact: bool,
    /// Who we are.
    pub daemon: Daemon,
    /// Name of this machine.
    pub host: String,
    /// Our parent.
    pub parent: u32,
}

impl Edge {
    /// An edge without helpers.
    pub fn new(manners: Manners, to_core: mpsc::Sender<ToCore>) -> Rc<Edge> {
        let Manners { profile, acks, compact, daemon, host, parent } = manners;
        let identity = Identity::new(profile.version, &host, daemon.pid, parent);
        let encoder = Encoder::new(Style::of(profile, compact), identity);
        Rc::new(Edge {
            profile,
            acks,
            daemon,
            encoder: RefCell::new(encoder),
            helpers: RefCell::default(),
            to_core,
            running: Cell::new(0),
            ended: Notify::new(),
        })
    }

    /// Hands out batches until the core says that there is nothing more; then waits for helpers to end.
    pub async fn run(self: Rc<Self>, mut from_core: mpsc::Receiver<Batch>) {
        'batches: while let Some(batch) = from_core.recv().await {
            let batch = Rc::new(batch);
            let mut lines = Lines::default();
            let mut at = 0;
            while let Some(record) = batch.records().get(at) {
                let mut next = at + 1;
                match record {
                    Record::Event { .. } => self.event(&batch, record, &mut lines),
                    Record::Done { to, count } => self.answered(*to, |client, out| client.done(*count, out)),
                    Record::Text { to, text } => {
                        if let Some(helper) = self.helper(*to) {
                            helper.say(batch.text(text));
                        }
                    }
                    Record::Answer { to, answer } if answer.is_route() => {
                        let same = |r: &Record| matches!(r, Record::Answer { to: other, answer } if other == to && answer.is_route());
                        next += batch.records().iter().skip(next).take_while(|r| same(r)).count();
                        self.routes(*to, &batch, at..next);
                    }
                    Record::Answer { to, answer } => self.answered(*to, |client, out| {
                        batch.reply(answer, |reply| client.reply(reply, &self.daemon, now(), out));
                    }),
                    Record::Spawn { process, config } => self.spawn(*process, config.clone()),
                    Record::Kill { process } => self.kill(*process),
                    Record::Reached(to) => drop(to.send(())),
                    Record::End => break 'batches,
                }
                at = next;
            }
            yield_now().await;
        }
        let all: Vec<_> = self.helpers.borrow().keys().copied().collect();
        all.into_iter().for_each(|id| self.kill(id));
        while self.running.get() > 0 {
            self.ended.notified().await;
        }
    }

    /// Puts an event into words, once for each encoder and form, and hands it to those who want it.
    fn event(&self, batch: &Batch, record: &Record, lines: &mut Lines) {
        let Record::Event { wall, view, fact } = record else { return };
        let Some(event) = batch.event(*view, fact) else { return };
        lines.clear();
        let helpers = self.helpers.borrow();
        for (name, forms) in deliveries(&event.peer.config, &event.what) {
            let Some(helper) = helpers.values().find(|helper| *helper.config.name == *name) else { continue };
            for form in forms {
                let kind = helper.config.encoder;
                let text = lines.get(kind, form, |out| self.encoder.borrow_mut().event(&event, *wall, kind, form, out));
                if !text.is_empty() {
                    helper.add(|queue| queue.event(Instant::now(), text));
                }
            }
        }
    }

    /// Adds an answer to what a helper reads.
    fn answered(&self, to: ClientId, say: impl FnOnce(&mut Client, &mut String)) {
        let Some(helper) = self.helper(to) else { return };
        let mut out = String::new();
        if let Some(client) = &mut *helper.client.borrow_mut() {
            say(client, &mut out);
        }
        helper.say(&out);
        helper.resumed.notify_one();
    }

    fn routes(&self, to: ClientId, batch: &Rc<Batch>, records: Range<usize>) {
        if let Some(helper) = self.helper(to) {
            helper.add(|queue| queue.routes(batch, records));
        }
    }

    fn helper(&self, to: ClientId) -> Option<Rc<Helper>> {
        let ClientId::Process(id) = to else { return None };
        self.helpers.borrow().get(&id).cloned()
    }

    fn spawn(self: &Rc<Self>, id: ProcessId, config: Arc<ProcessConfig>) {
        let started = process::spawn(&config)
            .and_then(|(process, stdin, stdout)| Ok((Arc::new(Mouth::of(&stdin)?), process, stdin, stdout)));
        let (mouth, process, stdin, stdout) = match started {
            Ok(started) => started,
            Err(error) => {
                let (name, run, why) = (&config.name, config.run.join(" "), process::why(&config, &error));
                log::say(Level::Critical, "processes", format_args!("cannot start {name}: {run}: {why}"));
                let exited = Input::Exited { process: id, status: ExitStatus::NotStarted };
                let to_core = self.to_core.clone();
                spawn_local(async move { to_core.send(ToCore::Input(exited)).await });
                return;
            }
        };
        let helper = Rc::new(Helper {
            id,
            client: RefCell::new(Some(Client::new(self.profile, self.acks))),
            queue: RefCell::new(Queue::new(Instant::now())),
            mouth,
            changed: Notify::new(),
            resumed: Notify::new(),
            slow: Cell::new(false),
            ending: Cell::new(false),
            end: Notify::new(),
            config,
        });
        self.helpers.borrow_mut().insert(id, helper.clone());
        self.running.set(self.running.get() + 1);
        let edge = self.clone();
        spawn_local(async move {
            let mut reader = spawn_local(edge.clone().read(helper.clone(), stdout));
            let writer = spawn_local(edge.clone().write(helper.clone(), stdin));
            let status = edge.wait(&helper, process).await;
            if status.is_some() {
                // What it said last still counts.
                let _ = timeout(Duration::from_secs(1), &mut reader).await;
            }
            reader.abort();
            writer.abort();
            edge.forget(&helper);
            if let Some(status) = status {
                // Its neighbours do not wait for the dead.
                edge.tell(&helper, Some(Change::Fast)).await;
                let _ = edge.to_core.send(ToCore::Input(Input::Exited { process: helper.id, status })).await;
            }
            edge.running.set(edge.running.get() - 1);
            edge.ended.notify_one();
        });
    }

    /// Nothing is for it any more; what was started in its place stays.
    fn forget(&self, helper: &Rc<Helper>) {
        let mut helpers = self.helpers.borrow_mut();
        if helpers.get(&helper.id).is_some_and(|known| Rc::ptr_eq(known, helper)) {
            helpers.remove(&helper.id);
        }
    }

    /// Waits for a helper's end, or brings it about. How it ended, if that was its own idea.
    async fn wait(&self, helper: &Helper, mut process: Process) -> Option<ExitStatus> {
        let alone = tokio::select! {
            status = process.wait() => Some(status),
            () = helper.end.notified() => None,
        };
        if alone.is_some() {
            return alone;
        }
        let mut last = String::new();
        self.encoder.borrow_mut().shutdown(now(), helper.config.encoder, &mut last);
        helper.add(|queue| queue.event(Instant::now(), &last));
        sleep(GRACE).await;
        if !process.end(LAST_CHANCE).await {
            let name = &helper.config.name;
            log::say(
                Level::Warning,
                "processes",
                format_args!("helper {name} runs as another user and cannot be ended: its standard input is closed"),
            );
        }
        None
    }

    fn kill(&self, id: ProcessId) {
        let helper = self.helpers.borrow_mut().remove(&id);
        if let Some(helper) = helper.filter(|helper| !helper.ending.replace(true)) {
            helper.end.notify_one();
        }
    }

    /// What a helper writes becomes commands. The core takes them when it can: until then the helper waits in `write`.
    async fn read(self: Rc<Self>, helper: Rc<Helper>, mut stdout: pipe::Receiver) {
        let mut buffer = Vec::new();
        let mut commands = Vec::new();
        loop {
            if helper.is_at_rest() {
                buffer = Vec::new();
                let Some((pipe, heard)) = self.lend(&helper, stdout).await else { return };
                stdout = pipe;
                commands = heard;
            } else if helper.is_busy() {
                helper.resumed.notified().await;
                if helper.is_caught_up() {
                    self.feed(&helper, &[], &mut commands);
                }
            } else {
                tokio::select! {
                    biased;
                    readable = stdout.readable() => if readable.is_err() { return },
                    () = helper.resumed.notified() => continue,
                }
                buffer.resize(TURN, 0);
                match stdout.try_read(&mut buffer) {
                    Ok(0) => return,
                    Ok(n) => self.feed(&helper, buffer.get(..n).unwrap_or(&[]), &mut commands),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(_) => return,
                }
            }
            if !self.hand_over(helper.id, &mut commands).await {
                return;
            }
        }
    }

    fn feed(&self, helper: &Helper, bytes: &[u8], commands: &mut Vec<Command>) {
        if let Some(client) = &mut *helper.client.borrow_mut() {
            client.feed(bytes, &self.daemon, &mut |text| ear::aside(&helper.config.name, text), commands);
        }
    }

    /// Has a helper that says little listened to on the core thread. Gives what it said when that became more; nothing if
    /// it says no more.
    async fn lend(&self, helper: &Helper, stdout: pipe::Receiver) -> Option<(pipe::Receiver, Vec<Command>)> {
        let stdout = stdout.into_nonblocking_fd().ok()?;
        let client = helper.client.take()?;
        let (name, mouth) = (helper.config.name.clone(), helper.mouth.clone());
        let ear = Box::new(Ear { id: helper.id, name, client, stdout, mouth });
        let (back, heard) = oneshot::channel();
        self.to_core.send(ToCore::Ear { ear, back }).await.ok()?;
        let (ear, commands) = heard.await.ok()?;
        helper.client.replace(Some(ear.client));
        Some((pipe::Receiver::from_owned_fd(ear.stdout).ok()?, commands))
    }

    async fn hand_over(&self, id: ProcessId, commands: &mut Vec<Command>) -> bool {
        let from = ClientId::Process(id);
        while !commands.is_empty() {
            let rest = match commands.len() {
                // The next piece will be about as long as this one.
                len @ ..=COMMANDS => Vec::with_capacity(len),
                _ => commands.split_off(COMMANDS),
            };
            let piece = std::mem::replace(commands, rest);
            if self.to_core.send(ToCore::Commands { from, commands: piece }).await.is_err() {
                return false;
            }
        }
        true
    }

    /// Writes what waits, as the helper takes it.
    async fn write(self: Rc<Self>, helper: Rc<Helper>, stdin: pipe::Sender) {
        loop {
            let mut behind = !helper.is_caught_up();
            let change = helper.queue.borrow_mut().change(Instant::now());
            self.tell(&helper, change).await;
            let (empty, deadline) = {
                let mut queue = helper.queue.borrow_mut();
                self.own_up(&helper, &mut queue);
                behind |= !queue.is_caught_up();
                queue.catch_up(Instant::now(), |batch, at, out| self.words(&helper, batch, at, out));
                (queue.is_empty(), queue.deadline())
            };
            if behind && helper.is_caught_up() {
                helper.resumed.notify_one();
            }
            if empty {
                helper.mouth.set_idle(true);
                helper.changed.notified().await;
                continue;
            }
            let given_up = deadline.map_or(FOREVER, |at| at.saturating_duration_since(Instant::now()));
            let writable = tokio::select! {
                biased;
                writable = stdin.writable() => writable,
                // More to write: perhaps more than may wait.
                () = helper.changed.notified() => continue,
                () = sleep(given_up) => continue,
            };
            if writable.is_err() {
                return self.unheard(&helper).await;
            }
            let written = stdin.try_write(helper.queue.borrow().front());
            match written {
                Ok(n) => helper.queue.borrow_mut().written(Instant::now(), n),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return self.unheard(&helper).await,
            }
        }
    }

    /// Says that answers are dropped, and what was dropped, once something may follow again.
    fn own_up(&self, helper: &Helper, queue: &mut Queue) {
        let name = &helper.config.name;
        if queue.refuses() {
            log::say(
                Level::Warning,
                "processes",
                format_args!(
                    "helper {name} does not read its answers: further ones are dropped, its commands still apply"
                ),
            );
        }
        if let Some(lost) = queue.gap() {
            let line = match helper.config.encoder {
                config::Encoder::Json => self.gap(&format!("\"dropped\": {lost}")),
                config::Encoder::Text => format!("gap {lost}\n"),
            };
            queue.event(Instant::now(), &line);
            log::say(
                Level::Warning,
                "processes",
                format_args!("helper {name} reads again: {lost} events were dropped"),
            );
        }
        if let Some(lost) = queue.lost_answers() {
            let line = match helper.config.encoder {
                config::Encoder::Json => self.gap(&format!("\"dropped\": {lost}, \"what\": \"answers\"")),
                config::Encoder::Text => format!("gap answers {lost}\n"),
            };
            queue.answer(Instant::now(), &line);
            log::say(
                Level::Warning,
                "processes",
                format_args!("helper {name} reads again: {lost} answers were dropped"),
            );
        }
    }

    fn gap(&self, members: &str) -> String {
        let version = self.profile.version;
        format!("{{ \"exabgp\": \"{version}\", \"type\": \"gap\", \"gap\": {{ {members} }} }}\n")
    }

    /// Tells the core when a helper stops keeping up, and when it does again or is waited for no longer.
    async fn tell(&self, helper: &Helper, change: Option<Change>) {
        let Some(change) = change else { return };
        let slow = change == Change::Slow;
        if helper.slow.replace(slow) != slow {
            let input = Input::ClientSlow { client: ClientId::Process(helper.id), slow };
            let _ = self.to_core.send(ToCore::Input(input)).await;
        }
    }

    /// A helper closed its standard input: what it would be told is told to nobody, and nobody waits for it.
    async fn unheard(&self, helper: &Helper) {
        helper.queue.borrow_mut().close();
        helper.resumed.notify_one();
        self.tell(helper, Some(Change::Fast)).await;
    }

    /// A route of a listing, in words.
    fn words(&self, helper: &Helper, batch: &Batch, at: usize, out: &mut String) {
        if let Some(Record::Answer { answer, .. }) = batch.records().get(at) {
            let answer: &Answer = answer;
            batch.reply(answer, |reply| {
                if let Some(client) = &mut *helper.client.borrow_mut() {
                    client.reply(reply, &self.daemon, now(), out);
                }
            });
        }
    }
}

impl Helper {
    /// Adds answers to what it reads.
    fn say(&self, text: &str) {
        self.add(|queue| queue.answer(Instant::now(), text));
    }

    fn add(&self, add: impl FnOnce(&mut Queue)) {
        self.mouth.set_idle(false);
        add(&mut self.queue.borrow_mut());
        self.changed.notify_one();
    }

    /// Nothing is to be read from it until a listing is through and in words: else listings would gather.
    fn is_busy(&self) -> bool {
        self.client.borrow().as_ref().is_none_or(Client::busy) || !self.is_caught_up()
    }

    /// All answers are in words.
    fn is_caught_up(&self) -> bool {
        self.queue.borrow().is_caught_up()
    }

    /// All it asked was answered, in words.
    fn is_at_rest(&self) -> bool {
        self.client.borrow().as_ref().is_some_and(Client::is_at_rest) && self.is_caught_up()
    }
}

fn now() -> UnixNanos {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos());
    UnixNanos(u64::try_from(nanos).unwrap_or(0))
}

/// Runs an edge on a thread of its own until the core has nothing more to say.
pub fn start(
    manners: Manners,
    to_core: mpsc::Sender<ToCore>,
) -> std::io::Result<(mpsc::Sender<Batch>, std::thread::JoinHandle<()>)> {
    let (sender, receiver) = mpsc::channel(outbox::BATCHES);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let thread = std::thread::Builder::new().name("edge".into()).spawn(move || {
        let local = tokio::task::LocalSet::new();
        local.block_on(&runtime, async move { Edge::new(manners, to_core).run(receiver).await });
    })?;
    Ok((sender, thread))
}
