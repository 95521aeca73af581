//! The daemon as a whole, on loopback, with helpers that behave badly.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::{Daemon, HERALD, LONG, Peer, command, config, with_helper};
use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

#[test]
fn a_helper_that_never_reads_freezes_nothing() {
    const ROUTES: usize = 250_000;
    let peer = Peer::new();
    // Each `show` is answered by lines of text: together far more than may wait.
    let script = format!(
        "awk 'BEGIN {{ for (i = 0; i < {ROUTES}; i++) {{ printf \"announce route 10.%d.%d.%d/32 next-hop 192.0.2.1\\n\", \
         int(i / 65536), int(i / 256) % 256, i % 256; if (i % 50 == 0) print \"show neighbor json\" }} }}'\nsleep 60\n"
    );
    let daemon = with_helper("hold-time 3;", &script, peer.port(), &[]);
    let mut session = peer.establish(3);
    assert_eq!(session.announced(ROUTES), ROUTES);
    daemon.logged("does not read its answers");
    assert!(daemon.peak() < 120_000, "{} kB", daemon.peak());
    // The session outlives its hold time.
    session.stay(Duration::from_secs(4));
    daemon.stop();
}

#[test]
fn listings_nobody_reads_do_not_gather() {
    const ROUTES: usize = 5_000;
    let peer = Peer::new();
    let script = format!(
        "awk 'BEGIN {{ for (i = 0; i < {ROUTES}; i++) printf \"announce route 10.0.%d.%d/32 next-hop 192.0.2.1\\n\", \
         i / 256, i % 256; for (i = 0; i < 600; i++) print \"show adj-rib out\"; \
         print \"announce route 192.0.2.0/24 next-hop 192.0.2.1\" }}'\nsleep 60\n"
    );
    let daemon = with_helper("hold-time 3;", &script, peer.port(), &[]);
    let mut session = peer.establish(3);
    // What is asked behind the listings is still done.
    assert_eq!(session.announced(ROUTES + 1), ROUTES + 1);
    daemon.logged("does not read its answers");
    assert!(daemon.peak() < 100_000, "{} kB", daemon.peak());
    daemon.stop();
}

#[test]
fn a_helper_is_told_how_many_answers_it_missed() {
    let peer = Peer::new();
    // The listings are more than a pipe holds, and more than become words before anybody reads.
    let script = "awk 'BEGIN { for (i = 0; i < 20000; i++) printf \"announce route 10.0.%d.%d/32 next-hop 192.0.2.1\\n\", \
                  i / 256, i % 256; for (i = 0; i < 3; i++) print \"show adj-rib out\" }'\nsleep 8\ncat > FOLDER/answers\n";
    let daemon = with_helper("hold-time 3;", script, peer.port(), &[]);
    let mut session = peer.establish(3);
    let end = Instant::now() + LONG;
    let read = || std::fs::read_to_string(daemon.file("answers")).unwrap_or_default();
    while !read().ends_with("\"answers\" } }\n") {
        assert!(Instant::now() < end, "nothing was said");
        session.stay(Duration::from_millis(100));
    }
    let text = read();
    let (said, gap): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| !line.contains("\"type\": \"gap\""));
    let [gap] = gap[..] else { panic!("{gap:?}") };
    let start = "{ \"exabgp\": \"5.0.0\", \"type\": \"gap\", \"gap\": { \"dropped\": ";
    let dropped = gap.strip_prefix(start).and_then(|rest| rest.strip_suffix(", \"what\": \"answers\" } }"));
    // `done` for each route, and three listings with theirs.
    assert_eq!(said.len() + dropped.unwrap().parse::<usize>().unwrap(), 80_003);
    daemon.stop();
}

/// Short answers to a lone command go another way to the helper than long ones, and than those that wait.
#[test]
fn answers_come_in_the_order_of_the_commands() {
    const ROUTES: usize = 21_000;
    const ALONE: usize = 400;
    let peer = Peer::new();
    // The listing is more than a pipe holds, and read an octet at a time while lone commands follow.
    let script = format!(
        "exec 3<&0; (sleep 0.5; while read -r line; do echo $line; done <&3 > FOLDER/answers) &\n\
         awk 'BEGIN {{ for (i = 0; i < {ROUTES}; i++) printf \"announce route 10.0.%d.%d/32 next-hop 192.0.2.1\\n\", \
         i / 256, i % 256; print \"show adj-rib out\" }}'\n\
         i=0\nwhile [ $i -lt {ALONE} ]; do sleep 0.003; echo version; i=$((i + 1)); done\nwait\n"
    );
    let daemon = with_helper("hold-time 3;", &script, peer.port(), &[]);
    let mut session = peer.establish(3);
    let end = Instant::now() + LONG;
    let read = || std::fs::read_to_string(daemon.file("answers")).unwrap_or_default();
    let all = ROUTES + ROUTES + 1 + ALONE * 2;
    while read().lines().count() < all {
        assert!(Instant::now() < end, "{} lines of {all}", read().lines().count());
        session.stay(Duration::from_millis(50));
    }
    let text = read();
    let lines: Vec<&str> = text.lines().collect();
    let (done, rest) = lines.split_at(ROUTES);
    let (listing, rest) = rest.split_at(ROUTES);
    assert!(done.iter().all(|line| *line == "done"));
    let odd = listing.iter().position(|line| !line.contains(" 10.0."));
    assert_eq!(odd, None, "{:?}", odd.map(|at| &listing[at]));
    assert_eq!(rest[0], "done");
    assert!(rest[1..].chunks(2).all(|two| two[0].starts_with("exabgp ") && two[1] == "done"));
    daemon.stop();
}

