//! Files of packets: pcap and pcapng, as tcpdump and Wireshark write them.

use super::Sink;
use super::stream::{Segment, Streams};
use super::views::Views;
use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TransportSlice};
use herald_speaker::time::UnixNanos;
use pcap_parser::data::{PacketData, get_packetdata};
use pcap_parser::pcapng::InterfaceDescriptionBlock;
use pcap_parser::traits::PcapNGPacketBlock;
use pcap_parser::{Block, Linktype, PcapBlockOwned, PcapError, create_reader};
use std::io::{self, Read};
use std::net::{IpAddr, SocketAddr};

/// Octets of a packet at most.
const GREATEST: usize = 4 << 20;

/// True if a file begins like this.
pub fn is_likely(head: &[u8]) -> bool {
    const PCAPNG: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
    const PCAP: [u32; 2] = [0xa1b2_c3d4, 0xa1b2_3c4d]; // micro- and nanoseconds
    head.first_chunk().is_some_and(|first| {
        *first == PCAPNG || PCAP.contains(&u32::from_be_bytes(*first)) || PCAP.contains(&u32::from_le_bytes(*first))
    })
}

/// Tells of the BGP messages in the packets.
pub fn read(input: Box<dyn Read + Send>, views: &mut Views, sink: &mut dyn Sink) -> io::Result<()> {
    let mut reader = create_reader(GREATEST, input).map_err(|why| wrong(&why))?;
    let mut streams = Streams::new(views);
    let mut file = File::default();
    let why = loop {
        let length = match reader.next() {
            Ok((length, block)) => {
                if let Some(packet) = file.packet(&block) {
                    segment(&packet, &mut streams, sink)?;
                }
                length
            }
            Err(PcapError::Eof) => break None,
            Err(PcapError::Incomplete(_)) => 0,
            Err(why) => break Some(wrong(&why)),
        };
        if length > 0 {
            reader.consume(length);
        } else if reader.reader_exhausted() {
            break Some(wrong(&PcapError::UnexpectedEof));
        } else if let Err(why) = reader.refill() {
            break Some(wrong(&why));
        }
    };
    streams.end(sink)?;
    why.map_or(Ok(()), Err)
}

fn wrong(why: &PcapError<&[u8]>) -> io::Error {
    let what = match why {
        PcapError::ReadError => "cannot be read",
        PcapError::BufferTooSmall => "a packet is too large",
        PcapError::Eof | PcapError::UnexpectedEof | PcapError::Incomplete(_) => "the file ends inside a packet",
        _ => "this is no packet",
    };
    io::Error::other(what)
}

/// What the head of the file says of the packets behind it.
#[derive(Default)]
struct File {
    link: Linktype,
    nanos: bool,
    /// pcapng: link and resolution of time of each interface.
    interfaces: Vec<Interface>,
}

struct Interface {
    link: Linktype,
    /// Units of a second.
    resolution: u64,
    /// Seconds to be added.
    offset: i64,
}

/// A packet, and when it was seen.
struct Packet<'a> {
    at: UnixNanos,
    link: Linktype,
    data: &'a [u8],
}

impl File {
    fn packet<'a>(&mut self, block: &'a PcapBlockOwned<'a>) -> Option<Packet<'a>> {
        match block {
            PcapBlockOwned::LegacyHeader(header) => {
                (self.link, self.nanos) = (header.network, header.is_nanosecond_precision());
                None
            }
            PcapBlockOwned::Legacy(packet) => {
                let unit = if self.nanos { 1 } else { 1_000 };
                let at = UnixNanos(u64::from(packet.ts_sec) * 1_000_000_000 + u64::from(packet.ts_usec) * unit);
                Some(Packet { at, link: self.link, data: packet.data })
            }
            PcapBlockOwned::NG(Block::SectionHeader(_)) => {
                self.interfaces.clear();
                None
            }
            PcapBlockOwned::NG(Block::InterfaceDescription(interface)) => {
                self.interfaces.push(Interface::new(interface));
                None
            }
            PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
                let interface = self.interfaces.get(usize::try_from(packet.if_id).ok()?)?;
                let at = interface.time((u64::from(packet.ts_high) << 32) | u64::from(packet.ts_low));
                Some(Packet { at, link: interface.link, data: packet.packet_data() })
            }
            PcapBlockOwned::NG(Block::SimplePacket(packet)) => {
                let link = self.interfaces.first()?.link;
                Some(Packet { at: UnixNanos(0), link, data: packet.packet_data() })
            }
            PcapBlockOwned::NG(_) => None,
        }
    }
}

impl Interface {
    fn new(block: &InterfaceDescriptionBlock<'_>) -> Interface {
        let resolution = block.ts_resolution().filter(|resolution| *resolution > 0).unwrap_or(1_000_000);
        Interface { link: block.linktype, resolution, offset: block.ts_offset() }
    }

    fn time(&self, ticks: u64) -> UnixNanos {
        let (seconds, rest) = (ticks / self.resolution, ticks % self.resolution);
        let nanos = u128::from(rest) * 1_000_000_000 / u128::from(self.resolution);
        let seconds = seconds.saturating_add_signed(self.offset);
        UnixNanos(seconds.saturating_mul(1_000_000_000).saturating_add(u64::try_from(nanos).unwrap_or(0)))
    }
}

/// The TCP segment of a packet, if there is one, goes to its stream.
fn segment(packet: &Packet<'_>, streams: &mut Streams<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let sliced = match get_packetdata(packet.data, packet.link, packet.data.len()) {
        Some(PacketData::L2(frame)) => LaxSlicedPacket::from_ethernet(frame).ok(),
        Some(PacketData::L3(kind, datagram)) => Some(LaxSlicedPacket::from_ether_type(EtherType(kind), datagram)),
        _ => None,
    };
    let Some(sliced) = sliced else { return Ok(()) };
    let Some(TransportSlice::Tcp(tcp)) = &sliced.transport else { return Ok(()) };
    let (from, to): (IpAddr, IpAddr) = match &sliced.net {
        Some(LaxNetSlice::Ipv4(ip)) => (ip.header().source_addr().into(), ip.header().destination_addr().into()),
        Some(LaxNetSlice::Ipv6(ip)) => (ip.header().source_addr().into(), ip.header().destination_addr().into()),
        _ => return Ok(()),
    };
    streams.segment(
        Segment {
            from: SocketAddr::new(from, tcp.source_port()),
            to: SocketAddr::new(to, tcp.destination_port()),
            at: packet.at,
            sequence: tcp.sequence_number(),
            begins: tcp.syn(),
            data: tcp.payload(),
        },
        sink,
    )
}
