//! The table of options.

use std::net::IpAddr;

/// What a value may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `1 yes on enable true`, in any case; anything else is off.
    Flag,
    /// A decimal number.
    Number,
    /// A TCP port.
    Port,
    /// A decimal number that may have a fraction.
    Fraction,
    /// Any text.
    Text,
    /// A user of this system.
    User,
    /// Addresses, separated by blanks.
    Addresses,
    /// A number in base 8: `0137` or `0o137`.
    Octal,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

impl Kind {
    /// Errors: what would be right.
    pub fn check(self, value: &str) -> Result<(), String> {
        let right = match self {
            Kind::Flag | Kind::Text => true,
            Kind::User => !value.trim().is_empty(),
            Kind::Number => value.trim().parse::<i64>().is_ok(),
            Kind::Port => value.trim().parse::<u16>().is_ok(),
            Kind::Fraction => value.trim().parse::<f64>().is_ok_and(|n| n.is_finite() && n >= 0.0),
            Kind::Addresses => addresses(value).is_some(),
            Kind::Octal => octal(value).is_some(),
            Kind::OneOf(words) => words.iter().any(|word| word.eq_ignore_ascii_case(value.trim())),
        };
        if right { Ok(()) } else { Err(self.expected()) }
    }

    fn expected(self) -> String {
        match self {
            Kind::Flag => "a switch".into(),
            Kind::Number | Kind::Fraction => "a number".into(),
            Kind::Port => "a port".into(),
            Kind::Text => "a text".into(),
            Kind::User => "a user".into(),
            Kind::Addresses => "a list of IP addresses".into(),
            Kind::Octal => "a number in base 8".into(),
            Kind::OneOf(words) => format!("one of {}", words.join(" ")),
        }
    }
}

/// An option.
#[derive(Clone, Copy, Debug)]
pub struct EnvOption {
    /// The middle part of `exabgp.SECTION.OPTION`.
    pub section: &'static str,
    /// The last part.
    pub name: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// Its value if nobody sets it.
    pub default: &'static str,
    /// What it does, in one line.
    pub doc: &'static str,
    /// Left out of listings: for developers, or another word for an option that is listed.
    pub hidden: bool,
    /// Not read from the environment file.
    pub process_only: bool,
}

impl EnvOption {
    /// True if `key` is this option's variable: `exabgp.section.name`, or with underscores.
    pub(super) fn is_variable(&self, key: &str, separator: char) -> bool {
        let rest = key.strip_prefix("exabgp").and_then(|rest| rest.strip_prefix(separator));
        let rest = rest.and_then(|rest| rest.strip_prefix(self.section));
        rest.and_then(|rest| rest.strip_prefix(separator)) == Some(self.name)
    }

    const fn hidden(self) -> EnvOption {
        EnvOption { hidden: true, ..self }
    }
}

const fn option(name: [&'static str; 2], kind: Kind, default: &'static str, doc: &'static str) -> EnvOption {
    let [section, name] = name;
    EnvOption { section, name, kind, default, doc, hidden: false, process_only: false }
}

pub(super) fn find(section: &str, name: &str) -> Option<&'static EnvOption> {
    OPTIONS.iter().find(|option| option.section == section && option.name == name)
}

pub(super) fn truth(value: &str) -> bool {
    ["1", "yes", "on", "enable", "true"].iter().any(|word| word.eq_ignore_ascii_case(value.trim()))
}

pub(super) fn addresses(value: &str) -> Option<Vec<IpAddr>> {
    value.split_whitespace().map(|word| word.parse().ok()).collect()
}

pub(super) fn octal(value: &str) -> Option<u32> {
    let digits = value.trim();
    let digits = digits.strip_prefix("0o").or_else(|| digits.strip_prefix("0O")).unwrap_or(digits);
    u32::from_str_radix(digits, 8).ok().filter(|mask| *mask <= 0o7777 && !digits.starts_with('+'))
}

const LEVELS: Kind = Kind::OneOf(&[
    "FATAL", "CRITICAL", "CRIT", "EMERG", "ALERT", "ERROR", "ERR", "WARNING", "WARN", "NOTICE", "INFO", "DEBUG",
    "NOTSET",
]);

