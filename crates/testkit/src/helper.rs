//! A helper program: the lines it would read of what a speaker tells and answers.

use herald_api::encode::{Encoder, Form, Identity, Style};
use herald_api::reply::Daemon;
use herald_api::{Client, Profile};
use herald_speaker::Effect;
use herald_speaker::config;
use herald_speaker::time::{Now, UnixNanos};

/// A helper that reads JSON events, whatever is told, and answers.
#[derive(Debug)]
pub struct Helper {
    encoder: Encoder,
    client: Client,
    /// What it has read.
    pub lines: Vec<String>,
}

impl Helper {
    /// One of this generation.
    pub fn new(profile: Profile) -> Helper {
        let identity = Identity::new(profile.version, "host", 1, 1);
        let encoder = Encoder::new(Style::of(profile, false), identity);
        Helper { encoder, client: Client::new(profile, false), lines: Vec::new() }
    }

    /// Takes an effect in.
    pub fn hear(&mut self, now: Now, effect: &Effect<'_>) {
        let mut said = String::new();
        match effect {
            Effect::Event(event) => {
                self.encoder.event(event, now.wall, config::Encoder::Json, Form::Parsed, &mut said);
            }
            Effect::Reply { reply, .. } => self.client.reply(reply, &daemon(), now.wall, &mut said),
            _ => {}
        }
        self.lines.extend(said.lines().map(str::to_owned));
    }
}

/// What a daemon under test tells about itself.
pub fn daemon() -> Daemon {
    Daemon { version: "5.0.0".into(), uuid: "u".into(), pid: 1, started: UnixNanos(0) }
}
