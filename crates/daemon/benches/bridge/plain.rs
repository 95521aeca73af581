//! The work itself, in one loop: what any shell around the speaker has to do.

use crate::Task;
use herald_api::reply::Daemon;
use herald_api::{Client, Profile};
use herald_config::{Environment, Style};
use herald_daemon::{files, sys};
use herald_speaker::command::{ClientId, ProcessId, Reply};
use herald_speaker::event::What;
use herald_speaker::time::{Instant, Now, UnixNanos};
use herald_speaker::{CloseReason, ConnId, Effect, Input, Speaker};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Octets read from the program, and written to the peer, at once: as the daemon has it.
pub const PIECE: usize = 64 * 1024;
const TURN: usize = 256 * 1024;

/// The program, with pipes as long as the daemon makes them.
pub fn start(task: &Task) -> Child {
    let (program, arguments) = task.helper.split_first().unwrap();
    let child = Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    sys::set_pipe_size(child.stdin.as_ref().unwrap().as_fd(), 1 << 20);
    sys::set_pipe_size(child.stdout.as_ref().unwrap().as_fd(), 1 << 20);
    child
}

pub fn daemon() -> Daemon {
    Daemon { version: "5.0.0".into(), uuid: "u".into(), pid: 1, started: UnixNanos(0) }
}

/// The configuration, as every way has it.
pub fn configure(task: &Task) -> Input<'static> {
    let loaded = files::load(task.file.as_ref(), &Environment::default(), None, Style::OneLine).unwrap();
    Input::Configure(Arc::new(loaded.config))
}

struct Shell {
    speaker: Speaker,
    start: std::time::Instant,
    connect: Option<(ConnId, SocketAddr)>,
    done: u32,
    up: bool,
}

impl Shell {
    fn now(&self) -> Now {
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap();
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Now { mono: Instant(nanos(self.start.elapsed())), wall: UnixNanos(nanos(wall)) }
    }

    fn handle(&mut self, now: Now, input: Input<'_>) {
        let Shell { speaker, connect, done, up, .. } = self;
        speaker.handle(now, input, &mut |effect| match effect {
            Effect::Reply { reply: Reply::Done, .. } => *done += 1,
            Effect::Connect { conn, to, .. } => *connect = Some((conn, to)),
            Effect::Event(event) => *up |= matches!(event.what, What::Up),
            _ => {}
        });
    }

    /// One slice of octets. False if there was none.
    fn write(&mut self, conn: ConnId, stream: &mut TcpStream) -> bool {
        let now = self.now();
        let octets = self.speaker.transmit(now, conn, TURN, &mut |_| ());
        let length = octets.len();
        stream.write_all(octets).unwrap();
        self.speaker.sent(now, conn, length);
        length > 0
    }
}

pub fn run(task: &Task) {
    let start = std::time::Instant::now();
    let mut shell = Shell { speaker: Speaker::new(1, Now::default()), start, connect: None, done: 0, up: false };
    shell.handle(shell.now(), configure(task));
    shell.handle(shell.now(), Input::Tick);
    let mut child = self::start(task);
    let (mut answers, mut lines) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (conn, to) = shell.connect.take().unwrap();
    let mut stream = TcpStream::connect(to).unwrap();
    shell.handle(shell.now(), Input::Connected { conn, local: stream.local_addr().unwrap() });
    let mut buffer = vec![0; TURN];
    while !shell.up {
        while shell.write(conn, &mut stream) {}
        let n = stream.read(&mut buffer).unwrap();
        shell.handle(shell.now(), Input::Received { conn, bytes: &buffer[..n] });
    }
    let (daemon, mut client) = (daemon(), Client::new(Profile::V5, true));
    let from = ClientId::Process(ProcessId(0));
    let (mut commands, mut text) = (Vec::new(), String::new());
    let mut left = task.routes;
    while left > 0 {
        let n = lines.read(&mut buffer[..PIECE]).unwrap();
        client.feed(&buffer[..n], &daemon, &mut |_| (), &mut commands);
        left -= commands.len();
        let now = shell.now();
        commands.drain(..).for_each(|command| shell.handle(now, Input::Command { from, command }));
        client.done(std::mem::take(&mut shell.done), &mut text);
        answers.write_all(text.as_bytes()).unwrap();
        text.clear();
        shell.write(conn, &mut stream);
    }
    drop(answers);
    while shell.write(conn, &mut stream) {}
    // The peer leaves when it has it all.
    while stream.read(&mut buffer).is_ok_and(|n| n > 0) {}
    shell.handle(shell.now(), Input::Closed { conn, why: CloseReason::Closed });
    child.wait().unwrap();
}
