//! What the options mean: typed, by who needs them.

use super::{Environment, Origin, options};
use crate::Context;
use herald_bgp::dialect::Dialect;
use herald_speaker::config::{Encoder, Settings};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// How clients are talked to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiSettings {
    /// Whose words.
    pub dialect: Dialect,
    /// Commands are answered.
    pub ack: bool,
    /// Lines written at a time when routes are listed; at least 1.
    pub chunk: u32,
    /// The encoder of clients that name none.
    pub encoder: Encoder,
    /// Shorter JSON for plain prefixes.
    pub compact: bool,
    /// The second shape of listed routes.
    pub show_routes_v2: bool,
    /// The command line client is listened to.
    pub cli: bool,
    /// Base name of its pipes.
    pub pipe_name: String,
    /// The folder of its pipes, with a trailing `/`; `None`: searched for.
    pub pipe_folder: Option<String>,
    /// Base name of its socket.
    pub socket_name: String,
    /// The folder of its socket; empty: no socket; `None`: searched for.
    pub socket_folder: Option<String>,
    /// The socket itself, for clients.
    pub socket_path: Option<String>,
}

/// The process itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DaemonSettings {
    /// Where the process identifier is written.
    pub pid: Option<String>,
    /// Who to become when started as root.
    pub user: String,
    /// Run in the background.
    pub daemonize: bool,
    /// Drop privileges before helpers are started.
    pub drop: bool,
    /// Permissions new files do not get.
    pub umask: u32,
    /// Of several configurations, a reload takes the next.
    pub rotate: bool,
    /// Where all that happens is recorded.
    pub record: Option<PathBuf>,
    /// Mebibytes a recording may have; at least 1.
    pub record_size: u64,
}

/// How much a line matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum LogLevel {
    NotSet,
    Debug,
    Info,
    Warning,
    Error,
    Critical,
    Fatal,
}

/// Where lines go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LogDestination {
    /// Standard output, as the setting says.
    Stdout,
    /// Standard error.
    Stderr,
    /// The system log of this machine.
    Syslog,
    /// The system log of another.
    Host(String),
    /// A file.
    File(String),
    /// None that is known: standard output, with a warning.
    Unknown(String),
}

/// What is logged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogSettings {
    /// Anything at all.
    pub enabled: bool,
    /// The least level that is logged.
    pub level: LogLevel,
    /// Where to.
    pub destination: LogDestination,
    /// Without time, level and process identifier.
    pub short: bool,
    /// Every category.
    pub all: bool,
    /// The categories that are on, by the names lines carry: `reactor`, `wire`, …
    pub categories: Vec<&'static str>,
}

impl LogSettings {
    /// True if messages and timers are logged one by one.
    pub fn narrates(&self) -> bool {
        let chatty = ["wire", "message", "timer", "routes", "parser"];
        self.enabled
            && self.level <= LogLevel::Debug
            && (self.all || chatty.iter().any(|category| self.categories.contains(category)))
    }
}

/// Options of the `log` section that are categories, and the names their lines carry.
const CATEGORIES: &[(&str, &str)] = &[
    ("configuration", "configuration"),
    ("reactor", "reactor"),
    ("daemon", "daemon"),
    ("processes", "processes"),
    ("network", "network"),
    ("statistics", "statistics"),
    ("packets", "wire"),
    ("message", "message"),
    ("rib", "rib"),
    ("timers", "timer"),
    ("routes", "routes"),
    ("parser", "parser"),
];

impl Environment {
    /// What concerns the whole speaker. The version is the environment's, or the context's.
    pub fn settings(&self, context: &Context<'_>) -> Settings {
        let default = Settings::default();
        let port = self.port("port");
        let bind = options::addresses(self.value("tcp", "bind")).unwrap_or_default();
        let version = self.variable("exabgp_version").or_else(|| self.variable("EXABGP_VERSION"));
        // who says which ExaBGP this is wants to be taken for it
        let version = version.filter(|version| !version.is_empty()).map(|version| format!("ExaBGP/{version}"));
        Settings {
            listen: bind.into_iter().map(|address| SocketAddr::new(address, port)).collect(),
            // a port from the file is for listening only
            port: if self.origin("tcp", "port") == Origin::Process { port } else { default.port },
            open_wait: Duration::from_secs(self.number("bgp", "openwait")),
            attempts: self.attempts(),
            delay: u32::try_from(self.number("tcp", "delay")).unwrap_or(0),
            passive: self.flag("bgp", "passive"),
            respawn: self.flag("api", "respawn"),
            terminate: self.flag("api", "terminate"),
            software_version: version.unwrap_or_else(|| context.version.clone()),
            refuse_in_words: self.flag("bgp", "refuse_in_words"),
        }
    }

