//! What the core tells the edge, on its way between the two threads: facts and answers, copied once into a batch.
//!
//! A fact borrows from the receive buffer and from the speaker; a batch owns what it holds. Octets of all records of a
//! batch lie in one buffer, neighbours and attributes that repeat are kept once.

use herald_bgp::attribute::Attributes;
use herald_bgp::error::Fault;
use herald_bgp::family::Family;
use herald_bgp::nlri::Stored;
use herald_speaker::command::{ClientId, ProcessId, Reply, Rib, Show};
use herald_speaker::config::ProcessConfig;
use herald_speaker::event::{Direction, Event, NeighborReport, PeerView, What};
use herald_speaker::session::State;
use herald_speaker::time::UnixNanos;
use std::ops::Range;
use std::sync::Arc;

/// Records in the order they were made.
#[derive(Debug, Default)]
pub struct Batch {
    views: Vec<Arc<PeerView>>,
    attributes: Vec<Attributes>,
    bytes: Vec<u8>,
    records: Vec<Record>,
    /// Kept until the records were handed out.
    pub under_way: Option<Arc<()>>,
}

/// One thing for the edge.
#[derive(Debug)]
pub enum Record {
    /// Something happened; see [`Batch::event`].
    Event {
        /// When.
        wall: UnixNanos,
        /// Whom it is about.
        view: usize,
        /// What it was.
        fact: Fact,
    },
    /// That many commands of one client were done.
    #[allow(missing_docs)]
    Done { to: ClientId, count: u32 },
    /// Another answer, or a part of one; see [`Batch::reply`].
    #[allow(missing_docs)]
    Answer { to: ClientId, answer: Answer },
    /// Answers of one client, in words.
    #[allow(missing_docs)]
    Text { to: ClientId, text: Range<usize> },
    /// Start a helper.
    #[allow(missing_docs)]
    Spawn { process: ProcessId, config: Arc<ProcessConfig> },
    /// End a helper.
    #[allow(missing_docs)]
    Kill { process: ProcessId },
    /// Whoever has the other end is told that this was reached.
    Reached(std::sync::mpsc::Sender<()>),
    /// There is nothing after this.
    End,
}

/// [`What`], owned.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Fact {
    Connected,
    Up,
    Down(Range<usize>),
    Fsm(State),
    Negotiated,
    Message { direction: Direction, bytes: Range<usize>, faults: Box<[Fault]> },
    Signal { number: i32, name: Range<usize> },
}

/// [`Reply`], owned.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Answer {
    Neighbors { show: Show, list: Vec<NeighborReport> },
    Route { show: Show, view: usize, rib: Rib, family: Family, nlri: Stored, attributes: usize },
    Group { announced: usize, withdrawn: usize, errors: Vec<String> },
    Error(Range<usize>),
    Passed,
}

impl Answer {
    /// True for what may come in millions.
    pub fn is_route(&self) -> bool {
        matches!(self, Answer::Route { .. })
    }
}

impl Batch {
    /// About how many octets it takes.
    pub fn weight(&self) -> usize {
        self.bytes.len() + self.records.len() * size_of::<Record>()
    }

    /// True if nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// What is in it.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Adds something that needs no copying.
    pub fn push(&mut self, record: Record) {
        self.records.push(record);
    }

    /// Copies a fact.
    pub fn push_event(&mut self, wall: UnixNanos, event: &Event<'_>) {
        let view = self.view(event.peer);
        let fact = match event.what {
            What::Connected => Fact::Connected,
            What::Up => Fact::Up,
            What::Down(reason) => Fact::Down(self.copy(reason.as_bytes())),
            What::Fsm(state) => Fact::Fsm(state),
            What::Negotiated => Fact::Negotiated,
            What::Message { direction, bytes, faults } => {
                Fact::Message { direction, bytes: self.copy(bytes), faults: faults.into() }
            }
            What::Signal { number, name } => Fact::Signal { number, name: self.copy(name.as_bytes()) },
        };
        self.records.push(Record::Event { wall, view, fact });
    }

    /// Copies an answer.
    #[inline]
    pub fn push_reply(&mut self, to: ClientId, reply: &Reply<'_>) {
        if let Reply::Done = reply {
            return self.push_done(to);
        }
        self.push_answer(to, reply);
    }

    /// The usual answer: only counted.
    #[inline]
    fn push_done(&mut self, to: ClientId) {
        match self.records.last_mut() {
            Some(Record::Done { to: last, count }) if *last == to => *count += 1,
            _ => self.records.push(Record::Done { to, count: 1 }),
        }
    }

    #[inline(never)]
    fn push_answer(&mut self, to: ClientId, reply: &Reply<'_>) {
        let answer = match *reply {
            Reply::Done => return self.push_done(to),
            Reply::Neighbors { show, list } => Answer::Neighbors { show, list: list.to_vec() },
            Reply::Route { show, peer, rib, family, nlri, attributes } => {
                let view = self.view(peer);
                if self.attributes.last() != Some(attributes) {
                    self.attributes.push(attributes.clone());
                }
                let attributes = self.attributes.len() - 1;
                Answer::Route { show, view, rib, family, nlri: nlri.clone(), attributes }
            }
            Reply::Group { announced, withdrawn, errors } => {
                Answer::Group { announced, withdrawn, errors: errors.to_vec() }
            }
            Reply::Error(reason) => Answer::Error(self.copy(reason.as_bytes())),
            Reply::Passed => Answer::Passed,
        };
        self.records.push(Record::Answer { to, answer });
    }

