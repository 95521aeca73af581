//! What a codec is measured at: corpora of messages, and what is to be done with each of them.

pub mod corpus;

use corpus::Corpus;
use herald_bgp::context::Context;
use herald_bgp::dialect::Dialect;
use herald_bgp::message::HEADER;
use herald_bgp::nlri::Shown;
use herald_bgp::update::Update;
use std::hint::black_box;

/// Reads a message, with every verdict of RFC 7606, and walks over each attribute and route. True if there are routes and
/// nothing is wrong.
pub fn read(message: &[u8], cx: &Context) -> bool {
    let checked = Update::check(&message[HEADER..], cx);
    let Ok(update) = &checked else { return false };
    update.attributes().for_each(|attr| _ = black_box(attr));
    let mut routes = 0;
    let blocks = update.announced().chain(update.withdrawn());
    blocks.for_each(|block| routes += block.iter().map(black_box).count());
    routes > 0 && update.faults().is_empty()
}

/// Appends attributes and routes of a message as they stand in an event. True if it could be read.
pub fn json(message: &[u8], cx: &Context, out: &mut String) -> bool {
    let Ok(update) = Update::check(&message[HEADER..], cx) else { return false };
    update.attributes_json(out, Dialect::V5);
    for block in update.announced() {
        for (path_id, nlri) in block.iter() {
            let shown = Shown { nlri, path_id, next_hop: Some(&block.next_hop), hop: "", withdrawn: false };
            (block.spec().json)(&shown, out, Dialect::V5, false);
            out.push_str(", ");
        }
    }
    true
}

/// Something to be done with all messages of a corpus; says how many it could not do.
pub type Work<'a> = Box<dyn FnMut() -> usize + 'a>;

/// Reads all messages.
pub fn reading(corpus: &Corpus) -> Work<'_> {
    let cx = corpus::session(corpus.families());
    Box::new(move || corpus.messages.iter().filter(|message| !read(message, &cx)).count())
}

/// Makes all messages again of what they were made of.
pub fn writing(corpus: &Corpus) -> Work<'_> {
    let mut out = Vec::with_capacity(8192);
    Box::new(move || {
        let mut octets = 0;
        corpus.write(&mut out, |written| octets += black_box(written).len());
        usize::from(octets != corpus.octets())
    })
}

/// Reads all messages and says what is in them.
pub fn saying(corpus: &Corpus) -> Work<'_> {
    let cx = corpus::session(corpus.families());
    let mut out = String::new();
    Box::new(move || {
        let lost = |message: &&Vec<u8>| {
            out.clear();
            let is_read = json(message, &cx, &mut out);
            black_box(&out);
            !is_read
        };
        corpus.messages.iter().filter(lost).count()
    })
}
