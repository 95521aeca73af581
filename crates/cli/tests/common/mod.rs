//! A daemon under test, a folder for its files, and a peer that says little and counts what it hears.
#![allow(dead_code, reason = "each test program uses some of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// The program.
pub const HERALD: &str = env!("CARGO_BIN_EXE_herald");

/// Longest that anything may take.
pub const LONG: Duration = Duration::from_secs(30);

/// A folder with a configuration, and a daemon that was started with it.
pub struct Daemon {
    pub folder: tempfile::TempDir,
    child: Child,
    log: Receiver<String>,
}

impl Daemon {
    /// Starts `herald server` with this text. `FOLDER` in it stands for its folder.
    pub fn start(text: &str, port: u16, settings: &[(&str, &str)]) -> Daemon {
        let folder = tempfile::tempdir().unwrap();
        let file = write_config(&folder, text);
        let mut child = command(port, settings).arg("server").arg(file).spawn().unwrap();
        let (lines, log) = channel();
        let stderr = child.stderr.take().unwrap();
        std::thread::spawn(move || {
            BufReader::new(stderr).lines().map_while(Result::ok).for_each(|line| drop(lines.send(line)));
        });
        Daemon { folder, child, log }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn rewrite(&self, text: &str) {
        write_config(&self.folder, text);
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.pid().to_string()]).status().unwrap().success());
    }

    /// Waits for a line of the log with this in it; gives all lines up to it.
    pub fn logged(&self, part: &str) -> Vec<String> {
        let mut seen = Vec::new();
        let end = Instant::now() + LONG;
        while let Ok(line) = self.log.recv_timeout(end.saturating_duration_since(Instant::now())) {
            let found = line.contains(part);
            seen.push(line);
            if found {
                return seen;
            }
        }
        panic!("`{part}` is not in the log: {seen:#?}");
    }

    /// Waits for its end.
    pub fn ended(&mut self) -> ExitStatus {
        let end = Instant::now() + LONG;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("it does not end");
    }

    /// Asks it to end, and makes sure that it does in time and well.
    pub fn stop(mut self) {
        let start = Instant::now();
        self.signal("TERM");
        assert_eq!(self.ended().code(), Some(0));
        assert!(start.elapsed() < Duration::from_millis(2500), "it took {:?} to end", start.elapsed());
    }

    /// Kilobytes of memory it holds at most so far.
    pub fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program without the settings of whoever runs the tests.
pub fn command(port: u16, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(HERALD);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.to_ascii_lowercase().starts_with("exabgp")) {
            command.env_remove(name);
        }
    }
    command.env("EXABGP_ENVFILE", "/dev/null").env("exabgp_daemon_user", "root");
    command.env("exabgp_tcp_port", port.to_string());
    command.envs(settings.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn write_config(folder: &tempfile::TempDir, text: &str) -> PathBuf {
    let file = folder.path().join("herald.conf");
    std::fs::write(&file, text.replace("FOLDER", folder.path().to_str().unwrap())).unwrap();
    file
}

/// A neighbour on 127.0.0.1, AS 65001 to 65002, with these statements, and a helper that runs a script.
pub fn config(statements: &str, script: &str) -> String {
    let mut text = String::new();
    let mut api = "";
    if !script.is_empty() {
        text.push_str("process helper { run /bin/sh FOLDER/helper.sh; encoder json; }\n");
        api = if statements.contains("api") { "" } else { "api { processes [ helper ]; }" };
    }
    text.push_str(&format!(
        "neighbor 127.0.0.1 {{\n router-id 10.0.0.1;\n local-address 127.0.0.1;\n local-as 65001;\n peer-as 65002;\n \
         {statements}\n {api}\n}}\n"
    ));
    text
}

/// Starts a daemon whose helper is a shell script.
pub fn with_helper(statements: &str, script: &str, port: u16, settings: &[(&str, &str)]) -> Daemon {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("helper.sh"), script.replace("FOLDER", folder.path().to_str().unwrap())).unwrap();
    let text = config(statements, script).replace("FOLDER", folder.path().to_str().unwrap());
    let mut daemon = Daemon::start(&text, port, settings);
    let own = std::mem::replace(&mut daemon.folder, folder);
    std::fs::copy(own.path().join("herald.conf"), daemon.file("herald.conf")).unwrap();
    // The daemon reads its file by the name it was given: that folder has to stay.
    let _ = own.keep();
    daemon
}

