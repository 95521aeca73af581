//! Checks a million UPDATEs and nothing else: what `valgrind --tool=callgrind` counts instructions of.
//!
//! ```text
//! cargo build --release -p herald-bgp --example check
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/examples/check
//! ```
#![allow(clippy::print_stdout, reason = "an example")]

use herald_bgp::attribute::{Attr, Attributes, code, spec};
use herald_bgp::context::Context;
use herald_bgp::dice::Dice;
use herald_bgp::family::Family;
use herald_bgp::message;
use herald_bgp::nlri::{NextHop, Stored};
use herald_bgp::update::Update;
use herald_bgp::update::pack::{self, Flush};
use herald_bgp::value::Asn;

const MESSAGES: usize = 1_000_000;
const DISTINCT: usize = 1000;
/// What a table of today carries in nearly every message.
const USUAL: [u8; 4] = [code::ORIGIN, code::AS_PATH, code::MULTI_EXIT_DISC, code::COMMUNITIES];

fn main() {
    let cx = Context {
        families: vec![Family::IPV4_UNICAST, Family::IPV6_UNICAST],
        ..Context::plain(Asn(65000), Asn(65001))
    };
    let mut dice = Dice::new(1);
    let messages: Vec<Vec<u8>> = (0..DISTINCT).map(|_| update(&mut dice, &cx)).collect();
    let bodies: Vec<&[u8]> = messages.iter().filter_map(|bytes| bytes.get(message::HEADER..)).collect();
    let (mut routes, mut faults) = (0, 0);
    for body in bodies.iter().cycle().take(MESSAGES) {
        match Update::check(body, &cx) {
            Ok(update) => {
                routes += update.announced().map(|block| block.bytes().len()).sum::<usize>();
                faults += update.faults().len();
            }
            Err(_) => faults += 1,
        }
    }
    println!("{MESSAGES} messages, {routes} octets of NLRI, {faults} faults");
}

/// An announcement of one to four routes.
fn update(dice: &mut Dice, cx: &Context) -> Vec<u8> {
    let family = if dice.once_in(4) { Family::IPV6_UNICAST } else { Family::IPV4_UNICAST };
    let values: Vec<(u8, u8, Vec<u8>)> = USUAL
        .iter()
        .filter_map(|code| spec(*code))
        .map(|row| {
            let mut value = Vec::new();
            (row.sample)(dice, &mut value);
            (row.code, row.flags, value)
        })
        .collect();
    let attrs = values.iter().map(|(code, flags, value)| Attr { code: *code, flags: *flags, value });
    let next_hop =
        if family == Family::IPV4_UNICAST { [192, 0, 2, 1].into() } else { [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into() };
    let attributes = Attributes::new(NextHop::Addr(next_hop), attrs);
    let nlris: Vec<Stored> = (0..=dice.below(4))
        .map(|_| {
            let mut nlri = Vec::new();
            (family.spec().sample)(dice, &mut nlri);
            Stored::new(None, &nlri)
        })
        .collect();
    let mut out = Vec::new();
    let flush = Flush { pack: true, pack_withdrawals: true, sort: false };
    let _ = pack::announce(&mut out, cx, family, &attributes, &mut nlris.iter().collect::<Vec<_>>(), &flush);
    out
}
