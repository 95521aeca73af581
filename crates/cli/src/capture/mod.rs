//! Messages that others wrote down: files of route collectors (MRT), of packets (pcap, pcapng), of messages one behind the
//! other, and lines of hexadecimal. What a file is follows from its first octets; gzip and bzip2 are taken off.

mod mrt;
mod pcap;
mod stream;
mod views;
mod window;

use crate::offline;
use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;
use herald_bgp::message;
use herald_speaker::event::PeerView;
use herald_speaker::time::UnixNanos;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use views::Views;
use window::Window;

/// Octets of a file that are looked at to tell what it is, at most.
const HEAD: usize = 512;
/// Octets that tell, unless there is a line in front of them.
const ENOUGH: usize = 32;

/// Something found in a file.
pub struct Found<'a> {
    /// Who said it, and how it is read: whoever sent a message is the peer, whoever it went to is local.
    pub peer: &'a Arc<PeerView>,
    /// When.
    pub at: UnixNanos,
    pub what: Seen<'a>,
}

/// What was found.
pub enum Seen<'a> {
    /// A message, header included.
    Message(&'a [u8]),
    /// A route of a table, as the message that announces it. Tables may do without a next hop.
    Route(&'a [u8]),
    /// The session of the peer is in another state (RFC 4271 §8.2.2): 1 is Idle, 6 Established.
    State { old: u16, new: u16 },
}

/// What is told while a file is read.
pub trait Sink {
    /// Something was found. An error ends the reading.
    fn found(&mut self, found: Found<'_>) -> io::Result<()>;
    /// A line of text, by its number: a message in hexadecimal.
    fn line(&mut self, number: usize, line: &str) -> io::Result<()>;
    /// Something cannot be read; what comes behind it is.
    fn broken(&mut self, why: String);
}

/// Reads a file, or standard input if it is called `-`. `session`: how messages are read that tell nothing of theirs.
/// The error says why the rest of the file could not be read; what is in front of it has been told.
pub fn read(file: &Path, session: &Arc<PeerView>, sink: &mut dyn Sink) -> Result<(), String> {
    let name = if file == Path::new("-") { "standard input".into() } else { file.display().to_string() };
    let input: Box<dyn Read + Send> = if file == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(std::fs::File::open(file).map_err(|error| format!("{name}: cannot be read: {error}"))?)
    };
    plain(input).and_then(|input| content(input, session, sink)).map_err(|error| match error.kind() {
        // whoever reads what we print has gone
        io::ErrorKind::BrokenPipe => String::new(),
        _ => format!("{name}: {error}"),
    })
}

/// An input and its first octets, which are still to be read.
struct Opened(Vec<u8>, Box<dyn Read + Send>);

impl Opened {
    fn new(mut input: Box<dyn Read + Send>) -> io::Result<Opened> {
        let mut head = Vec::new();
        let mut some = [0; HEAD];
        // no more than there is: whoever writes a line waits for what it says
        while head.len() < ENOUGH && !(head.contains(&b'\n') && is_text(&head)) {
            let n = input.read(&mut some)?;
            if n == 0 {
                break;
            }
            head.extend_from_slice(some.get(..n).unwrap_or(&[]));
        }
        Ok(Opened(head, input))
    }

    fn whole(self) -> Box<dyn Read + Send> {
        Box::new(io::Cursor::new(self.0).chain(self.1))
    }
}

/// Without compression.
fn plain(input: Box<dyn Read + Send>) -> io::Result<Opened> {
    let opened = Opened::new(input)?;
    match opened.0.as_slice() {
        [0x1f, 0x8b, ..] => Opened::new(Box::new(MultiGzDecoder::new(opened.whole()))),
        [b'B', b'Z', b'h', ..] => Opened::new(Box::new(MultiBzDecoder::new(opened.whole()))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Err(io::Error::other("compressed with zstd: read it through `zstd -dc`")),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Err(io::Error::other("compressed with xz: read it through `xz -dc`")),
        _ => Ok(opened),
    }
}

fn content(opened: Opened, session: &Arc<PeerView>, sink: &mut dyn Sink) -> io::Result<()> {
    let head = opened.0.as_slice();
    let mut views = Views::new(session.clone());
    if pcap::is_likely(head) {
        return pcap::read(opened.whole(), &mut views, sink);
    }
    if head.starts_with(&[0xff; 16]) {
        return messages(opened.whole(), session, sink);
    }
    if is_text(head) {
        return BufReader::new(opened.whole())
            .lines()
            .zip(1..)
            .try_for_each(|(line, number)| sink.line(number, line?.trim()));
    }
    if herald_bgp::mrt::is_likely(head) {
        return mrt::read(opened.whole(), &mut views, sink);
    }
    Err(io::Error::other("neither MRT, nor pcap, nor messages, nor lines of hexadecimal"))
}

fn is_text(head: &[u8]) -> bool {
    head.iter().all(|octet| octet.is_ascii() && (!octet.is_ascii_control() || octet.is_ascii_whitespace()))
}

/// Messages one behind the other.
fn messages(input: impl Read, session: &Arc<PeerView>, sink: &mut dyn Sink) -> io::Result<()> {
    let mut window = Window::new(input);
    loop {
        let used = match message::split(window.rest(), message::MAX_EXTENDED) {
            Ok(Some((message, _))) => {
                let what = Seen::Message(message.bytes);
                sink.found(Found { peer: session, at: now(), what })?;
                message.bytes.len()
            }
            Ok(None) => 0,
            Err(_) => {
                let why = offline::header_fault(window.rest());
                return Err(io::Error::other(format!("{} {why}", window.place())));
            }
        };
        if !window.advance(used)? {
            return window.end("message");
        }
    }
}

/// The time of what was not written down with one.
pub fn now() -> UnixNanos {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    UnixNanos(since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0)))
}
