//! Where log lines go: a thread of its own empties a ring into a file, a descriptor or a syslog. Whoever logs never waits
//! for a disk; what the ring cannot hold is dropped, oldest first, and counted.

use herald_speaker::event::Level;
use std::collections::VecDeque;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Lines that wait at most.
const CAPACITY: usize = 8192;
/// Size at which a file is put away.
const FILE_SIZE: u64 = 1 << 20;
/// Files that are put away and kept.
const FILES: u32 = 3;

/// Where lines are written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Destination {
    /// Called `stdout` by the setting; ends up on stderr all the same, since stdout may be somebody's pipe.
    Stdout,
    #[allow(missing_docs)]
    Stderr,
    /// `/dev/log`
    Syslog,
    /// A syslog elsewhere, by name or address.
    Host(String),
    /// A file, put away when it grows.
    File(PathBuf),
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Destination::Stdout => f.write_str("stdout"),
            Destination::Stderr => f.write_str("stderr"),
            Destination::Syslog => f.write_str("the syslog of this machine"),
            Destination::Host(host) => write!(f, "the syslog at {host}"),
            Destination::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Destination {
    /// Why it cannot be opened, and what to do about it.
    pub fn refused(&self, error: &io::Error) -> String {
        let remedy = match self {
            Destination::File(_) if error.kind() == io::ErrorKind::NotFound => "create its folder",
            Destination::File(_) => "let it be written to",
            Destination::Host(_) => "name a host that can be reached",
            _ => "start one",
        };
        format!("cannot log to {self}: {error}: {remedy}, or set exabgp.log.destination")
    }
}

/// Lines on their way.
#[derive(Debug, Default)]
pub struct Ring {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lines: VecDeque<(Level, String)>,
    dropped: u64,
    busy: bool,
    over: bool,
}

