//! Commands about sessions, the daemon, and the conversation itself.

use super::{Ask, COMMANDS, Form, Local, Parsed, Result};
use crate::profile::Profile;
use herald_bgp::json::{self, Separator};
use herald_bgp::text::Diagnostic;
use herald_bgp::value::digits;
use herald_speaker::command::{Command, Rib};
use std::fmt::Write as _;

pub(super) fn teardown(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    let word = ask.words.expect("the Cease subcode")?;
    let subcode = digits(&word.text)
        .ok_or_else(|| word.error(format!("`{}` is no Cease subcode", word.text)).help("a number from 0 to 255"))?;
    let text = ask.words.rest().trim().to_owned();
    Ok(Parsed::one(Command::Teardown { to: ask.to.clone(), subcode, text }))
}

pub(super) fn flush(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    ask.end()?;
    Ok(Parsed::one(Command::Flush { to: ask.to.clone() }))
}

pub(super) fn clear_in(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    ask.end()?;
    Ok(Parsed::one(Command::Clear { to: ask.to.clone(), rib: Rib::In }))
}

pub(super) fn clear_out(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    ask.end()?;
    Ok(Parsed::one(Command::Clear { to: ask.to.clone(), rib: Rib::Out }))
}

pub(super) fn shutdown(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    in_progress(ask, "shutdown", Command::Shutdown)
}

pub(super) fn reload(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    in_progress(ask, "reload", Command::Reload)
}

pub(super) fn restart(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    in_progress(ask, "restart", Command::Restart)
}

fn in_progress(ask: &mut Ask<'_, '_>, what: &str, command: Command) -> Result<Parsed> {
    ask.end()?;
    let line = ask.status_line(&format!("{what} in progress"));
    Ok(Parsed { local: Some(Local::Before(line)), ..Parsed::one(command) })
}

pub(super) fn version(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    ask.end()?;
    let mut text = String::new();
    if ask.json() {
        text.push_str("{\"version\": ");
        json::string(&mut text, &ask.daemon.version);
        text.push_str(", \"application\": \"exabgp\"}\n");
    } else {
        // Programs look for the name they know.
        let _ = writeln!(text, "exabgp {}", ask.daemon.version);
    }
    Ok(Parsed::local(Local::Say(text)))
}

pub(super) fn help(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    ask.end()?;
    let form = |spec: &super::CommandSpec| {
        let target = if spec.action.is_empty() || ask.profile.number == 6 { spec.target } else { spec.action };
        let prefix = match (spec.selects, ask.profile.number) {
            (false, _) => "",
            (true, 6) => "peer <selector> ",
            (true, _) => "[neighbor <selector>] ",
        };
        format!("{prefix}{target} {}", spec.arguments).trim_end().to_owned()
    };
    let mut text = String::new();
    if ask.json() {
        text.push_str("{\"description\": \"Available API commands\", \"peer_filters\": [\"local-ip\", \"local-as\", ");
        text.push_str("\"peer-as\", \"router-id\"], \"commands\": [");
        let mut separator = Separator::new(", ");
        for spec in COMMANDS {
            separator.next(&mut text);
            text.push_str("{\"command\": ");
            json::string(&mut text, &form(spec));
            let _ = write!(text, ", \"neighbor_support\": {}, \"since\": {}", spec.selects, spec.since);
            text.push_str(", \"description\": ");
            json::string(&mut text, spec.doc);
            text.push('}');
        }
        text.push_str("]}\n");
    } else {
        text.push_str("\navailable API commands are listed here:\n=======================================\n\n");
        let mut lines: Vec<String> = COMMANDS.iter().map(|spec| format!("{}   # {}", form(spec), spec.doc)).collect();
        lines.sort();
        lines.iter().for_each(|line| {
            let _ = writeln!(text, "{line}");
        });
        text.push('\n');
    }
    Ok(Parsed::local(Local::Say(text)))
}

pub(super) fn api_version(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    let Some(word) = ask.words.next() else {
        let number = ask.profile.number;
        let about = if number == 6 { "json-only" } else { "legacy (text/json)" };
        let text = match ask.json() {
            true => format!("{{\"api_version\": {number}, \"description\": \"{about}\"}}\n"),
            false => format!("API version: {number} ({about})\n"),
        };
        return Ok(Parsed::local(Local::Say(text)));
    };
    ask.end()?;
    let Some(profile) = Profile::parse(&word.text) else {
        let known = word.text.parse::<i64>().is_ok();
        let reason =
            if known { "API version must be 4, 5 or 6".into() } else { format!("Invalid version: {}", word.text) };
        return Ok(ask.refuse(&reason));
    };
    let number = profile.number;
    let text = match ask.json() {
        true => format!(
            "{{\"status\": \"API version set\", \"version\": {number}, \"note\": \"effective on next process restart\"}}\n"
        ),
        false => format!("API version set to {number} (effective on next process restart)\n"),
    };
    Ok(Parsed::local(Local::Version(profile, text)))
}

pub(super) fn queue_status(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    ask.end()?;
    // An answer is written when everything before it was: nothing is queued at that moment.
    let text = if ask.json() { "{}\n" } else { "no queued messages\n" };
    Ok(Parsed::local(Local::Say(text.into())))
}

pub(super) fn crash(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    Err(Diagnostic::error(ask.words.last(), "crashing on request is not offered"))
}

pub(super) fn enable_ack(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    ask.end()?;
    Ok(Parsed::local(Local::Acks { on: true }))
}

pub(super) fn disable_ack(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    ask.end()?;
    Ok(Parsed::local(Local::Acks { on: false }))
}

pub(super) fn silence_ack(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    ask.end()?;
    Ok(Parsed::local(Local::Silence))
}

pub(super) fn accepted(_: &mut Ask<'_, '_>) -> Result<Parsed> {
    Ok(Parsed::local(Local::Done))
}

pub(super) fn reset(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    ask.end()?;
    ask.state.group = None;
    Ok(ask.status("asynchronous queue cleared"))
}

pub(super) fn ping(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    let uuid = &ask.daemon.uuid;
    let text = match ask.form {
        Some(Form::Text) => format!("pong {uuid} active=true\n"),
        _ => format!("{{\"pong\": \"{uuid}\", \"active\": true}}\n"),
    };
    Ok(Parsed::local(Local::Say(text)))
}
