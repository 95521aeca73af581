//! Simulated network and clock, scripted peers.
#![forbid(unsafe_code)]

pub mod model;
pub mod rng;
pub mod script;
pub mod sim;
pub mod tape;