#[test]
fn a_helper_that_reads_no_events_is_left_behind_and_told_what_it_missed() {
    const UPDATES: u32 = 20_000;
    let peer = Peer::new();
    let script = "while [ ! -e FOLDER/go ]; do sleep 0.1; done\ncat > FOLDER/events\n";
    let statements = "hold-time 3; api { processes [ helper ]; receive { parsed; update; } }";
    let daemon = with_helper(statements, script, peer.port(), &[]);
    let mut session = peer.establish(3);
    let mut sender = session.clone();
    let update = |n: u32| {
        let [_, a, b, c] = n.to_be_bytes();
        // No withdrawals; ORIGIN, AS_PATH, NEXT_HOP; one prefix.
        let mut body = vec![0, 0, 0, 20, 0x40, 1, 1, 0, 0x40, 2, 6, 2, 1, 0, 0, 0xfd, 0xea];
        body.extend([0x40, 3, 4, 192, 0, 2, 1, 32, 10, a, b, c]);
        body
    };
    let flood = std::thread::spawn(move || (0..UPDATES).for_each(|n| sender.send(2, &update(n))));
    // It is paused meanwhile, and still hears from us in time.
    session.stay(Duration::from_secs(10));
    std::fs::write(daemon.file("go"), "").unwrap();
    session.stay(Duration::from_secs(1));
    flood.join().unwrap();
    daemon.logged("reads again");
    session.send(2, &update(0xffffff));
    let end = Instant::now() + LONG;
    let read = || std::fs::read_to_string(daemon.file("events")).unwrap_or_default();
    while !read().contains("10.255.255.255/32") {
        assert!(Instant::now() < end, "the last event did not arrive");
        session.stay(Duration::from_millis(100));
    }
    let text = read();
    let (told, gap): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| !line.contains("\"type\": \"gap\""));
    assert_eq!(gap.len(), 1, "{gap:?}");
    let dropped: usize = gap[0].split("\"dropped\": ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let told = told.iter().filter(|line| line.contains("\"update\"")).count();
    assert_eq!(told + dropped, 20_001);
    daemon.stop();
}

#[test]
fn every_category_of_the_log_has_something_to_say() {
    let peer = Peer::new();
    let on = ["packets", "message", "timers", "routes", "parser"].map(|name| format!("exabgp_log_{name}"));
    let mut settings: Vec<_> = on.iter().map(|name| (&**name, "true")).collect();
    settings.push(("exabgp_log_level", "DEBUG"));
    let daemon = with_helper("hold-time 3;", "", peer.port(), &settings);
    let mut session = peer.establish(3);
    let attributes = [0x40, 1, 1, 0, 0x40, 2, 6, 2, 1, 0, 0, 0xfd, 0xea, 0x40, 3, 4, 192, 0, 2, 1];
    session.send(2, &[&[0, 0, 0, 20], &attributes[..], &[24, 10, 0, 1]].concat());
    session.stay(Duration::from_millis(1500));
    drop(session);
    for line in [
        "message         neighbor 127.0.0.1 received UPDATE, 47 octets",
        "wire            neighbor 127.0.0.1 received FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF002F02",
        "routes          neighbor 127.0.0.1 receive update announced 10.0.1.0/24 next-hop 192.0.2.1",
        "parser          neighbor 127.0.0.1 39 NEXT_HOP 192.0.2.1",
        "timer           peer 127.0.0.1: Keepalive timer expired",
        "statistics      peer 127.0.0.1: received",
    ] {
        daemon.logged(line);
    }
    daemon.stop();
}