    /// Copies answers that are in words.
    pub fn push_text(&mut self, to: ClientId, words: &str) {
        let copy = self.copy(words.as_bytes());
        match self.records.last_mut() {
            Some(Record::Text { to: last, text }) if *last == to && text.end == copy.start => text.end = copy.end,
            _ if words.is_empty() => {}
            _ => self.records.push(Record::Text { to, text: copy }),
        }
    }

    /// Adds words of an answer ahead of all that is in it.
    pub fn push_text_first(&mut self, to: ClientId, words: &str) {
        let text = self.copy(words.as_bytes());
        self.records.insert(0, Record::Text { to, text });
    }

    /// The fact of an event record of this batch.
    pub fn event<'a>(&'a self, view: usize, fact: &'a Fact) -> Option<Event<'a>> {
        let what = match fact {
            Fact::Connected => What::Connected,
            Fact::Up => What::Up,
            Fact::Down(reason) => What::Down(self.text(reason)),
            Fact::Fsm(state) => What::Fsm(*state),
            Fact::Negotiated => What::Negotiated,
            Fact::Message { direction, bytes, faults } => {
                What::Message { direction: *direction, bytes: self.octets(bytes), faults }
            }
            Fact::Signal { number, name } => What::Signal { number: *number, name: self.text(name) },
        };
        Some(Event { peer: self.views.get(view)?, what })
    }

    /// Hands the answer of a record of this batch to `take`.
    pub fn reply<R>(&self, answer: &Answer, take: impl FnOnce(&Reply<'_>) -> R) -> Option<R> {
        let reply = match answer {
            Answer::Neighbors { show, list } => Reply::Neighbors { show: *show, list },
            Answer::Route { show, view, rib, family, nlri, attributes } => Reply::Route {
                show: *show,
                peer: self.views.get(*view)?,
                rib: *rib,
                family: *family,
                nlri,
                attributes: self.attributes.get(*attributes)?,
            },
            Answer::Group { announced, withdrawn, errors } => {
                Reply::Group { announced: *announced, withdrawn: *withdrawn, errors }
            }
            Answer::Error(reason) => Reply::Error(self.text(reason)),
            Answer::Passed => Reply::Passed,
        };
        Some(take(&reply))
    }

    fn view(&mut self, peer: &Arc<PeerView>) -> usize {
        // Bursts are about one neighbour, or about a few that take turns.
        let known = self.views.iter().rev().take(4).position(|view| Arc::ptr_eq(view, peer));
        match known {
            Some(back) => self.views.len() - 1 - back,
            None => {
                self.views.push(peer.clone());
                self.views.len() - 1
            }
        }
    }

    fn copy(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }

    fn octets(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or(&[])
    }

    /// The words a record of this batch refers to.
    pub fn text(&self, range: &Range<usize>) -> &str {
        std::str::from_utf8(self.octets(range)).unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use herald_speaker::config::PeerConfig;
    use herald_speaker::event::PeerId;

    fn view(n: u32) -> Arc<PeerView> {
        let config = Arc::new(PeerConfig::new("192.0.2.1".parse().unwrap()));
        Arc::new(PeerView {
            id: PeerId(n),
            address: config.address,
            local_address: None,
            local_as: None,
            peer_as: None,
            router_id: None,
            negotiated: None,
            config,
        })
    }

    #[test]
    fn facts_come_out_as_they_went_in() {
        let (a, b) = (view(1), view(2));
        let mut batch = Batch::default();
        let message = What::Message { direction: Direction::Receive, bytes: &[1, 2, 3], faults: &[] };
        for (peer, what) in [(&a, message), (&b, What::Down("why")), (&a, What::Up)] {
            batch.push_event(UnixNanos(7), &Event { peer, what });
        }
        assert_eq!(batch.views.len(), 2);
        let out: Vec<String> = batch
            .records()
            .iter()
            .filter_map(|record| match record {
                Record::Event { view, fact, .. } => batch.event(*view, fact),
                _ => None,
            })
            .map(|event| format!("{} {:?}", event.peer.id.0, event.what))
            .collect();
        assert_eq!(out.len(), 3);
        assert!(out[0].starts_with("1 Message") && out[0].contains("[1, 2, 3]"), "{}", out[0]);
        assert_eq!(out[1], "2 Down(\"why\")");
    }

    #[test]
    fn the_usual_answer_is_counted() {
        let (one, two) = (ClientId::Process(ProcessId(1)), ClientId::Process(ProcessId(2)));
        let mut batch = Batch::default();
        for to in [one, one, two, one] {
            batch.push_reply(to, &Reply::Done);
        }
        batch.push_text(one, "yes\n");
        batch.push_text(one, "done\n");
        let Some(Record::Text { text, .. }) = batch.records().last() else { panic!() };
        assert_eq!((batch.text(text), batch.records().len()), ("yes\ndone\n", 4));
        batch.push_reply(one, &Reply::Error("no"));
        let counts: Vec<u32> = batch
            .records()
            .iter()
            .filter_map(|record| match record {
                Record::Done { count, .. } => Some(*count),
                _ => None,
            })
            .collect();
        assert_eq!(counts, [2, 1, 1]);
        let Some(Record::Answer { answer, .. }) = batch.records().last() else { panic!() };
        assert_eq!(batch.reply(answer, |reply| format!("{reply:?}")).unwrap(), "Error(\"no\")");
    }
}
