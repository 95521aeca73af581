//! The forms of fields that only EVPN has.

pub(super) use crate::nlri::typed::form::{ADDR, NLRI_KEY, OPEN_ADDR, RD, U8, U32, addr, number, rd};

use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::family::Afi;
use crate::nlri::typed::form::{Form, say};
use crate::put;
use crate::put::Put;
use crate::route::{Draft, part};
use crate::text::{Diagnostic, Words};
use crate::value::{Esi, Mac, Prefix, label};
use std::net::IpAddr;

/// `ESI(10)` (RFC 7432 §5).
pub(super) const ESI: Form = Form {
    value: "OCTETS | -",
    cut: |r, _, _| r.take(10, "").ok(),
    words: |word, part, out| {
        say(word, out);
        esi(part.octets).put(out);
    },
    listed: |part, out| put!(out, ':', esi(part.octets)),
    read: |draft, word, words| {
        let esi = Esi::of_word(&words.expect("the Ethernet Segment Identifier")?)?;
        draft.add_part(word, &esi.0);
        Ok(())
    },
    write: |part, _, out| {
        out.extend_from_slice(part.unwrap_or(&[0; 10]));
        Ok(())
    },
    sample: |dice, _, out| {
        let octets: [u8; 10] = dice.array();
        out.extend(if dice.once_in(3) { [0; 10] } else { octets });
    },
};

pub(super) fn esi(octets: &[u8]) -> Esi {
    octets.as_array().copied().map(Esi).unwrap_or_default()
}

/// `48(1) MAC(6)`
pub(super) const MAC: Form = Form {
    value: "00:11:22:33:44:55",
    cut: |r, _, _| r.take(7, "").ok().filter(|octets| octets.first() == Some(&48)),
    words: |word, part, out| {
        say(word, out);
        mac(part.octets).put(out);
    },
    listed: |part, out| put!(out, ':', mac(part.octets), "/48"),
    read: |draft, word, words| {
        let mac = Mac::of_word(&words.expect("the MAC address")?)?;
        draft.add_part(word, &mac.0);
        Ok(())
    },
    write: |part, _, out| {
        out.push(48);
        out.extend_from_slice(part.unwrap_or(&[0; 6]));
        Ok(())
    },
    sample: |dice, _, out| {
        out.push(48);
        out.extend(dice.array::<6>());
    },
};

/// The address behind its length.
pub(super) fn mac(octets: &[u8]) -> Mac {
    octets.last_chunk().copied().map(Mac).unwrap_or_default()
}

/// One label field: an MPLS label in the upper 20 bits, or a VNI in all 24 (RFC 8365 §5.1.3).
pub(super) const LABEL: Form = Form {
    value: "N",
    cut: |r, _, _| r.take(3, "").ok(),
    write: |part, making, out| {
        let part = part.unwrap_or(&[0; 3]);
        if part.len() != 3 {
            return Err(making.draft.complain("the route has one label, not several"));
        }
        out.extend_from_slice(part);
        Ok(())
    },
    sample: sample_label,
    ..LABELS
};

/// One or two label fields.
pub(super) const LABELS: Form = Form {
    value: "N | [ N N ]",
    cut: |r, _, _| if matches!(r.len(), 3 | 6) { r.take(r.len(), "").ok() } else { None },
    words: |word, part, out| {
        let fields = part.octets.as_chunks::<3>().0;
        let last = fields.len().saturating_sub(1);
        if fields.iter().enumerate().all(|(i, [_, _, low])| low & 0xf == u8::from(i == last)) {
            return label::words(part.octets, out);
        }
        let _ = word;
        out.push_str(if last > 0 { " vni [" } else { " vni" });
        for field in fields {
            put!(out, ' ', number(field));
        }
        out.push_str(if last > 0 { " ]" } else { "" });
    },
    listed: |part, out| {
        out.push(':');
        label::text(first_label(part.octets), out, Dialect::V6);
    },
    read: |draft, word, words| {
        let here = words.here();
        let stack = label::parse(words)?;
        add_labels(draft, word, &stack).map_err(|error| Diagnostic { at: here, ..error })
    },
    write: |part, making, out| {
        let part = part.unwrap_or(&[0; 3]);
        if part.len() > 6 {
            return Err(making.draft.complain("the route has two labels at most"));
        }
        out.extend_from_slice(part);
        Ok(())
    },
    sample: |dice, afi, out| {
        sample_label(dice, afi, out);
        if dice.once_in(3) {
            sample_label(dice, afi, out);
        }
    },
};

