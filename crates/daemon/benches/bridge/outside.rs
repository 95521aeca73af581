//! What is outside of the process that is measured: a program that announces, and a peer that reads.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

/// Announces routes as fast as they are taken, eight with the same attributes, and reads the answers to their end.
pub fn helper(routes: usize) {
    let mut lines = String::new();
    for n in 0..routes {
        let (a, b, c) = (1 + n / 65536, n / 256 % 256, n % 256);
        let set = n / 8;
        let (med, community) = (set % 1000, set / 1000);
        let _ = writeln!(
            lines,
            "announce route {a}.{b}.{c}.0/24 next-hop 192.0.2.1 med {med} community [ 65001:1 65001:{community} ]"
        );
    }
    let writer = std::thread::spawn(move || {
        // Whoever does not want them any more closes the pipe.
        let _ = std::io::stdout().write_all(lines.as_bytes());
    });
    let mut buffer = vec![0; 1 << 16];
    while std::io::stdin().read(&mut buffer).is_ok_and(|n| n > 0) {}
    writer.join().unwrap();
}

/// Takes one session and all that is sent on it.
pub struct Peer {
    listener: TcpListener,
    stream: std::cell::OnceCell<TcpStream>,
}

impl Peer {
    pub fn new() -> Peer {
        Peer { listener: TcpListener::bind("127.0.0.1:0").unwrap(), stream: std::cell::OnceCell::new() }
    }

    pub fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    /// Reads until so many prefixes were announced; for none, until the End-of-RIB.
    pub fn read(&self, routes: usize) {
        let (mut stream, _) = self.listener.accept().unwrap();
        // AS 65002, no hold time, 10.0.0.2; IPv4 unicast and four-octet AS numbers.
        let mut open = vec![4, 0xfd, 0xea, 0, 0, 10, 0, 0, 2, 14, 2, 12];
        open.extend([1, 4, 0, 1, 0, 1, 65, 4, 0, 0, 0xfd, 0xea]);
        stream.write_all(&[message(1, &open), message(4, &[])].concat()).unwrap();
        let (mut buffer, mut filled, mut seen, mut end) = (vec![0; 1 << 18], 0, 0, false);
        while seen < routes || !end {
            let n = stream.read(&mut buffer[filled..]).unwrap();
            assert!(n > 0, "the session ended after {seen} routes");
            filled += n;
            let mut at = 0;
            while filled - at >= 19 {
                let length = usize::from(u16::from_be_bytes([buffer[at + 16], buffer[at + 17]]));
                if filled - at < length {
                    break;
                }
                if buffer[at + 18] == 2 {
                    seen += prefixes(&buffer[at + 19..at + length]);
                    end |= length == 23;
                }
                at += length;
            }
            buffer.copy_within(at..filled, 0);
            filled -= at;
        }
        let _ = self.stream.set(stream);
    }
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(19 + body.len()).unwrap().to_be_bytes();
    [&[0xff; 16][..], &length, &[kind], body].concat()
}

fn prefixes(body: &[u8]) -> usize {
    let attributes = usize::from(u16::from_be_bytes([body[2], body[3]]));
    let mut nlri = &body[4 + attributes..];
    let mut count = 0;
    while let [bits, rest @ ..] = nlri {
        nlri = &rest[usize::from(*bits).div_ceil(8)..];
        count += 1;
    }
    count
}
