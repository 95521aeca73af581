//! Files of route collectors, for fuzzers.

use super::Seen;
use crate::generate;
use herald_bgp::context::Context;
use herald_bgp::dice::Dice;
use herald_bgp::family::Family;
use herald_bgp::message::HEADER;
use herald_bgp::mrt::{self, Entry};
use herald_bgp::nlri::FAMILIES;
use herald_bgp::read::Reader;
use herald_bgp::update::Update;
use herald_bgp::value::Asn;

/// A file of a route collector: whatever is in it is read, and a route of a table is a message that can be read.
pub fn mrt(input: &[u8]) -> Seen {
    let mut seen = Seen::default();
    let mut rest = input;
    let mut message = Vec::new();
    let mut route = |family, path_id: Option<u32>, nlri: &[u8], attributes: &[u8]| {
        message.clear();
        if mrt::write_update(family, path_id, nlri, attributes, &mut message).is_err() {
            return;
        }
        let mut cx = Context::plain(Asn(65000), Asn(65001));
        cx.add_path_receive = path_id.map(|_| family).into_iter().collect();
        let update = Update::inspect(message.get(HEADER..).unwrap(), &cx).unwrap();
        let routes: Vec<_> = update.announced().flat_map(|block| block.iter()).collect();
        assert_eq!(routes, [(path_id, nlri)], "{message:02x?}");
    };
    while let Ok(Some((record, behind))) = mrt::split(rest, 1 << 16) {
        rest = behind;
        match record.read() {
            Ok(Entry::Rib(rib)) => {
                let whole = (rib.family.spec().check)(Reader::new(rib.nlri, 0), false).is_ok();
                for entry in rib.entries().map_while(Result::ok).filter(|_| whole) {
                    route(rib.family, entry.path_id, rib.nlri, entry.attributes);
                    seen.messages += 1;
                }
            }
            Ok(Entry::TableDump { prefix, entry, .. }) => {
                let family = if prefix.addr().is_ipv4() { Family::IPV4_UNICAST } else { Family::IPV6_UNICAST };
                route(family, None, prefix.wire(&mut [0; 17]), entry.attributes);
            }
            Ok(Entry::Message(..)) => seen.messages += 1,
            Ok(Entry::Peers(index)) => assert!(index.peers().count() <= usize::from(u16::MAX)),
            _ => {}
        }
    }
    seen
}

/// A route of a table and a message, made up.
pub(super) fn seed(dice: &mut Dice) -> Vec<u8> {
    let Some(spec) = dice.pick(FAMILIES) else { return Vec::new() };
    let mut nlri = Vec::new();
    (spec.sample)(dice, &mut nlri);
    let attributes = [0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 3, 4, 192, 0, 2, 1];
    let path = dice.once_in(2);
    let mut body = vec![0, 0, 0, 1];
    body.extend(spec.family.afi.0.to_be_bytes());
    body.push(spec.family.safi.0);
    body.extend(&nlri);
    body.extend([0, 1, 0, 0, 0, 0, 0, 0]);
    if path {
        body.extend([0, 0, 0, 7]);
    }
    body.extend([0, 14]);
    body.extend(attributes);
    let mut file = vec![0, 0, 0, 0, 0, 13, 0, if path { 12 } else { 6 }];
    file.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
    file.extend(body);
    let mut message = Vec::new();
    generate::message(dice, false, &mut message);
    file.extend([0, 0, 0, 0, 0, 16, 0, 4]);
    file.extend(u32::try_from(message.len() + 20).unwrap().to_be_bytes());
    file.extend([0, 0, 253, 232, 0, 0, 253, 233, 0, 0, 0, 1, 192, 0, 2, 1, 192, 0, 2, 2]);
    file.extend(message);
    file
}