/// The octets of the first label.
pub(super) fn first_label(octets: &[u8]) -> &[u8] {
    octets.get(..3).unwrap_or(octets)
}

fn sample_label(dice: &mut Dice, _: Afi, out: &mut Vec<u8>) {
    let [a, b, c] = dice.array();
    out.extend(match dice.below(4) {
        0 => [a, b, c],
        1 => [0; 3],
        2 => [a, b, c & 0xf0],
        _ => [a, b, c & 0xf0 | 1],
    });
}

/// `10010`, `[ 10010 20020 ]`
pub(super) fn read_vni(draft: &mut Draft, _: &'static str, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let here = words.here();
    let mut fields = Vec::new();
    let list = words.accept("[");
    loop {
        let [.., a, b, c] = part::number("VNI", words, 0xff_ffff)?.to_be_bytes();
        fields.extend([a, b, c]);
        if !list || words.accept("]") {
            break;
        }
        words.accept(",");
    }
    add_labels(draft, "label", &fields).map_err(|error| Diagnostic { at: here, ..error })
}

fn add_labels(draft: &mut Draft, word: &'static str, fields: &[u8]) -> Result<(), Diagnostic> {
    if draft.part(word).is_some() {
        return Err(draft.complain("the route has a label already").help("keep one of `label` and `vni`"));
    }
    draft.add_part(word, fields);
    Ok(())
}

/// `bits(1) address(4 or 16)`, ahead of a gateway of the same size and a label (RFC 9136 §3.1).
pub(super) const PREFIX: Form = Form {
    value: "PREFIX",
    cut: |r, _, _| {
        let size = match r.len() {
            12 => 4,
            36 => 16,
            _ => return None,
        };
        r.take(1 + size, "").ok().filter(|octets| octets.first().is_some_and(|bits| usize::from(*bits) <= size * 8))
    },
    words: |word, part, out| {
        if let Some(prefix) = prefix(part.octets) {
            say(word, out);
            prefix.put(out);
        }
    },
    listed: |part, out| {
        out.push(':');
        prefix(part.octets).iter().for_each(|prefix| prefix.put(out));
    },
    read: part::whole_prefix,
    write: |part, _, out| {
        out.extend_from_slice(part.unwrap_or(&[0; 5]));
        Ok(())
    },
    sample: |dice, afi, out| {
        let prefix = dice.prefix(afi);
        out.push(prefix.len());
        match prefix.addr() {
            IpAddr::V4(a) => out.extend(a.octets()),
            IpAddr::V6(a) => out.extend(a.octets()),
        }
    },
};

fn prefix(octets: &[u8]) -> Option<Prefix> {
    Prefix::new(addr(octets)?, *octets.first()?)
}

/// `address(4 or 16)`, as long as that of the prefix; zero for none.
pub(super) const GATEWAY: Form = Form {
    value: "IP",
    cut: |r, _, before| r.take(before.len().checked_sub(1)?, "").ok(),
    words: |word, part, out| {
        if part.octets.iter().any(|octet| *octet != 0) {
            (ADDR.words)(word, part, out);
        }
    },
    write: |part, making, out| {
        let size = making.draft.part("prefix").map_or(4, |prefix| prefix.len().saturating_sub(1));
        let none = [0; 16];
        let part = part.or(none.get(..size)).unwrap_or(&[]);
        if part.len() != size {
            return Err(making.draft.complain("prefix and gateway are not of the same address family"));
        }
        out.extend_from_slice(part);
        Ok(())
    },
    sample: |dice, afi, out| {
        let size = if afi == Afi::IPV6 { 16 } else { 4 };
        match dice.once_in(2) {
            true => out.resize(out.len() + size, 0),
            false => dice.octets(size, out),
        }
    },
    ..ADDR
};

/// Eight octets, those of an extended community (RFC 9572 §3.1).
pub(super) const REGION_ID: Form = Form {
    value: "0xOCTETS",
    cut: |r, _, _| r.take(8, "").ok(),
    write: |part, making, out| {
        let part = part.unwrap_or(&[0; 8]);
        if part.len() != 8 {
            return Err(making.draft.complain("`region-id` has eight octets"));
        }
        out.extend_from_slice(part);
        Ok(())
    },
    sample: |dice, _, out| dice.octets(8, out),
    ..NLRI_KEY
};
