//! A capture file: each message in an IPv4 packet of a TCP connection of its own.

use std::net::Ipv4Addr;

/// Octets in front of a message: Ethernet, IPv4, TCP.
pub const BEFORE: usize = 14 + 20 + 20;

const ETHERNET: u32 = 1;

/// Appends the head of a file: version 2.4, and how long a packet may be.
pub fn head(out: &mut Vec<u8>) {
    for number in [0xa1b2_c3d4_u32, 0x0002_0004, 0, 0, 1 << 18, ETHERNET] {
        out.extend(number.to_be_bytes());
    }
}

/// Appends the packet with this number, from port 179. Checksums are zero: a dissector does not look.
pub fn packet(number: usize, message: &[u8], out: &mut Vec<u8>) {
    let short = |n: usize| u16::try_from(n).unwrap().to_be_bytes();
    let long = |n: usize| u32::try_from(n).unwrap().to_be_bytes();
    let whole = BEFORE + message.len();
    // time, then how much is here and how much there was
    [long(number), [0; 4], long(whole), long(whole)].iter().for_each(|field| out.extend(field));
    out.extend([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0]);
    out.extend([0x45, 0]);
    out.extend(short(whole - 14));
    out.extend([0, 0, 0, 0, 64, 6, 0, 0]);
    [Ipv4Addr::new(192, 0, 2, 1), Ipv4Addr::new(192, 0, 2, 2)].iter().for_each(|address| out.extend(address.octets()));
    out.extend(short(179));
    out.extend(short(1024 + number));
    // sequence, acknowledgement, header length, PSH and ACK, window, checksum, urgent pointer
    out.extend([0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]);
    out.extend(message);
}
