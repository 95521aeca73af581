//! Who is told of an event, and in which forms.
//!
//! An `api` section names helpers, kinds of messages and forms. The kind is looked up section by section; a form that
//! any section of a neighbour asks for holds for the whole neighbour and direction, so that a helper that asks for
//! a kind is told of it even when another section has the form.

use super::Form;
use herald_bgp::message::Kind;
use herald_speaker::config::{ApiConfig, MessageConfig, PeerConfig};
use herald_speaker::event::{Direction, What};

/// The forms in which one helper is told, in the order it is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Forms {
    packets: bool,
    other: Option<Form>,
}

impl Iterator for Forms {
    type Item = Form;

    fn next(&mut self) -> Option<Form> {
        if self.packets {
            self.packets = false;
            return Some(Form::Packets);
        }
        self.other.take()
    }
}

/// Which helpers are told of this, each once and in the order of the configuration, with the forms it gets.
pub fn deliveries<'a>(config: &'a PeerConfig, what: &What<'_>) -> impl Iterator<Item = (&'a str, Forms)> + use<'a> {
    let wanted = Wanted::new(config, what);
    let sections = config.api.iter().enumerate();
    let names = sections.flat_map(|(i, api)| api.processes.iter().map(move |name| (i, &**name)));
    names.enumerate().filter_map(move |(at, (section, name))| {
        let earlier = config.api.iter().take(section + 1).flat_map(|api| &api.processes).take(at);
        if earlier.into_iter().any(|known| **known == *name) {
            return None;
        }
        let forms = wanted.forms(config, name);
        (forms != Forms::default()).then_some((name, forms))
    })
}

/// What an event asks of a section.
#[derive(Clone, Copy)]
enum Wanted {
    Option(fn(&ApiConfig) -> bool),
    Message { direction: Direction, kind: Kind, form: Option<Form>, packets: bool },
}

impl Wanted {
    fn new(config: &PeerConfig, what: &What<'_>) -> Wanted {
        match what {
            What::Connected | What::Up | What::Down(_) => Wanted::Option(|api| api.neighbor_changes),
            What::Fsm(_) => Wanted::Option(|api| api.fsm),
            What::Negotiated => Wanted::Option(|api| api.negotiated),
            What::Signal { .. } => Wanted::Option(|api| api.signal),
            What::Message { direction, bytes, .. } => {
                let kind = Kind(bytes.get(18).copied().unwrap_or(0));
                let any = |wants: fn(&MessageConfig) -> bool| config.api.iter().any(|a| wants(a.messages(*direction)));
                let (packets, parsed) = (any(|m| m.packets), any(|m| m.parsed));
                let form = match any(|m| m.consolidate) {
                    true if packets || *direction == Direction::Receive => Some(Form::Consolidated),
                    true => Some(Form::Parsed),
                    false => parsed.then_some(Form::Parsed),
                };
                // Octets go to whoever asked for octets, if anybody asked for the kind.
                let packets = form.is_none_or(|_| !any(|m| m.consolidate))
                    && packets
                    && config.api.iter().any(|api| api.messages(*direction).kind(kind));
                Wanted::Message { direction: *direction, kind, form, packets }
            }
        }
    }

    fn forms(&self, config: &PeerConfig, name: &str) -> Forms {
        let mut sections = config.api.iter().filter(|api| api.processes.iter().any(|process| **process == *name));
        match self {
            Wanted::Option(option) => Forms { packets: false, other: sections.any(option).then_some(Form::Parsed) },
            Wanted::Message { direction, kind, form, packets } => {
                let mut forms = Forms::default();
                for messages in sections.map(|api| api.messages(*direction)) {
                    forms.packets |= *packets && messages.packets;
                    forms.other = forms.other.or(form.filter(|_| messages.kind(*kind)));
                }
                forms
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use herald_bgp::message;
    use std::net::{IpAddr, Ipv4Addr};

    fn config(sections: &[(&[&str], MessageConfig)]) -> PeerConfig {
        let mut config = PeerConfig::new(IpAddr::V4(Ipv4Addr::LOCALHOST));
        for (names, receive) in sections {
            let processes = names.iter().map(|name| (*name).into()).collect();
            config.api.push(ApiConfig { processes, receive: *receive, send: *receive, ..ApiConfig::default() });
        }
        config
    }

    fn told(config: &PeerConfig, direction: Direction) -> Vec<(&str, Vec<Form>)> {
        let mut bytes = Vec::new();
        message::write_keepalive(&mut bytes);
        let what = What::Message { direction, bytes: &bytes, faults: &[] };
        deliveries(config, &what).map(|(name, forms)| (name, forms.collect())).collect()
    }

    const KIND: MessageConfig = MessageConfig {
        parsed: false,
        packets: false,
        consolidate: false,
        open: false,
        update: false,
        notification: false,
        keepalive: true,
        refresh: false,
        operational: false,
    };
    const NOTHING: MessageConfig = MessageConfig { keepalive: false, ..KIND };

    #[test]
    fn a_kind_and_a_form_are_both_needed() {
        assert_eq!(told(&config(&[(&["a"], KIND)]), Direction::Receive), []);
        let form = MessageConfig { parsed: true, ..NOTHING };
        assert_eq!(told(&config(&[(&["a"], form)]), Direction::Receive), []);
        let both = MessageConfig { parsed: true, ..KIND };
        assert_eq!(
            told(&config(&[(&["a", "b", "a"], both)]), Direction::Send),
            [("a", vec![Form::Parsed]), ("b", vec![Form::Parsed])]
        );
    }

    #[test]
    fn octets_come_first() {
        let both = MessageConfig { parsed: true, packets: true, ..KIND };
        assert_eq!(told(&config(&[(&["a"], both)]), Direction::Receive), [("a", vec![Form::Packets, Form::Parsed])]);
    }

    #[test]
    fn forms_hold_for_the_neighbour_and_kinds_for_the_section() {
        let parsed = MessageConfig { parsed: true, ..NOTHING };
        let packets = MessageConfig { packets: true, ..KIND };
        let config = config(&[(&["a"], parsed), (&["b"], packets), (&["c"], KIND)]);
        assert_eq!(
            told(&config, Direction::Receive),
            [("b", vec![Form::Packets, Form::Parsed]), ("c", vec![Form::Parsed])]
        );
    }

    #[test]
    fn consolidate_wins() {
        let all = MessageConfig { parsed: true, packets: true, consolidate: true, ..KIND };
        let without = MessageConfig { packets: false, ..all };
        let (both, without) = (config(&[(&["a"], all)]), config(&[(&["a"], without)]));
        assert_eq!(told(&both, Direction::Receive), [("a", vec![Form::Consolidated])]);
        assert_eq!(told(&both, Direction::Send), [("a", vec![Form::Consolidated])]);
        assert_eq!(told(&without, Direction::Receive), [("a", vec![Form::Consolidated])]);
        assert_eq!(told(&without, Direction::Send), [("a", vec![Form::Parsed])]);
    }

    #[test]
    fn what_is_no_message_has_an_option_each() {
        let mut config = config(&[(&["a"], KIND), (&["b"], KIND)]);
        config.api[1].neighbor_changes = true;
        let told: Vec<_> = deliveries(&config, &What::Up).map(|(name, forms)| (name, forms.count())).collect();
        assert_eq!(told, [("b", 1)]);
        assert_eq!(deliveries(&config, &What::Negotiated).count(), 0);
    }
}