/// The other side of a session: accepts one, keeps it, and counts prefixes.
pub struct Peer {
    listener: TcpListener,
}

/// A session of a [`Peer`].
pub struct Session {
    stream: TcpStream,
}

impl Peer {
    pub fn new() -> Peer {
        Peer { listener: TcpListener::bind("127.0.0.1:0").unwrap() }
    }

    pub fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    /// Waits for a call and establishes, with this hold time.
    pub fn establish(&self, hold_time: u16) -> Session {
        let (stream, _) = self.listener.accept().unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        let mut session = Session { stream };
        assert_eq!(session.receive().unwrap().0, 1);
        let [high, low] = hold_time.to_be_bytes();
        // Version 4, AS 65002, identifier 10.0.0.2; IPv4 unicast and four-octet AS numbers.
        let mut open = vec![4, 0xfd, 0xea, high, low, 10, 0, 0, 2, 14, 2, 12];
        open.extend([1, 4, 0, 1, 0, 1, 65, 4, 0, 0, 0xfd, 0xea]);
        session.send(1, &open);
        session.send(4, &[]);
        loop {
            match session.receive().unwrap() {
                (4, _) => return session,
                (kind, body) => assert_eq!(kind, 2, "{body:?}"),
            }
        }
    }
}

impl Session {
    pub fn send(&mut self, kind: u8, body: &[u8]) {
        let mut message = vec![0xff; 16];
        message.extend(u16::try_from(19 + body.len()).unwrap().to_be_bytes());
        message.push(kind);
        message.extend(body);
        self.stream.write_all(&message).unwrap();
    }

    /// The next message: type and body.
    pub fn receive(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut header = [0; 19];
        self.stream.read_exact(&mut header).ok()?;
        let length = usize::from(u16::from_be_bytes([header[16], header[17]]));
        let mut body = vec![0; length - 19];
        self.stream.read_exact(&mut body).ok()?;
        Some((header[18], body))
    }

    /// The same session, for another thread.
    pub fn clone(&self) -> Session {
        Session { stream: self.stream.try_clone().unwrap() }
    }

    /// Hears from the other side often enough for a hold time of 3 seconds, and answers, for this long.
    pub fn stay(&mut self, time: Duration) {
        let start = Instant::now();
        let _ = self.stream.set_read_timeout(Some(Duration::from_secs(3)));
        while start.elapsed() < time {
            let (kind, body) = self.receive().expect("nothing within the hold time");
            assert!(matches!(kind, 2 | 4), "message {kind}: {body:?}");
            self.send(4, &[]);
        }
        let _ = self.stream.set_read_timeout(Some(LONG));
    }

    /// Reads UPDATEs until this many IPv4 prefixes were announced; answers KEEPALIVEs.
    pub fn announced(&mut self, count: usize) -> usize {
        let mut seen = 0;
        while seen < count {
            match self.receive().expect("the session ended") {
                (2, body) => seen += prefixes(&body),
                (4, _) => self.send(4, &[]),
                (kind, body) => panic!("message {kind}: {body:?}"),
            }
        }
        seen
    }
}

fn prefixes(body: &[u8]) -> usize {
    let withdrawn = usize::from(u16::from_be_bytes([body[0], body[1]]));
    let attributes = usize::from(u16::from_be_bytes([body[2 + withdrawn], body[3 + withdrawn]]));
    let mut nlri = &body[4 + withdrawn + attributes..];
    let mut count = 0;
    while let [bits, rest @ ..] = nlri {
        nlri = &rest[usize::from(*bits).div_ceil(8)..];
        count += 1;
    }
    count
}
