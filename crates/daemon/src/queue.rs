//! What a client still has to read: text in order, with bounds for those who do not.
//!
//! Answers and events share one stream and have a bound each. A client that does not read its answers loses answers, and
//! nothing else: its commands apply all the same. A client that does not read events first slows down the neighbours it
//! follows, and is left behind if it reads nothing at all.

use crate::record::Batch;
use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Octets of answers that wait at most.
pub const ANSWERS: usize = 4 << 20;
/// Octets of events from which the neighbours have to wait.
pub const HIGH: usize = 1 << 20;
/// Octets of events at which they may go on.
pub const LOW: usize = 256 << 10;
/// Octets of events that wait at most, whoever waits.
pub const EVENTS: usize = 64 << 20;
/// A client that reads nothing for this long is left behind.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Which bound a piece of text counts for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Kind {
    Answer,
    Event,
}

/// What the rest of the daemon has to be told about a client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// It does not keep up: whoever feeds it should wait.
    Slow,
    /// It keeps up, or is waited for no longer.
    Fast,
}

/// Answers made of many routes are kept as they came and put into words when there is room.
#[derive(Debug)]
pub enum Later {
    /// Records of a batch.
    Routes(Rc<Batch>, Range<usize>),
    /// An answer behind them.
    Text(String),
}

/// Text for one client.
#[derive(Debug)]
pub struct Queue {
    text: VecDeque<u8>,
    /// What the text is made of, in order: kind and octets.
    pieces: VecDeque<(Kind, usize)>,
    answers: usize,
    events: usize,
    later: VecDeque<Later>,
    refusing: bool,
    /// That it began to refuse was not said yet.
    unsaid: bool,
    slow: bool,
    stuck: bool,
    closed: bool,
    progress: Instant,
    /// Lines of answers and of events that were dropped since anybody asked.
    lost: (u64, u64),
}

impl Queue {
    /// Nothing yet.
    pub fn new(now: Instant) -> Queue {
        Queue {
            text: VecDeque::new(),
            pieces: VecDeque::new(),
            answers: 0,
            events: 0,
            later: VecDeque::new(),
            refusing: false,
            unsaid: false,
            slow: false,
            stuck: false,
            closed: false,
            progress: now,
            lost: (0, 0),
        }
    }

    /// Adds an answer.
    pub fn answer(&mut self, now: Instant, text: &str) {
        if self.closed {
            return;
        }
        if self.refusing || self.answers + text.len() > ANSWERS {
            return self.refuse(lines(text));
        }
        match self.later.back_mut() {
            None => self.append(now, Kind::Answer, text),
            Some(Later::Text(last)) => {
                self.answers += text.len();
                last.push_str(text);
            }
            Some(Later::Routes(..)) => {
                self.answers += text.len();
                self.later.push_back(Later::Text(text.to_owned()));
            }
        }
    }

    /// Adds routes to be put into words later. There is no bound for them here: whoever reads commands asks for no other
    /// listing until [`Queue::is_caught_up`].
    pub fn routes(&mut self, batch: &Rc<Batch>, records: Range<usize>) {
        if self.closed {
            return;
        }
        if self.refusing {
            return self.refuse(u64::try_from(records.len()).unwrap_or(0));
        }
        self.later.push_back(Later::Routes(batch.clone(), records));
    }

    /// Drops answers, these and those that follow, until enough was read.
    fn refuse(&mut self, lines: u64) {
        self.lost.0 += lines;
        self.unsaid |= !std::mem::replace(&mut self.refusing, true);
    }

    /// Adds an event.
    pub fn event(&mut self, now: Instant, text: &str) {
        if self.closed {
            return;
        }
        if self.stuck || self.events + text.len() > EVENTS {
            self.lost.1 += lines(text);
        } else {
            self.append(now, Kind::Event, text);
        }
    }

    fn append(&mut self, now: Instant, kind: Kind, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.text.is_empty() {
            // Nobody could read what was not there.
            self.progress = now;
        }
        self.text.extend(text.as_bytes());
        match kind {
            Kind::Answer => self.answers += text.len(),
            Kind::Event => self.events += text.len(),
        }
        match self.pieces.back_mut() {
            Some((last, octets)) if *last == kind => *octets += text.len(),
            _ => self.pieces.push_back((kind, text.len())),
        }
    }

