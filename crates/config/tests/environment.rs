//! The process environment and the environment file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use herald_bgp::dialect::Dialect;
use herald_config::Environment;
use herald_config::env::{Listing, LogDestination, LogLevel, OPTIONS, Origin};
use herald_speaker::config::Encoder;

fn read(variables: &[(&str, &str)], file: &str) -> Environment {
    try_read(variables, file).unwrap()
}

fn try_read(variables: &[(&str, &str)], file: &str) -> Result<Environment, Vec<herald_bgp::text::Diagnostic>> {
    Environment::read(variables.iter().map(|(k, v)| (k.to_string(), v.to_string())), Some(file))
}

#[test]
fn who_wins() {
    let file = "[exabgp.api]\nack = false\nchunk = 7 \n# a comment\npipename = 'from file'\nunknown = 1\n[other]\ncli = false\n";
    let env = read(
        &[("exabgp_api_chunk", "8"), ("exabgp.api.chunk", "9"), ("exabgp_api_cli", "OFF"), ("PATH", "/bin")],
        file,
    );
    let api = env.api();
    assert_eq!((api.ack, api.chunk, api.cli, &*api.pipe_name), (false, 9, false, "from file"));
    assert_eq!(env.origin("api", "ack"), Origin::File);
    assert_eq!(env.origin("api", "chunk"), Origin::Process);
    assert_eq!(env.origin("api", "encoder"), Origin::Default);
    assert_eq!(read(&[("exabgp_api_chunk", "8")], file).api().chunk, 8);
    assert_eq!(read(&[], file).api().chunk, 7);
}

#[test]
fn every_option_has_both_variables() {
    for option in OPTIONS {
        for separator in [".", "_"] {
            let key = ["exabgp", option.section, option.name].join(separator);
            let env = read(&[(&key, option.default)], "");
            assert_eq!(env.value(option.section, option.name), option.default);
            assert_eq!(env.origin(option.section, option.name), Origin::Process, "{key}");
        }
    }
}

#[test]
fn values_that_are_wrong() {
    for (key, value, says) in [
        ("exabgp_tcp_port", "abc", "exabgp_tcp_port: `abc` is not a port"),
        ("exabgp_tcp_port", "65536", "not a port"),
        ("exabgp.api.version", "7", "one of 4 4.2 5 6"),
        ("exabgp_log_level", "LOUD", "one of FATAL"),
        ("exabgp_tcp_bind", "localhost", "a list of IP addresses"),
        ("exabgp_daemon_umask", "99", "in base 8"),
        ("exabgp_api_chunk", "", "not a number"),
    ] {
        let problems = try_read(&[(key, value)], "").unwrap_err();
        assert!(problems[0].message.contains(says), "{:?}", problems[0]);
    }
    let problems = try_read(&[("exabgp_api_chunk", "x")], "[exabgp.tcp]\n  port = nine\n").unwrap_err();
    assert_eq!(problems.len(), 2, "all at once");
    assert_eq!((problems[0].at.line, problems[0].at.start, problems[0].at.end), (2, 9, 13));
}

#[test]
fn for_the_speaker() {
    let settings = |variables: &[(&str, &str)], file: &str| read(variables, file).settings(&common::context());
    let bound = settings(&[("exabgp_tcp_bind", "127.0.0.1 ::1")], "[exabgp.tcp]\nport = 1790");
    assert_eq!(bound.listen, ["127.0.0.1:1790".parse().unwrap(), "[::1]:1790".parse().unwrap()]);
    assert_eq!(bound.port, 179, "a port of the file is for listening");
    assert_eq!(settings(&[("exabgp_tcp_port", "1790")], "").port, 1790);
    assert!(settings(&[], "").listen.is_empty());
    assert_eq!(settings(&[], "").software_version, "Herald/test");
    assert_eq!(settings(&[("EXABGP_VERSION", "5.0.1")], "").software_version, "ExaBGP/5.0.1");
    for (variables, attempts) in [
        (&[][..], 0),
        (&[("exabgp_tcp_once", "true")][..], 1),
        (&[("exabgp_tcp_connections", "3")][..], 3),
        (&[("exabgp_tcp_connections", "3"), ("exabgp_tcp_attempts", "4"), ("exabgp_tcp_once", "1")][..], 4),
    ] {
        assert_eq!(settings(variables, "").attempts, attempts);
    }
    assert_eq!(settings(&[], "[exabgp.tcp]\nconnections = 3").attempts, 0, "from the process only");
    assert!(!settings(&[], "").refuse_in_words);
    assert!(settings(&[("exabgp_bgp_refuse_in_words", "true")], "").refuse_in_words);
    let other =
        settings(&[("exabgp_bgp_openwait", "5"), ("exabgp_api_respawn", "no"), ("exabgp_api_terminate", "1")], "");
    assert_eq!((other.open_wait.as_secs(), other.respawn, other.terminate), (5, false, true));
}

#[test]
fn for_the_rest() {
    for (version, dialect) in [("4", Dialect::V4), ("4.2", Dialect::V4), ("5", Dialect::V5), ("6", Dialect::V6)] {
        assert_eq!(read(&[("exabgp_api_version", version)], "").api().dialect, dialect);
    }
    let env = read(&[], "");
    assert_eq!((env.api().dialect, env.api().encoder, env.api().ack), (Dialect::V5, Encoder::Json, true));
    assert_eq!((env.daemon().umask, &*env.daemon().user, env.daemon().pid), (0o137, "nobody", None));
    assert_eq!(env.log().level, LogLevel::Info);
    assert!(env.log().categories.contains(&"reactor") && !env.log().categories.contains(&"wire"));
    for (text, destination) in [
        ("stderr", LogDestination::Stderr),
        ("syslog", LogDestination::Syslog),
        ("host:10.0.0.1", LogDestination::Host("10.0.0.1".into())),
        ("file:x.log", LogDestination::File("x.log".into())),
        ("/var/log/x", LogDestination::File("/var/log/x".into())),
        ("nowhere", LogDestination::Unknown("nowhere".into())),
    ] {
        assert_eq!(read(&[("exabgp_log_destination", text)], "").log().destination, destination);
    }
    let env = read(&[("exabgp_cli_socket", ""), ("exabgp_api_socketpath", "/tmp/x")], "");
    assert_eq!(env.api().socket_folder.as_deref(), Some(""));
    assert_eq!(env.api().socket_path.as_deref(), Some("/tmp/x"));
}

#[test]
fn listed_as_it_is_read() {
    let env = read(&[("exabgp_tcp_bind", "::1"), ("exabgp_api_ack", "0"), ("exabgp_debug_rotate", "1")], "");
    assert_eq!(env.listing(Listing::Variables, true), "exabgp.tcp.bind='::1'\nexabgp.api.ack=false\n");
    let ini = env.listing(Listing::Ini, false);
    assert!(ini.starts_with("[exabgp.profile]\nenable = false\nfile = ''\n\n[exabgp.pdb]\n"), "{ini}");
    assert!(ini.contains("umask = '0o137'") && ini.contains("level = INFO") && !ini.contains("rotate"));
    let again = read(&[], &ini);
    assert_eq!(again.listing(Listing::Ini, false), ini);
}