impl Ring {
    /// Adds a line; never waits for anything slow.
    pub fn push(&self, level: Level, line: String) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.lines.len() >= CAPACITY {
            state.lines.pop_front();
            state.dropped += 1;
        }
        state.lines.push_back((level, line));
        self.changed.notify_all();
    }

    /// Waits for lines; `None` at the end. The number of those lost since the last call comes with them.
    fn take(&self) -> Option<(VecDeque<(Level, String)>, u64)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.busy = false;
        self.changed.notify_all();
        loop {
            if !state.lines.is_empty() {
                state.busy = true;
                return Some((std::mem::take(&mut state.lines), std::mem::take(&mut state.dropped)));
            }
            if state.over {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The thread that writes.
#[derive(Debug)]
pub struct Sink {
    ring: Arc<Ring>,
}

impl Sink {
    /// Opens the destination and starts the thread.
    pub fn start(destination: &Destination) -> io::Result<Sink> {
        let mut output = Output::open(destination)?;
        let ring = Arc::new(Ring::default());
        let lines = ring.clone();
        std::thread::Builder::new().name("log".into()).spawn(move || {
            let mut lost = 0;
            while let Some((batch, dropped)) = lines.take() {
                lost += dropped;
                if lost > 0 {
                    let note = format!("{:<15} {lost} lines of the log were lost", "daemon");
                    if output.write(Level::Warning, &note).is_ok() {
                        lost = 0;
                    }
                }
                for (level, line) in batch {
                    // A full disk costs lines, and nothing else.
                    if output.write(level, &line).is_err() {
                        lost += 1;
                    }
                }
            }
        })?;
        Ok(Sink { ring })
    }

    pub(super) fn ring(&self) -> Arc<Ring> {
        self.ring.clone()
    }

    /// Lets it write what is left, but not for long.
    pub fn finish(&self, within: Duration) {
        let end = Instant::now() + within;
        let mut state = self.ring.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.over = true;
        self.ring.changed.notify_all();
        while (state.busy || !state.lines.is_empty()) && Instant::now() < end {
            let left = end.saturating_duration_since(Instant::now());
            state = match self.ring.changed.wait_timeout(state, left) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }
}

enum Output {
    Stderr,
    Syslog(UnixDatagram),
    Host(UdpSocket),
    File { path: PathBuf, file: File, size: u64 },
}

impl Output {
    fn open(destination: &Destination) -> io::Result<Output> {
        Ok(match destination {
            Destination::Stdout | Destination::Stderr => Output::Stderr,
            Destination::Syslog => {
                let socket = UnixDatagram::unbound()?;
                socket.connect("/dev/log")?;
                Output::Syslog(socket)
            }
            Destination::Host(host) => {
                let socket = UdpSocket::bind("0.0.0.0:0").or_else(|_| UdpSocket::bind("[::]:0"))?;
                socket.connect((host.as_str(), 514))?;
                Output::Host(socket)
            }
            Destination::File(path) => {
                let file = append(path)?;
                let size = file.metadata().map_or(0, |meta| meta.len());
                Output::File { path: path.clone(), file, size }
            }
        })
    }

    fn write(&mut self, level: Level, line: &str) -> io::Result<()> {
        match self {
            Output::Stderr => io::stderr().lock().write_all(format!("{line}\n").as_bytes()),
            Output::Syslog(socket) => match socket.send(message(level, line).as_bytes()) {
                Ok(_) => Ok(()),
                // The syslog was started anew.
                Err(_) => {
                    socket.connect("/dev/log")?;
                    socket.send(message(level, line).as_bytes()).map(|_| ())
                }
            },
            Output::Host(socket) => socket.send(message(level, line).as_bytes()).map(|_| ()),
            Output::File { path, file, size } => {
                let line = format!("{line}\n");
                let length = u64::try_from(line.len()).unwrap_or(0);
                if *size + length > FILE_SIZE {
                    put_away(path);
                    *file = append(path)?;
                    *size = 0;
                }
                file.write_all(line.as_bytes())?;
                *size += length;
                Ok(())
            }
        }
    }
}

/// `<priority>tag[pid]: line`, facility daemon (RFC 3164 without the time, which the local syslog adds).
fn message(level: Level, line: &str) -> String {
    let severity = match level {
        Level::Critical => 2,
        Level::Error => 3,
        Level::Warning => 4,
        Level::Info => 6,
        Level::Debug => 7,
    };
    format!("<{}>herald[{}]: {line}", 3 * 8 + severity, std::process::id())
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

fn put_away(path: &Path) {
    let numbered = |n: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{n}"));
        PathBuf::from(name)
    };
    for n in (1..FILES).rev() {
        let _ = std::fs::rename(numbered(n), numbered(n + 1));
    }
    let _ = std::fs::rename(path, numbered(1));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_opened_says_what_to_do() {
        let destination = Destination::File("/nowhere/x.log".into());
        let why = destination.refused(&Sink::start(&destination).unwrap_err());
        assert!(why.starts_with("cannot log to /nowhere/x.log: No such file or directory"), "{why}");
        assert!(why.ends_with(": create its folder, or set exabgp.log.destination"), "{why}");
        let why = Destination::Syslog.refused(&io::Error::other("gone"));
        assert_eq!(why, "cannot log to the syslog of this machine: gone: start one, or set exabgp.log.destination");
    }

    #[test]
    fn a_file_is_put_away_when_it_grows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let sink = Sink::start(&Destination::File(path)).unwrap();
        let line = "x".repeat(1000);
        for _ in 0..6 {
            for _ in 0..900 {
                sink.ring.push(Level::Info, line.clone());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        sink.finish(Duration::from_secs(5));
        let size = |name: &str| std::fs::metadata(folder.path().join(name)).map_or(0, |meta| meta.len());
        assert!(size("log") > 0 && size("log.1") > 900_000 && size("log.3") > 900_000);
        assert_eq!(size("log.4"), 0);
    }

    #[test]
    fn a_full_ring_drops_the_oldest_and_counts() {
        let ring = Ring::default();
        for n in 0..CAPACITY + 10 {
            ring.push(Level::Info, n.to_string());
        }
        let (lines, dropped) = ring.take().unwrap();
        assert_eq!((lines.len(), dropped), (CAPACITY, 10));
        assert_eq!(lines.front().unwrap().1, "10");
    }
}