    /// Moves what waits behind the text into it while there is little text. `words` appends a route's lines.
    pub fn catch_up(&mut self, now: Instant, mut words: impl FnMut(&Batch, usize, &mut String)) {
        let mut text = String::new();
        while self.text.len() < LOW {
            text.clear();
            match self.later.front_mut() {
                None => return,
                Some(Later::Text(answer)) => {
                    std::mem::swap(answer, &mut text);
                    self.answers -= text.len();
                    self.later.pop_front();
                }
                Some(Later::Routes(batch, records)) => {
                    for at in records.by_ref().take(256) {
                        words(batch, at, &mut text);
                    }
                    if Range::is_empty(records) {
                        self.later.pop_front();
                    }
                }
            }
            self.append(now, Kind::Answer, &text);
        }
    }

    /// The next octets to write.
    pub fn front(&self) -> &[u8] {
        self.text.as_slices().0
    }

    /// True if there is nothing to write, now or later.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.later.is_empty()
    }

    /// True if all answers are in words.
    pub fn is_caught_up(&self) -> bool {
        self.later.is_empty()
    }

    /// `n` octets of the front were read.
    pub fn written(&mut self, now: Instant, n: usize) {
        self.progress = now;
        self.text.drain(..n.min(self.text.len()));
        let mut left = n;
        while left > 0 {
            let Some((kind, octets)) = self.pieces.front_mut() else { break };
            let gone = left.min(*octets);
            left -= gone;
            *octets -= gone;
            match kind {
                Kind::Answer => self.answers -= gone,
                Kind::Event => self.events -= gone,
            }
            if *octets == 0 {
                self.pieces.pop_front();
            }
        }
        if self.answers < ANSWERS / 2 {
            self.refusing = false;
        }
        if self.text.is_empty() && self.text.capacity() > LOW {
            self.text = VecDeque::new();
        }
    }

    /// What changed since the last call.
    pub fn change(&mut self, now: Instant) -> Option<Change> {
        let waited = now.saturating_duration_since(self.progress) >= PATIENCE && !self.text.is_empty();
        if waited && !self.later.is_empty() {
            // Routes are held in memory that others need, and commands wait behind them.
            let dropped = self.later.drain(..).map(|later| match later {
                Later::Routes(_, records) => u64::try_from(records.len()).unwrap_or(0),
                Later::Text(text) => lines(&text),
            });
            let dropped = dropped.sum();
            self.refuse(dropped);
            self.answers = self.pieces.iter().filter(|(kind, _)| *kind == Kind::Answer).map(|(_, octets)| octets).sum();
        }
        if self.stuck {
            self.stuck = waited || self.events >= LOW;
            return None;
        }
        match (self.slow, waited) {
            (true, true) => {
                self.slow = false;
                self.stuck = true;
                Some(Change::Fast)
            }
            (true, false) if self.events < LOW => {
                self.slow = false;
                Some(Change::Fast)
            }
            (false, _) if self.events > HIGH => {
                self.slow = true;
                Some(Change::Slow)
            }
            _ => None,
        }
    }

    /// When [`Queue::change`] should be asked again though nothing happened.
    pub fn deadline(&self) -> Option<Instant> {
        let waits = (self.slow || !self.later.is_empty()) && !self.text.is_empty();
        waits.then(|| self.progress + PATIENCE)
    }

    /// The number of events that were dropped, once they may follow again.
    pub fn gap(&mut self) -> Option<u64> {
        (!self.stuck && self.lost.1 > 0 && self.events < HIGH).then(|| std::mem::take(&mut self.lost.1))
    }

    /// True once after answers began to be dropped.
    pub fn refuses(&mut self) -> bool {
        std::mem::take(&mut self.unsaid)
    }

    /// The number of lines of answers that were dropped, once answers are taken again.
    pub fn lost_answers(&mut self) -> Option<u64> {
        (!self.refusing && self.lost.0 > 0).then(|| std::mem::take(&mut self.lost.0))
    }

    /// Nobody will ever read any of it. Nothing is kept from now on.
    pub fn close(&mut self) {
        *self = Queue { closed: true, ..Queue::new(self.progress) };
    }
}

