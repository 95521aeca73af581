//! What BGP says: the bytes and the words of every message, family, attribute and capability.
//!
//! This crate knows nothing of sessions, peers or time. It reads messages where they lie, without allocating unless
//! something is wrong with one or its AS numbers have two octets, and writes them into buffers the caller owns.
//!
//! # Reading
//!
//! An UPDATE is checked where it lies, with every verdict of RFC 7606, and then walked without a copy.
//!
//! ```
//! use herald_bgp::context::Context;
//! use herald_bgp::dialect::Dialect;
//! use herald_bgp::family::Family;
//! use herald_bgp::update::Update;
//! use herald_bgp::value::Asn;
//!
//! let body = "00000014400101004002060201 0000fde9 400304c0000201 180a0000".replace(' ', "");
//! let body = herald_bgp::text::hex(&body).unwrap();
//! let mut session = Context::plain(Asn(65002), Asn(65001));
//! session.families.push(Family::IPV4_UNICAST);
//!
//! let update = Update::check(&body, &session).unwrap();
//! assert!(update.faults().is_empty());
//! for block in update.announced() {
//!     assert_eq!(block.next_hop.addr(), Some([192, 0, 2, 1].into()));
//!     for (path_id, nlri) in block.iter() {
//!         assert_eq!((path_id, nlri), (None, &[24, 10, 0, 0][..]));
//!     }
//! }
//! let mut json = String::new();
//! update.attributes_json(&mut json, Dialect::V6);
//! assert!(json.starts_with(r#""origin": "igp", "as-path": "#));
//! ```
//!
//! What is wrong is told, with its place and what follows from it:
//!
//! ```
//! # use herald_bgp::{context::Context, error::Outcome, family::Family, update::Update, value::Asn};
//! # let mut session = Context::plain(Asn(65002), Asn(65001));
//! # session.families.push(Family::IPV4_UNICAST);
//! // ORIGIN says 9: the routes count as withdrawn, the session goes on
//! let body = "00000014400101094002060201 0000fde9 400304c0000201 180a0000".replace(' ', "");
//! let body = herald_bgp::text::hex(&body).unwrap();
//! let update = Update::check(&body, &session).unwrap();
//! assert_eq!(update.faults()[0].outcome, Outcome::TreatAsWithdraw);
//! assert_eq!(update.faults()[0].malformed.offset, 26);
//! assert_eq!((update.announced().count(), update.withdrawn().count()), (0, 1));
//! ```
//!
//! # Writing
//!
//! Words make a route, and a route makes messages:
//!
//! ```
//! use herald_bgp::context::Context;
//! use herald_bgp::family::{Afi, Family, Safi};
//! use herald_bgp::route::{Purpose, parse_family};
//! use herald_bgp::text::{Grammar, Words};
//! use herald_bgp::update::pack::{Flush, announce};
//! use herald_bgp::value::Asn;
//!
//! let flow = Family::new(Afi::parse("ipv4").unwrap(), Safi::parse("flow").unwrap());
//! let mut words = Words::new("destination 192.0.2.1/32 protocol =tcp discard", 1, Grammar::Line);
//! let route = parse_family(&mut words, flow, Purpose::Announce).unwrap();
//!
//! let session = Context::plain(Asn(65001), Asn(65001));
//! let mut nlris: Vec<_> = route.nlris.as_slice().iter().collect();
//! let mut messages = Vec::new();
//! let flush = Flush { pack: true, pack_withdrawals: true, sort: false };
//! announce(&mut messages, &session, route.family, &route.attributes, &mut nlris, &flush).unwrap();
//! assert!(messages.starts_with(&[0xff; 16]));
//! ```
//!
//! # Where things are
//!
//! | room | what is in it |
//! |---|---|
//! | [`read`], [`write`](mod@write) | the cursor every decoder uses, the buffer every encoder fills |
//! | [`error`] | what can be wrong with bytes, and what RFC 7606 asks for then |
//! | [`message`], [`open`], [`update`], [`notification`], [`refresh`], [`operational`] | one message each |
//! | [`family`], [`nlri`] | address families; a row of [`nlri::FAMILIES`] and a file for each |
//! | [`attribute`] | path attributes; a row of [`attribute::ATTRIBUTES`] and a file for each; as types: [`attribute::View`] |
//! | [`capability`] | capabilities; a row of [`capability::CAPABILITIES`] and a file for each |
//! | [`value`] | small values they share: prefixes, AS numbers, route distinguishers, labels |
//! | [`dice`] | made-up values for tests and load |
//! | [`context`] | what a session's negotiation decided about bytes |
//! | [`text`] | words and diagnostics, shared by the configuration file and the API |
//! | [`trace`], [`explain`] | a message field by field, as its readers see it |
//! | [`mrt`] | the files route collectors write |
//! | [`route`] | the words that make a route, in a file and on an API line |
//! | [`rfc`] | the documents all this follows, and how far |
//! | [`put`](mod@put) | appending values to text |
//! | [`json`], [`dialect`] | writing JSON, and in which generation's spelling |
#![forbid(unsafe_code)]

pub mod attribute;
pub mod capability;
pub mod context;
pub mod dialect;
pub mod dice;
pub mod error;
pub mod explain;
pub mod family;
pub mod json;
mod layout;
pub mod message;
pub mod mrt;
pub mod nlri;
pub mod notification;
pub mod open;
pub mod operational;
pub mod put;
pub mod read;
pub mod refresh;
pub mod rfc;
pub mod route;
pub mod text;
pub mod trace;
pub mod update;
pub mod value;
pub mod write;