#[test]
fn what_a_helper_said_last_counts_and_a_dying_one_is_given_up() {
    let peer = Peer::new();
    let script = "echo announce route 192.0.2.0/24 next-hop 192.0.2.1; exit 3\n";
    let daemon = with_helper("", script, peer.port(), &[]);
    assert_eq!(peer.establish(90).announced(1), 1);
    let seen = daemon.logged("given up");
    assert_eq!(seen.iter().filter(|line| line.contains("ended with code 3")).count(), 5, "{seen:#?}");
    daemon.stop();
}

#[test]
fn rubbish_from_a_helper_is_contained() {
    let peer = Peer::new();
    let script = "head -c 3000000 /dev/urandom; head -c 20000000 /dev/zero; echo\n\
                  echo announce route 192.0.2.0/24 next-hop 192.0.2.1\nwhile read line; do :; done\n";
    let daemon = with_helper("", script, peer.port(), &[]);
    assert_eq!(peer.establish(90).announced(1), 1);
    assert!(daemon.peak() < 60_000, "{} kB", daemon.peak());
    daemon.stop();
}

#[test]
fn nothing_of_a_helper_is_left() {
    let peer = Peer::new();
    let script = "trap '' TERM\n(trap '' TERM; exec sleep 61.7) &\necho $! $$ > FOLDER/pids\nsleep 61.7\n";
    let daemon = with_helper("", script, peer.port(), &[]);
    let file = daemon.file("pids");
    let end = Instant::now() + LONG;
    while std::fs::read_to_string(&file).map_or(true, |text| !text.ends_with('\n')) {
        assert!(Instant::now() < end, "the helper did not start");
        std::thread::sleep(Duration::from_millis(10));
    }
    let pids = std::fs::read_to_string(&file).unwrap();
    daemon.stop();
    for pid in pids.split_whitespace() {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // A dead process whose new parent has not asked for it yet is dead.
        assert!(stat.is_empty() || stat.contains(") Z "), "{stat}");
    }
}

#[test]
fn helpers_may_start_as_root_and_the_daemon_does_not_stay_root() {
    let script = "id -u > FOLDER/id\ncat > FOLDER/told\n";
    let drop = ("exabgp_daemon_drop", "false");
    let daemon = with_helper("passive;", script, 1179, &[drop, ("exabgp_daemon_user", "nobody")]);
    let end = Instant::now() + LONG;
    let read = || std::fs::read_to_string(daemon.file("id")).unwrap_or_default();
    while !read().ends_with('\n') {
        assert!(Instant::now() < end, "the helper did not start");
        std::thread::sleep(Duration::from_millis(10));
    }
    let own = Command::new("id").arg("-u").output().unwrap();
    assert_eq!(read(), String::from_utf8(own.stdout).unwrap());
    if read() == "0\n" {
        let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
        assert!(!status.lines().any(|line| line.starts_with("Uid:\t0")), "{status}");
        let nobody = [drop, ("exabgp_daemon_user", "nosuchuser")];
        let mut refused = with_helper("passive;", script, 1179, &nobody);
        assert_eq!(refused.ended().code(), Some(1));
        refused.logged("there is no user `nosuchuser`");
        assert!(!refused.file("id").exists());
    }
    daemon.stop();
}

#[test]
fn the_version_is_one_of_the_generation() {
    for (generation, answer, status) in [
        ("4.2", "exabgp 4.2.21", "Version: 4.2.21"),
        ("4", "exabgp 6.0.0", "Version: 6.0.0"),
        ("5", "exabgp 5.0.0", "Version: 5.0.0"),
        ("6", "{\"version\": \"6.0.0\"", "{\"version\": \"6.0.0\""),
    ] {
        let script = "echo system version; echo daemon status; cat > FOLDER/answers\n";
        let daemon = with_helper("passive;", script, 1179, &[("exabgp_api_version", generation)]);
        let end = Instant::now() + LONG;
        let read = || std::fs::read_to_string(daemon.file("answers")).unwrap_or_default();
        while read().matches("done\n").count() < 2 {
            assert!(Instant::now() < end, "{generation}: {}", read());
            std::thread::sleep(Duration::from_millis(10));
        }
        let seen = read();
        assert!(seen.starts_with(answer) && seen.contains(status), "{generation}: {seen}");
        daemon.stop();
    }
}

#[test]
fn a_mistake_in_the_environment_is_in_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.env");
    std::fs::write(&file, "[exabgp.tcp]\nport = nine\n").unwrap();
    let mut command = command(1179, &[("exabgp_tcp_bind", "foo"), ("EXABGP_ENVFILE", file.to_str().unwrap())]);
    let output = command.env_remove("exabgp_tcp_port").args(["server", "x.conf"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let bind = "exabgp_tcp_bind: `foo` is not a list of IP addresses\n --> the environment\n";
    let port = format!("exabgp.tcp.port: `nine` is not a port\n --> {}:2:8\n", file.display());
    assert!(said.contains(bind) && said.contains(&port), "{said}");
}

#[test]
fn a_port_in_use_is_one_sentence_and_a_failure() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut daemon = Daemon::start(&config("passive;", ""), port, &[("exabgp_tcp_bind", "127.0.0.1")]);
    assert_eq!(daemon.ended().code(), Some(1));
    let seen = daemon.logged("another program");
    assert_eq!(seen.len(), 1, "{seen:#?}");
}

