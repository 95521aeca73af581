//! What peers are sent when routes come, change and go.

use super::Rib;
use super::plan::{Cursor, Filled, Session};
use super::table::Table;
use crate::event::PeerId;
use herald_bgp::attribute::{Attr, Attributes};
use herald_bgp::context::Context;
use herald_bgp::family::Family;
use herald_bgp::nlri::NextHop;
use herald_bgp::nlri::Stored;
use herald_bgp::value::Asn;
use std::sync::Arc;

const FAMILY: Family = Family::IPV4_UNICAST;

struct Peers {
    rib: Rib,
    cursors: [Cursor; 2],
    auto_flush: bool,
    keep: bool,
}

impl Peers {
    fn new() -> Peers {
        let mut rib = Rib::new(1);
        let cursors = [(); 2].map(|()| Cursor::new(&mut rib, FAMILY));
        Peers { rib, cursors, auto_flush: true, keep: true }
    }

    /// A route with this MED, to these peers.
    fn announce(&mut self, med: u8, to: &[u32]) {
        let med = Attr { code: 4, flags: 0x80, value: &[0, 0, 0, med] };
        let attrs = Arc::new(Attributes::new(NextHop::Addr([192, 0, 2, 1].into()), [med]));
        let to = self.rib.sets.of(to.iter().map(|n| PeerId(*n)));
        self.rib.announce(FAMILY, &Stored::new(None, &[8, 10]), &attrs, to);
    }

    fn withdraw(&mut self, to: u32) {
        let to = self.rib.sets.of([PeerId(to)]);
        self.rib.withdraw(FAMILY, &Stored::new(None, &[8, 10]), None, to);
    }

    fn clear(&mut self, peer: u32) {
        self.rib.withdraw_all(PeerId(peer), |_| true);
    }

    /// Announcements and withdrawals a peer is sent: `+` and `-`.
    fn sent(&mut self, peer: u32) -> String {
        let context = Context { families: vec![FAMILY], ..Context::plain(Asn(1), Asn(2)) };
        let session = Session {
            peer: PeerId(peer),
            context: &context,
            group_updates: true,
            auto_flush: self.auto_flush,
            keep: self.keep,
        };
        let mut out = Vec::new();
        let cursor = &mut self.cursors[peer as usize];
        while cursor.fill(&mut self.rib, &session, &mut out, usize::MAX, &mut |e| panic!("{e}")) != Filled::Idle {}
        let mut said = String::new();
        while !out.is_empty() {
            let length = usize::from(u16::from_be_bytes([out[16], out[17]]));
            let message: Vec<u8> = out.drain(..length).collect();
            said.push(if message[19..21] == [0, 0] { '+' } else { '-' });
        }
        said
    }
}

#[test]
fn clearing_takes_back_what_was_sent_and_nothing_else() {
    let mut peers = Peers::new();
    peers.announce(1, &[0]);
    peers.announce(2, &[0, 1]);
    peers.clear(0);
    assert_eq!((peers.sent(0), peers.sent(1)), ("".into(), "+".into()));
    // Another variant of what was sent.
    peers.announce(3, &[1]);
    peers.clear(1);
    assert_eq!(peers.sent(1), "-");
    // A withdrawal stays, the announcement behind it does not.
    peers.announce(1, &[0]);
    assert_eq!(peers.sent(0), "+");
    peers.withdraw(0);
    peers.announce(2, &[0]);
    peers.clear(0);
    assert_eq!(peers.sent(0), "-");
    // Asked to withdraw, it does, sent or not.
    peers.announce(1, &[0]);
    peers.withdraw(0);
    assert_eq!(peers.sent(0), "-");
}
#[test]
fn changes_wait_for_a_flush() {
    let mut peers = Peers { auto_flush: false, ..Peers::new() };
    let flush = |peers: &mut Peers, peer| peers.cursors[peer as usize].flush(&peers.rib, PeerId(peer));
    peers.announce(1, &[0, 1]);
    peers.announce(2, &[0]);
    assert_eq!(peers.sent(0), "");
    assert!(flush(&mut peers, 0));
    assert_eq!((peers.sent(0), peers.sent(1)), ("+".into(), "".into()));
    assert!(!flush(&mut peers, 0), "nothing waits");
    // What does not concern a peer need not be kept for it.
    assert_eq!(peers.cursors[0].pass(&peers.rib, PeerId(0)), 0);
    assert_eq!(peers.cursors[1].pass(&peers.rib, PeerId(1)), 2);
    peers.announce(3, &[0]);
    peers.withdraw(1);
    assert!(flush(&mut peers, 1));
    assert_eq!((peers.sent(0), peers.sent(1)), ("".into(), "-".into()));
    // A peer that asks for all is given all there is.
    peers.cursors[0].refresh(&mut peers.rib, PeerId(0), false);
    assert!(peers.sent(0).starts_with('+'));
    assert!(!flush(&mut peers, 0));
}

#[test]
fn what_is_not_kept_is_sent_once() {
    let mut peers = Peers { keep: false, ..Peers::new() };
    peers.announce(1, &[0, 1]);
    assert_eq!(peers.sent(0), "+");
    assert_eq!(peers.rib.announced(PeerId(0)).count() + peers.rib.announced(PeerId(1)).count(), 1);
    peers.cursors[0].refresh(&mut peers.rib, PeerId(0), false);
    assert_eq!(peers.sent(0), "");
    peers.announce(1, &[0, 1]);
    assert_eq!((peers.sent(0), peers.sent(1)), ("+".into(), "+".into()));
    assert_eq!(peers.rib.table(FAMILY).map(Table::live), Some(0));
    peers.withdraw(0);
    assert_eq!(peers.sent(0), "-");
}
