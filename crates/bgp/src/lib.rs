//! What BGP says: the bytes and the words of every message, family, attribute and capability.
//!
//! This crate knows nothing of sessions, peers or time. It reads messages where they lie, without allocating, and
//! writes them into buffers the caller owns.
//!
//! | room | what is in it |
//! |---|---|
//! | [`read`], [`write`](mod@write) | the cursor every decoder uses, the buffer every encoder fills |
//! | [`error`] | what can be wrong with bytes, and what RFC 7606 asks for then |
//! | [`message`], [`open`], [`update`], [`notification`], [`refresh`], [`operational`] | one message each |
//! | [`family`], [`nlri`] | address families; a row of [`nlri::FAMILIES`] and a file for each |
//! | [`attribute`] | path attributes; a row of [`attribute::ATTRIBUTES`] and a file for each |
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