#[test]
fn a_broken_file_changes_nothing_and_a_good_one_what_it_says() {
    let peer = Peer::new();
    let routes = |list: &[&str]| {
        let routes: String = list.iter().map(|r| format!("route {r} next-hop 192.0.2.1; ")).collect();
        config(&format!("static {{ {routes} }}"), "")
    };
    let daemon = Daemon::start(&routes(&["198.51.100.0/24"]), peer.port(), &[]);
    let mut session = peer.establish(90);
    assert_eq!(session.announced(1), 1);
    daemon.rewrite(&routes(&["198.51.100.0/24", "203.0.113.0/33"]));
    daemon.signal("USR1");
    let seen = daemon.logged("stays as it was");
    assert!(seen.iter().any(|line| line.contains("203.0.113.0/33")), "{seen:#?}");
    for n in 0..30 {
        daemon.rewrite(&routes(&["198.51.100.0/24", &format!("203.0.113.{n}/32")]));
        daemon.signal("USR1");
    }
    daemon.rewrite(&routes(&["198.51.100.0/24", "203.0.113.0/24"]));
    daemon.signal("USR1");
    // The same session hears of the new route, and of no other that stays.
    loop {
        let (kind, body) = session.receive().expect("the session ended");
        match kind {
            4 => session.send(4, &[]),
            2 if body.ends_with(&[24, 203, 0, 113]) => break,
            2 => assert!(!body.ends_with(&[24, 198, 51, 100]), "a route that stays was sent again"),
            kind => panic!("message {kind}"),
        }
    }
    daemon.stop();
}

#[test]
fn what_is_signalled_while_a_file_is_read_is_done_behind_it() {
    let routes: String = (0..60_000)
        .map(|n| format!("route 10.{}.{}.{}/32 next-hop 192.0.2.1;\n", n >> 16, n >> 8 & 255, n & 255))
        .collect();
    let peer = Peer::new();
    let daemon = Daemon::start(&config(&format!("static {{ {routes} }}"), ""), peer.port(), &[]);
    std::thread::sleep(Duration::from_millis(100));
    daemon.signal("USR1");
    daemon.signal("USR1");
    daemon.logged("the configuration was read again");
    daemon.stop();
}

#[test]
fn mistakes_are_all_told_and_nothing_starts() {
    let mut daemon = Daemon::start(&config("hold-tme 90;\n passive maybe;", ""), 1, &[]);
    assert_eq!(daemon.ended().code(), Some(1));
    let seen = daemon.logged("`maybe`");
    assert!(seen.iter().any(|line| line.contains("`hold-time`?")), "{seen:#?}");
    assert!(seen.iter().any(|line| line.contains("^^^^^^^^")), "{seen:#?}");
}

#[test]
fn a_second_daemon_respects_the_pid_file_of_the_first() {
    let peer = Peer::new();
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let settings = [("exabgp_daemon_pid", pid.to_str().unwrap())];
    let first = Daemon::start(&config("", ""), peer.port(), &settings);
    let _session = peer.establish(90);
    assert_eq!(std::fs::read_to_string(&pid).unwrap().trim(), first.pid().to_string());
    let mut second = Daemon::start(&config("", ""), peer.port(), &settings);
    assert_eq!(second.ended().code(), Some(1));
    second.logged(&format!("process {} is running", first.pid()));
    first.stop();
    assert!(!pid.exists());
}

#[test]
fn the_demonstration_ends_well() {
    let output = command(0, &[]).arg("demo").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("withdraw"), "{text}");
}

#[test]
fn versions_are_said_as_tools_expect() {
    let run = |program: &std::path::Path, word: &str| {
        let output = Command::new(program).arg(word).env("EXABGP_ENVFILE", "/dev/null").output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let exabgp = folder.path().join("exabgp");
    std::os::unix::fs::symlink(HERALD, &exabgp).unwrap();
    for word in ["--version", "version"] {
        let said = run(&exabgp, word);
        let version = said.lines().find_map(|line| line.strip_prefix("ExaBGP : ")).expect("the line tools look for");
        assert!(version.split('.').take(3).all(|part| part.parse::<u32>().is_ok()), "{version}");
    }
    assert!(run(HERALD.as_ref(), "version").starts_with("Herald"));
}
