//! What the tests of this crate share.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use herald_bgp::text::Diagnostic;
use herald_config::{Context, Environment, Loaded, load};
use herald_speaker::config::PeerConfig;
use std::path::PathBuf;
use std::sync::Arc;

/// The statements every neighbour needs.
pub const BASE: &str = "router-id 192.0.2.9; local-address 192.0.2.1; local-as 65000; peer-as 65001;";

/// Finds every program but `/bin/missing`; relative ones in `/bin`.
pub fn resolve(program: &str) -> Result<PathBuf, String> {
    match program {
        "/bin/missing" => Err("it does not exist".into()),
        _ if program.starts_with('/') => Ok(program.into()),
        _ => Ok(format!("/bin/{program}").into()),
    }
}

pub fn context() -> Context<'static> {
    Context {
        host_name: Some("here".into()),
        domain_name: "example.net".into(),
        version: "Herald/test".into(),
        resolve: &resolve,
    }
}

pub fn read(text: &str) -> Result<Loaded, Vec<Diagnostic>> {
    load(text.as_bytes(), &Environment::default(), &context())
}

pub fn accepted(text: &str) -> Loaded {
    read(text).unwrap_or_else(|problems| panic!("{text}\n{problems:#?}"))
}

/// The neighbour 192.0.2.2 with `statements`.
pub fn neighbor(statements: &str) -> String {
    format!("neighbor 192.0.2.2 {{\n{BASE}\n{statements}\n}}\n")
}

pub fn peer(statements: &str) -> Arc<PeerConfig> {
    let loaded = accepted(&neighbor(statements));
    loaded.config.peers.first().expect("a neighbor").clone()
}

/// Where the first complaint is, from 1, and all that it says.
pub fn first(problems: &[Diagnostic]) -> (String, String) {
    let problem = problems.first().expect("a complaint");
    (format!("{}:{}", problem.at.line, problem.at.start + 1), problem.to_string())
}