/// Every option, in the order of listings: by section, then by name.
#[rustfmt::skip]
pub static OPTIONS: &[EnvOption] = &[
    option(["profile", "enable"], Kind::Flag, "false", "profile the run"),
    option(["profile", "file"], Kind::Text, "", "where the profile goes; stdout prints it"),
    option(["pdb", "enable"], Kind::Flag, "false", "start a debugger on a fault; accepted, without effect"),
    option(["daemon", "daemonize"], Kind::Flag, "false", "run in the background"),
    option(["daemon", "drop"], Kind::Flag, "true", "root is given up before helpers are started; false: after the first are"),
    option(["daemon", "pid"], Kind::Text, "", "where the process identifier is written; empty: nowhere"),
    option(["daemon", "umask"], Kind::Octal, "0137", "permissions new files do not get"),
    option(["daemon", "user"], Kind::User, "nobody", "who to become when started as root"),
    option(["log", "all"], Kind::Flag, "false", "log every category"),
    option(["log", "configuration"], Kind::Flag, "true", "log how the configuration is read"),
    option(["log", "daemon"], Kind::Flag, "true", "log the daemon's own life: pid, user, restarts"),
    option(["log", "destination"], Kind::Text, "stdout", "stdout, stderr, syslog, host:WHERE, or a file"),
    option(["log", "enable"], Kind::Flag, "true", "log at all"),
    option(["log", "level"], LEVELS, "INFO", "the least level that is logged"),
    option(["log", "message"], Kind::Flag, "false", "log messages as they are understood"),
    option(["log", "network"], Kind::Flag, "true", "log TCP connections"),
    option(["log", "packets"], Kind::Flag, "false", "log messages in hexadecimal"),
    option(["log", "parser"], Kind::Flag, "false", "log how messages are decoded"),
    option(["log", "processes"], Kind::Flag, "true", "log helpers and their commands"),
    option(["log", "reactor"], Kind::Flag, "true", "log signals and reloads"),
    option(["log", "rib"], Kind::Flag, "false", "log changes of the route tables"),
    option(["log", "routes"], Kind::Flag, "false", "log received routes"),
    option(["log", "short"], Kind::Flag, "true", "log without time, level and process identifier"),
    option(["log", "statistics"], Kind::Flag, "true", "log counts of messages"),
    option(["log", "timers"], Kind::Flag, "false", "log the timers of sessions"),
    option(["tcp", "acl"], Kind::Flag, "false", "accepted, without effect"),
    option(["tcp", "attempts"], Kind::Number, "0", "connections tried for each peer; 0: no limit"),
    option(["tcp", "bind"], Kind::Addresses, "", "addresses to listen on, separated by blanks; empty: none"),
    EnvOption { process_only: true, ..option(["tcp", "connections"], Kind::Number, "0", "another word for tcp.attempts").hidden() },
    option(["tcp", "delay"], Kind::Number, "0", "begin when the minute is a multiple of this"),
    option(["tcp", "once"], Kind::Flag, "false", "old word for tcp.attempts 1"),
    option(["tcp", "port"], Kind::Port, "179", "the port to listen on; set in the process environment, also the port peers listen on"),
    option(["bgp", "openwait"], Kind::Number, "60", "seconds a connection may take to deliver its OPEN"),
    option(["bgp", "passive"], Kind::Flag, "false", "all peers wait to be called"),
    option(["bgp", "paths_limit_audit"], Kind::Flag, "true", "tell when a peer sends more paths than we asked for"),
    option(["bgp", "refuse_in_words"], Kind::Flag, "false", "NOTIFICATION 1/0 with ExaBGP's sentence for a message of unknown type").hidden(),
    option(["cache", "attributes"], Kind::Flag, "true", "keep attributes once for all routes; always so"),
    option(["cache", "nexthops"], Kind::Flag, "true", "accepted, without effect"),
    option(["api", "ack"], Kind::Flag, "true", "answer commands with done or error"),
    option(["api", "chunk"], Kind::Number, "1", "lines written at a time when routes are listed"),
    option(["api", "cli"], Kind::Flag, "true", "listen to the command line client"),
    option(["api", "compact"], Kind::Flag, "false", "shorter JSON for plain prefixes"),
    option(["api", "encoder"], Kind::OneOf(&["text", "json"]), "json", "the encoder of clients that name none"),
    option(["api", "pipename"], Kind::Text, "exabgp", "the name of the command line pipes"),
    option(["api", "respawn"], Kind::Flag, "true", "start helpers again when they end"),
    option(["api", "show-routes-format"], Kind::OneOf(&["v1", "v2"]), "v1", "the JSON in which routes are listed"),
    option(["api", "socketname"], Kind::Text, "exabgp", "the name of the command line socket"),
    option(["api", "terminate"], Kind::Flag, "false", "end when a helper cannot be started or talked to"),
    option(["api", "version"], Kind::OneOf(&["4", "4.2", "5", "6"]), "5", "whose words helpers are spoken to in"),
    option(["reactor", "speed"], Kind::Fraction, "1.0", "accepted, without effect"),
    option(["debug", "configuration"], Kind::Flag, "false", "stop on a mistake in the configuration").hidden(),
    option(["debug", "defensive"], Kind::Flag, "false", "raise faults on purpose").hidden(),
    option(["debug", "memory"], Kind::Flag, "false", "watch memory").hidden(),
    option(["debug", "pdb"], Kind::Flag, "false", "start a debugger on a fault").hidden(),
    option(["debug", "record"], Kind::Text, "", "where all that happens is recorded, for `herald replay`; empty: nowhere").hidden(),
    option(["debug", "record_size"], Kind::Number, "64", "mebibytes a recording may have: the oldest part goes").hidden(),
    option(["debug", "rotate"], Kind::Flag, "false", "of several configurations, a reload takes the next").hidden(),
    option(["debug", "route"], Kind::Text, "", "decode this route and end").hidden(),
    option(["debug", "selfcheck"], Kind::Flag, "false", "check that routes encode and decode to themselves").hidden(),
    option(["debug", "timing"], Kind::Flag, "false", "watch how long a turn takes").hidden(),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_unique_and_their_defaults_right() {
        for (i, row) in OPTIONS.iter().enumerate() {
            let label = format!("{}.{}", row.section, row.name);
            assert!(row.kind.check(row.default).is_ok(), "{label}");
            let next = OPTIONS.get(i + 1);
            assert!(next.is_none_or(|n| n.section != row.section || n.name > row.name), "{label} is out of order");
        }
    }

    #[test]
    fn kinds() {
        assert_eq!(octal("0137"), Some(0o137));
        assert_eq!(octal("0o22"), Some(0o22));
        assert_eq!(octal("8"), None);
        assert_eq!(addresses(" 127.0.0.1 ::1 ").map(|list| list.len()), Some(2));
        assert!(addresses("localhost").is_none());
        assert!(truth("Enable") && truth("1") && !truth("true!") && !truth(""));
        assert!(LEVELS.check("info").is_ok());
        assert_eq!(Kind::OneOf(&["4", "6"]).check("7"), Err("one of 4 6".into()));
    }
}