fn lines(text: &str) -> u64 {
    u64::try_from(text.bytes().filter(|b| *b == b'\n').count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(queue: &mut Queue, now: Instant) -> String {
        let mut out = Vec::new();
        while !queue.front().is_empty() {
            let n = queue.front().len();
            out.extend_from_slice(queue.front());
            queue.written(now, n);
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn answers_nobody_reads_stop_at_a_bound() {
        let now = Instant::now();
        let mut queue = Queue::new(now);
        let mut warned = 0;
        for _ in 0..1_000_000 {
            queue.answer(now, "done\n");
            warned += u32::from(queue.refuses());
        }
        assert_eq!(warned, 1);
        assert!(queue.text.len() <= ANSWERS && queue.text.capacity() <= 2 * ANSWERS);
        assert_eq!(queue.lost_answers(), None);
        let text = read_all(&mut queue, now);
        assert_eq!(queue.lost_answers(), Some(1_000_000 - lines(&text)));
        queue.answer(now, "done\n");
        assert_eq!(read_all(&mut queue, now), "done\n");
        assert!(queue.is_empty());
    }

    #[test]
    fn a_slow_reader_slows_its_neighbours_and_a_dead_one_is_left_behind() {
        let mut now = Instant::now();
        let mut queue = Queue::new(now);
        let line = format!("{}\n", "x".repeat(1023));
        for _ in 0..1025 {
            queue.event(now, &line);
        }
        assert_eq!(queue.change(now), Some(Change::Slow));
        assert_eq!(queue.change(now), None);
        queue.written(now, 900 * 1024);
        assert_eq!(queue.change(now), Some(Change::Fast));
        for _ in 0..1000 {
            queue.event(now, &line);
        }
        assert_eq!(queue.change(now), Some(Change::Slow));
        assert_eq!(queue.deadline(), Some(now + PATIENCE));
        now += PATIENCE;
        assert_eq!(queue.change(now), Some(Change::Fast));
        queue.event(now, &line);
        queue.answer(now, "done\n");
        assert_eq!(queue.gap(), None);
        read_all(&mut queue, now);
        assert_eq!((queue.change(now), queue.gap(), queue.gap()), (None, Some(1), None));
        queue.event(now, &line);
        assert_eq!(read_all(&mut queue, now), line);
    }

    #[test]
    fn answers_follow_the_routes_before_them() {
        let now = Instant::now();
        let mut queue = Queue::new(now);
        let batch = Rc::new(Batch::default());
        queue.answer(now, "first\n");
        queue.routes(&batch, 0..600);
        queue.answer(now, "done\n");
        queue.routes(&batch, 600..601);
        queue.answer(now, "done\n");
        let mut out = String::new();
        while !queue.is_empty() {
            queue.catch_up(now, |_, at, text| text.push_str(&format!("{at}\n")));
            out.push_str(&read_all(&mut queue, now));
        }
        let expected: String = (0..600).map(|n| format!("{n}\n")).collect();
        assert_eq!(out, format!("first\n{expected}done\n600\ndone\n"));
        assert_eq!((queue.answers, queue.events), (0, 0));
    }

    #[test]
    fn a_closed_queue_keeps_nothing() {
        let now = Instant::now();
        let mut queue = Queue::new(now);
        queue.event(now, "before\n");
        queue.close();
        queue.event(now, "after\n");
        queue.answer(now, "done\n");
        queue.routes(&Rc::new(Batch::default()), 0..3);
        assert!(queue.is_empty());
    }

    #[test]
    fn routes_nobody_reads_are_forgotten() {
        let mut now = Instant::now();
        let mut queue = Queue::new(now);
        queue.answer(now, "first\n");
        queue.routes(&Rc::new(Batch::default()), 0..600);
        queue.answer(now, "done\n");
        now += PATIENCE;
        assert_eq!(queue.change(now), None);
        assert!(queue.refuses() && !queue.refuses());
        assert_eq!(read_all(&mut queue, now), "first\n");
        assert!(queue.is_empty());
        assert_eq!(queue.lost_answers(), Some(601));
    }

    #[test]
    fn routes_are_forgotten_for_one_who_was_left_behind_too() {
        let mut now = Instant::now();
        let mut queue = Queue::new(now);
        let line = format!("{}\n", "x".repeat(1023));
        (0..1025).for_each(|_| queue.event(now, &line));
        assert_eq!(queue.change(now), Some(Change::Slow));
        now += PATIENCE;
        assert_eq!(queue.change(now), Some(Change::Fast));
        // It reads a little, not enough to be told events again.
        queue.written(now, 1024);
        queue.routes(&Rc::new(Batch::default()), 0..600);
        assert_eq!(queue.deadline(), Some(now + PATIENCE));
        now += PATIENCE;
        assert_eq!(queue.change(now), None);
        assert!(queue.is_caught_up() && queue.refuses());
        assert_eq!(queue.deadline(), None);
    }
}