    fn port(&self, name: &str) -> u16 {
        u16::try_from(self.number("tcp", name)).unwrap_or(179)
    }

    /// `tcp.attempts`, or its other word, or 1 for `tcp.once`.
    fn attempts(&self) -> u32 {
        let set = |name: &&str| self.origin("tcp", name) != Origin::Default;
        match ["attempts", "connections"].into_iter().find(set) {
            Some(name) => u32::try_from(self.number("tcp", name)).unwrap_or(u32::MAX),
            None => u32::from(self.flag("tcp", "once")),
        }
    }

    /// How clients are talked to.
    pub fn api(&self) -> ApiSettings {
        let text = |name| self.value("api", name).to_owned();
        let variable = |name| self.variable(name).map(str::to_owned);
        ApiSettings {
            dialect: match self.value("api", "version").trim() {
                "4" | "4.2" => Dialect::V4,
                "6" => Dialect::V6,
                _ => Dialect::V5,
            },
            ack: self.flag("api", "ack"),
            chunk: u32::try_from(self.number("api", "chunk")).unwrap_or(u32::MAX).max(1),
            encoder: match self.value("api", "encoder").trim().eq_ignore_ascii_case("text") {
                true => Encoder::Text,
                false => Encoder::Json,
            },
            compact: self.flag("api", "compact"),
            show_routes_v2: self.value("api", "show-routes-format").trim().eq_ignore_ascii_case("v2"),
            cli: self.flag("api", "cli"),
            pipe_name: text("pipename"),
            pipe_folder: variable("exabgp_cli_pipe"),
            socket_name: text("socketname"),
            socket_folder: variable("exabgp_cli_socket"),
            socket_path: variable("exabgp_api_socketpath"),
        }
    }

    /// The process itself.
    pub fn daemon(&self) -> DaemonSettings {
        let path = |section, name| Some(self.value(section, name).to_owned()).filter(|path| !path.is_empty());
        DaemonSettings {
            pid: path("daemon", "pid"),
            user: self.value("daemon", "user").trim().to_owned(),
            daemonize: self.flag("daemon", "daemonize"),
            drop: self.flag("daemon", "drop"),
            umask: options::octal(self.value("daemon", "umask")).unwrap_or(0o137),
            rotate: self.flag("debug", "rotate"),
            record: path("debug", "record").map(PathBuf::from),
            record_size: self.number("debug", "record_size").clamp(1, 1 << 20),
        }
    }

    /// What is logged, and where to.
    pub fn log(&self) -> LogSettings {
        let on = |(option, _): &&(&str, &str)| self.flag("log", option);
        LogSettings {
            enabled: self.flag("log", "enable"),
            level: level(self.value("log", "level")),
            destination: destination(self.value("log", "destination").trim()),
            short: self.flag("log", "short"),
            all: self.flag("log", "all"),
            categories: CATEGORIES.iter().filter(on).map(|(_, category)| *category).collect(),
        }
    }
}

fn level(name: &str) -> LogLevel {
    match &*name.trim().to_ascii_uppercase() {
        "FATAL" | "EMERG" => LogLevel::Fatal,
        "CRITICAL" | "CRIT" | "ALERT" => LogLevel::Critical,
        "ERROR" | "ERR" => LogLevel::Error,
        "WARNING" | "WARN" => LogLevel::Warning,
        "DEBUG" => LogLevel::Debug,
        "NOTSET" => LogLevel::NotSet,
        _ => LogLevel::Info,
    }
}

fn destination(text: &str) -> LogDestination {
    let after = |prefix| text.strip_prefix(prefix).filter(|rest| !rest.is_empty()).map(str::to_owned);
    match text {
        "stdout" | "" => LogDestination::Stdout,
        "stderr" => LogDestination::Stderr,
        "syslog" => LogDestination::Syslog,
        _ if text.starts_with('/') || text.starts_with("~/") => LogDestination::File(text.to_owned()),
        _ => match (after("host:"), after("file:")) {
            (Some(host), _) => LogDestination::Host(host),
            (_, Some(file)) => LogDestination::File(file),
            _ => LogDestination::Unknown(text.to_owned()),
        },
    }
}
