//! A recording in memory, and what was seen while it was made: a replay has to see the same.

use herald_speaker::recording::{Doubts, Played, Player, Segment, Writer, frame};
use herald_speaker::time::Now;
use herald_speaker::{ConnId, Effect, Input};
use std::fmt::Write as _;

/// Records one speaker.
#[derive(Clone, Debug)]
pub struct Tape {
    /// To be called with everything the speaker is called with; its effects and octets go to `see` all the same.
    pub writer: Writer,
    segments: Vec<Vec<u8>>,
    /// Each effect and each octet that went, one line each.
    pub seen: Vec<String>,
}

impl Tape {
    /// A tape for a speaker that is about to begin.
    pub fn new(seed: u64, now: Now) -> Tape {
        let mut writer = Writer::new(77, seed, now, Vec::new(), usize::MAX);
        let first = writer.head().octets();
        Tape { writer, segments: vec![first], seen: Vec::new() }
    }

    /// An input, before it is handled.
    pub fn input(&mut self, now: Now, input: &Input<'_>) {
        self.writer.input(now, input);
    }

    /// What it led to.
    pub fn effect(&mut self, now: Now, effect: &Effect<'_>) {
        self.writer.effect(effect);
        self.seen.push(line(now, effect));
    }

    /// Octets were asked for, and these were taken.
    pub fn pulled(&mut self, now: Now, conn: ConnId, budget: usize, octets: &[u8]) {
        self.writer.pulled(now, conn, budget, octets.len());
        if !octets.is_empty() {
            self.seen.push(sent(now, conn, octets));
        }
    }

    /// Begins a new segment.
    pub fn cut(&mut self) {
        self.end_block();
        self.segments.push(self.writer.head().octets());
    }

    /// Begins a new block.
    pub fn end_block(&mut self) {
        if let (Some(block), Some(segment)) = (self.writer.take(), self.segments.last_mut()) {
            frame(&block, segment);
        }
    }

    /// All segments.
    pub fn segments(&mut self) -> &[Vec<u8>] {
        self.end_block();
        &self.segments
    }
}

/// Plays segments, the first of which may be any. What is seen, one line each; an error ends it.
pub fn replay(segments: &[Vec<u8>]) -> (Vec<String>, Doubts, Option<String>) {
    let mut seen = Vec::new();
    let mut player = None;
    for octets in segments {
        let segment = match Segment::open(octets) {
            Ok(segment) => segment,
            Err(damaged) => return (seen, Doubts::default(), Some(damaged.to_string())),
        };
        let player = player.get_or_insert_with(|| Player::new(&segment));
        for record in segment.records {
            match record {
                Ok((now, record)) => player.play(now, record, &mut |now, played| {
                    seen.push(match played {
                        Played::Effect(effect) => line(now, &effect),
                        Played::Sent { conn, octets } => sent(now, conn, octets),
                    });
                }),
                Err(damaged) => return (seen, player.doubts(), Some(damaged.to_string())),
            }
        }
    }
    (seen, player.map_or(Doubts::default(), |player| player.doubts()), None)
}

/// An effect as a line: all of it, the peer's view apart, which is its address.
pub fn line(now: Now, effect: &Effect<'_>) -> String {
    match effect {
        Effect::Event(event) => format!("{} {} {:?}", now.mono.0, event.peer.address, event.what),
        other => format!("{} {other:?}", now.mono.0),
    }
}

fn sent(now: Now, conn: ConnId, octets: &[u8]) -> String {
    let mut out = format!("{} {conn:?} ", now.mono.0);
    for octet in octets {
        let _ = write!(out, "{octet:02x}");
    }
    out
}
