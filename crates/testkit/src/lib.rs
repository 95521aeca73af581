//! Simulated network and clock, scripted peers, and what fuzzers run.
#![forbid(unsafe_code)]

pub mod fuzz;
pub mod generate;
pub mod helper;
pub mod json;
pub mod model;
pub mod rng;
pub mod script;
pub mod sim;
pub mod tape;
