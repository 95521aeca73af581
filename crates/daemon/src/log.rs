//! Log lines: who may say what, and how it looks. Nobody waits here: lines go to a ring that `sink` empties.

mod sink;
mod told;

pub use sink::{Destination, Sink};
pub use told::event;

use herald_speaker::event::{Level, Notice};
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU16, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::prelude::*;

/// Categories of lines, by the names of the settings that switch them, and whether they are on without them.
pub const CATEGORIES: [(&str, bool); 12] = [
    ("configuration", true),
    ("reactor", true),
    ("daemon", true),
    ("processes", true),
    ("network", true),
    ("statistics", true),
    ("wire", false),
    ("rib", false),
    ("message", false),
    ("timer", false),
    ("routes", false),
    ("parser", false),
];

/// What is logged, where, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogOptions {
    /// Anything at all.
    pub enable: bool,
    /// The least level.
    pub level: Level,
    /// Categories that are on; those in no list always are.
    pub categories: Vec<&'static str>,
    /// Category and message only.
    pub short: bool,
    /// Where to.
    pub destination: Destination,
}

impl Default for LogOptions {
    fn default() -> LogOptions {
        LogOptions {
            enable: true,
            level: Level::Info,
            categories: CATEGORIES.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect(),
            short: true,
            destination: Destination::Stderr,
        }
    }
}

static ENABLED: AtomicBool = AtomicBool::new(false);
static LEAST: AtomicU8 = AtomicU8::new(0);
/// A bit for each of [`CATEGORIES`] that is on.
static ON: AtomicU16 = AtomicU16::new(0);

/// True if somebody would see a message: what is laborious to say need not be said otherwise. Errors are seen whatever
/// their category.
pub fn on(level: Level, category: &str) -> bool {
    let bit = || CATEGORIES.iter().position(|(name, _)| *name == category);
    ENABLED.load(Ordering::Relaxed)
        && level as u8 >= LEAST.load(Ordering::Relaxed)
        && (level >= Level::Error || bit().is_none_or(|bit| ON.load(Ordering::Relaxed) >> bit & 1 == 1))
}

/// Logs one message. Formats nothing if nobody would see it.
pub fn say(level: Level, category: &'static str, message: fmt::Arguments<'_>) {
    if !on(level, category) {
        return;
    }
    match level {
        Level::Debug => tracing::debug!(target: "herald", category, "{message}"),
        Level::Info => tracing::info!(target: "herald", category, "{message}"),
        Level::Warning => tracing::warn!(target: "herald", category, "{message}"),
        Level::Error => tracing::error!(target: "herald", category, "{message}"),
        Level::Critical => tracing::error!(target: "herald", category, critical = true, "{message}"),
    }
}

/// Logs what the speaker has to say.
pub fn notice(notice: &Notice) {
    say(notice.level, notice.category, format_args!("{}", notice.message));
}

/// Starts logging. The sink stays with the caller, who lets it finish at the end.
pub fn start(options: LogOptions) -> std::io::Result<Sink> {
    let sink = Sink::start(&options.destination)?;
    LEAST.store(options.level as u8, Ordering::Relaxed);
    let bits = CATEGORIES.iter().enumerate().filter(|(_, (name, _))| options.categories.contains(name));
    ON.store(bits.fold(0, |on, (bit, _)| on | 1 << bit), Ordering::Relaxed);
    ENABLED.store(options.enable, Ordering::Relaxed);
    let lines = Lines { ring: sink.ring(), options };
    // A second start in one process keeps the first: tests start many daemons.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines));
    Ok(sink)
}

/// The layer that turns events of `tracing` into lines.
struct Lines {
    ring: Arc<sink::Ring>,
    options: LogOptions,
}

impl<S: tracing::Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut parts = Parts::default();
        event.record(&mut parts);
        let level = match *event.metadata().level() {
            tracing::Level::ERROR if parts.critical => Level::Critical,
            tracing::Level::ERROR => Level::Error,
            tracing::Level::WARN => Level::Warning,
            tracing::Level::INFO => Level::Info,
            _ => Level::Debug,
        };
        if !on(level, &parts.category) {
            return;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        // A message of several lines is several lines of the log.
        for line in parts.message.lines() {
            self.ring.push(level, format(&self.options, now, &parts.category, line));
        }
    }
}

fn format(options: &LogOptions, now: u64, category: &str, line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 40);
    // A file is read later, when nobody knows when it was written; a syslog knows by itself.
    let short = match options.destination {
        Destination::File(_) => false,
        Destination::Syslog | Destination::Host(_) => true,
        Destination::Stdout | Destination::Stderr => options.short,
    };
    if short {
        let _ = write!(out, "{category:<15} ");
    } else {
        let (hours, minutes, seconds) = crate::sys::local_time(now);
        let pid = std::process::id();
        let _ = write!(out, "{hours:02}:{minutes:02}:{seconds:02} {pid:<6} {category:<15} ");
    }
    out.extend(line.chars().map(|c| if c.is_control() && c != '\t' { '.' } else { c }));
    out
}

#[derive(Default)]
struct Parts {
    category: String,
    message: String,
    critical: bool,
}

impl Visit for Parts {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "category" {
            self.category = value.to_owned();
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.critical |= field.name() == "critical" && value;
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.message, "{value:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_look_as_scripts_expect() {
        let options = LogOptions::default();
        assert_eq!(format(&options, 0, "reactor", "neighbor up\u{7}"), "reactor         neighbor up.");
        let long = LogOptions { short: false, ..options.clone() };
        assert!(format(&long, 0, "reactor", "x").contains(&std::process::id().to_string()));
        let file = LogOptions { destination: Destination::File("x".into()), ..options };
        assert!(format(&file, 0, "reactor", "x").contains(':'));
    }
}
