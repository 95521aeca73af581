//! The speaker without any async runtime: one peer, one socket, one loop over the standard library.
//!
//! ```text
//! poll_loop PEER-IP PORT LOCAL-AS PEER-AS PREFIX SECONDS
//! ```
//!
//! Calls the peer, announces a prefix, prints what happens, says goodbye. What is missing for production is all outside the
//! speaker: a connect that does not block, a bind to the local address, more than one connection.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "an example is a shell: it owns clock and socket"
)]
#![allow(clippy::print_stdout, reason = "an example")]

use herald_bgp::route::{Memo, Purpose, parse_route};
use herald_bgp::text::{Grammar, Words};
use herald_bgp::value::Asn;
use herald_speaker::command::{ClientId, Command, Selector};
use herald_speaker::config::{Config, PeerConfig};
use herald_speaker::event::What;
use herald_speaker::time::{Instant, Now};
use herald_speaker::{CloseReason, ConnId, Effect, Input, Speaker};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// What the speaker asked for and the loop has still to do.
#[derive(Default)]
struct Wishes {
    connect: Option<(ConnId, SocketAddr)>,
    close: Option<(ConnId, Vec<u8>)>,
    came_up: bool,
    stopped: bool,
}

struct Shell {
    speaker: Speaker,
    start: std::time::Instant,
    socket: Option<(ConnId, TcpStream)>,
    wishes: Wishes,
}

impl Shell {
    fn now(&self) -> Now {
        let nanos = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        Now { mono: Instant(nanos), ..Now::default() }
    }

    fn input(&mut self, input: Input<'_>) {
        let now = self.now();
        let Shell { speaker, wishes, .. } = self;
        speaker.handle(now, input, &mut |effect| note(wishes, effect));
    }

    /// Carries out what was asked for. False if there was nothing to do.
    fn turn(&mut self) -> bool {
        let mut busy = false;
        if let Some((conn, last)) = self.wishes.close.take()
            && let Some((_, mut socket)) = self.socket.take_if(|(known, _)| *known == conn)
        {
            let _ = socket.set_nonblocking(false).and_then(|()| socket.write_all(&last));
        }
        if let Some((conn, to)) = self.wishes.connect.take() {
            busy = true;
            let socket = TcpStream::connect_timeout(&to, Duration::from_secs(1));
            match socket.and_then(|s| s.set_nonblocking(true).and_then(|()| Ok((s.local_addr()?, s)))) {
                Ok((local, socket)) => {
                    self.socket = Some((conn, socket));
                    self.input(Input::Connected { conn, local });
                }
                Err(error) => self.input(Input::Closed { conn, why: CloseReason::Failed(error.to_string()) }),
            }
        }
        if self.speaker.deadline().is_some_and(|due| due.at <= self.now().mono) {
            self.input(Input::Tick);
        }
        busy | self.exchange()
    }

    /// One read and one write.
    fn exchange(&mut self) -> bool {
        let now = self.now();
        let Shell { speaker, socket: Some((conn, socket)), wishes, .. } = self else { return false };
        let conn = *conn;
        let mut busy = false;
        let bytes = speaker.transmit(now, conn, 65536, &mut |effect| note(wishes, effect));
        if !bytes.is_empty()
            && let Ok(n) = socket.write(bytes)
        {
            speaker.sent(now, conn, n);
            busy = true;
        }
        let mut buffer = [0; 65536];
        match socket.read(&mut buffer) {
            Ok(0) => self.lost(conn, CloseReason::Closed),
            Ok(n) => {
                self.input(Input::Received { conn, bytes: buffer.get(..n).unwrap_or(&[]) });
                busy = true;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => self.lost(conn, CloseReason::Broken(error.to_string())),
        }
        busy
    }

    fn lost(&mut self, conn: ConnId, why: CloseReason) {
        self.socket = None;
        self.input(Input::Closed { conn, why });
    }
}

fn note(wishes: &mut Wishes, effect: Effect<'_>) {
    match effect {
        Effect::Connect { conn, to, .. } => wishes.connect = Some((conn, to)),
        Effect::Close { conn, last } => wishes.close = Some((conn, last.to_vec())),
        Effect::Stop { .. } => wishes.stopped = true,
        Effect::Notice(notice) => println!("{}", notice.message),
        Effect::Event(event) => match event.what {
            What::Up => {
                wishes.came_up = true;
                println!("{} is up", event.peer.address);
            }
            What::Down(why) => println!("{} is down: {why}", event.peer.address),
            What::Fsm(state) => println!("{}", state.name()),
            _ => {}
        },
        // One connection is always read and written: there is nothing to wake or pause.
        _ => {}
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((config, prefix, seconds)) = understand(&arguments) else {
        println!("poll_loop PEER-IP PORT LOCAL-AS PEER-AS PREFIX SECONDS");
        return ExitCode::FAILURE;
    };
    let text = format!("{prefix} next-hop self");
    let route = match parse_route(&mut Words::new(&text, 0, Grammar::Line), Purpose::Announce, &mut Memo::new()) {
        Ok(route) => route,
        Err(why) => {
            println!("{why}");
            return ExitCode::FAILURE;
        }
    };
    let start = std::time::Instant::now();
    let speaker = Speaker::new(1, Now::default());
    let mut shell = Shell { speaker, start, socket: None, wishes: Wishes::default() };
    shell.input(Input::Configure(Arc::new(Config { peers: vec![Arc::new(config)], ..Config::default() })));
    let command = Command::Announce { to: Arc::new(Selector::All), route };
    shell.input(Input::Command { from: ClientId::Control(0), command });
    while start.elapsed() < seconds {
        if !shell.turn() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    shell.input(Input::Signal { number: 15, name: "SIGTERM" });
    shell.turn();
    if shell.wishes.came_up && shell.wishes.stopped { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn understand(arguments: &[String]) -> Option<(PeerConfig, String, Duration)> {
    let [peer, port, local_as, peer_as, prefix, seconds] = arguments else { return None };
    let mut config = PeerConfig::new(peer.parse::<IpAddr>().ok()?);
    config.connect = Some(port.parse().ok()?);
    config.local_as = Some(Asn::parse(local_as)?);
    config.peer_as = Some(Asn::parse(peer_as)?);
    Some((config, prefix.clone(), Duration::from_secs(seconds.parse().ok()?)))
}
