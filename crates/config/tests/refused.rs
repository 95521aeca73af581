//! What is refused: where, and with which remedy.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{BASE, first, neighbor, read};
use herald_bgp::text::{Diagnostic, Severity};
use herald_config::{Environment, load};
use std::io::{self, BufRead, Read};

fn refused(text: &str) -> Vec<Diagnostic> {
    let Err(problems) = read(text) else { panic!("accepted:\n{text}") };
    assert!(problems.iter().any(|p| p.severity == Severity::Error));
    problems
}

/// In a neighbour: statements, the column (they stand in line 3), what is said.
#[test]
fn statements_of_a_neighbor() {
    let long = format!("md5-password {};", "x".repeat(81));
    let table: &[(&str, u32, &str)] = &[
        ("hold-tme 30;", 1, "did you mean `hold-time`?"),
        ("hold-time 2;", 11, "`2` is no hold time (0, or 3 to 65535 seconds"),
        ("hold-time 70000;", 11, "no hold time"),
        ("hold-time;", 10, "the hold time is missing"),
        ("hold-time { }", 1, "write `hold-time SECONDS;`"),
        ("family;", 1, "write `family { … }`"),
        ("local-as abc;", 10, "`abc` is no AS number"),
        ("local-as -1;", 10, "no AS number"),
        ("peer-as 4294967296;", 9, "no AS number"),
        ("router-id 2001:db8::1;", 11, "written like an IPv4 address"),
        ("local-address foo;", 15, "`foo` is no IP address"),
        ("local-address 2001:db8::1;", 1, "both ends of a session"),
        ("local-link-local 2001:db8::1;", 18, "it begins with fe80:"),
        ("passive on;", 9, "neither true nor false"),
        ("listen 70000;", 8, "a number from 0 to 65535"),
        ("local-address auto; listen 1179;", 21, "needs a `local-address`"),
        ("peer-address 192.0.2.0/24;", 1, "add `passive;`"),
        ("peer-address 192.0.2.0/33; passive;", 14, "/0 to /32"),
        ("outgoing-ttl 256;", 14, "0 to 255"),
        ("host-name -a;", 11, "no host name"),
        ("host-name \"a b\";", 11, "no host name"),
        ("md5-password \"\";", 14, "the password is empty"),
        (&long, 1, "81 octets"),
        ("md5-password \"***\"; md5-base64 true;", 1, "not base64"),
        ("inherit a b;", 9, "inherit [ NAME NAME ]"),
        ("family { inet6 unicast; }", 10, "are now `ipv4` and `ipv6`"),
        ("family { ipv4 foo; }", 15, "no family of ipv4"),
        ("family { ipv4 unicst; }", 15, "did you mean `unicast`?"),
        ("family { IPv4 unicast; }", 10, "did you mean `ipv4`?"),
        ("family { ipv4 unicast; ipv4 unicast; }", 24, "there twice"),
        ("family { all; ipv4 unicast; }", 15, "a family behind `all`"),
        ("capability { refresh; }", 14, "did you mean `route-refresh`?"),
        ("capability { add-path; }", 22, "is missing"),
        ("capability { role costumer; }", 19, "did you mean `customer`?"),
        ("capability { long-lived-graceful-restart 16777216; }", 42, "0 to 16777215"),
        ("capability { multiple-labels 256; }", 30, "0 to 255"),
        ("capability { raw 1 0x00010001; }", 18, "`family` stands"),
        ("capability { raw 67 0102; }", 21, "0x and two digits"),
        ("capability { add-path receive/send; }", 23, "did you mean `send/receive`?"),
        ("capability { graceful-restart x; }", 31, "a number from 0 to 65535"),
        ("operational { asm afi ipv4 safi unicast; }", 40, "`advisory` is missing"),
        ("operational { asn afi ipv4 safi unicast; }", 15, "did you mean `asm`?"),
        ("nexthop { ipv4 flow ipv6; }", 16, "no next hops of the other"),
        ("nexthop { ipv4 unicast ipv4; }", 24, "not the other address family"),
        ("nexthop { l2vpn vpls ipv6; }", 11, "no keyword in `nexthop`"),
        ("api { processes foo; }", 17, "write them in brackets"),
        ("api { processes [ foo ]; }", 19, "there is no process called `foo`"),
        ("api { processes-match [ \"^f\" ]; }", 25, "no process has a name"),
        ("api { processes-match [ \"(\" ]; }", 25, "no regular expression"),
        ("api { receive { all; } }", 17, "no keyword in `receive`"),
        ("api a! { }", 5, "letters, digits"),
        ("api a { } api a { }", 15, "exists already"),
        ("neighbor-changes;", 1, "it belongs in `api`"),
        ("static { route 10.0.0.1/24 next-hop self; }", 16, "did you mean `10.0.0.0/24`?"),
        ("static { route 10.0.0.0/33 next-hop self; }", 16, "/0 to /32"),
        ("static { route 10.0.0.0/24; }", 16, "add `next-hop self`"),
        ("static { route 10.0.0.0/24 { } }", 16, "add `next-hop self`"),
        ("static { route 10.0.0.0/24 next-hop foo; }", 37, "no next hop"),
        ("static { route 10.0.0.0/24 next-hop self foo; }", 42, "no keyword of a route"),
        ("static { route 10.0.0.0/24 { next-hop self; foo 1; } }", 45, "no keyword of a route"),
        ("static { route 10.0.0.0/24 { next-hop { } } }", 30, "has no section"),
        ("static { route 10.0.0.0/24 next-hop self split /33; }", 48, "beyond the address"),
        ("static { route 2001:db8::/32 next-hop self; }", 10, "name an IPv6 address"),
        ("static { med 5; }", 10, "no keyword in `static`"),
        ("static { sr-policy distinguisher 1 colour 2; }", 36, "where `color` belongs"),
        ("static { sr-policy distinguisher 1 color 2 endpoint 192.0.2.9; }", 53, "add `next-hop self`"),
        ("announce { ipv4 { unicast 2001:db8::/32 next-hop self; } }", 27, "is an IPv6 prefix"),
        ("announce { ipv4 { unicast 10.0.0.0/8; } }", 27, "has no next hop"),
        (
            "family { ipv4 unicast; } static { route 2001:db8::/32 next-hop ::1; }",
            35,
            "add `ipv6 unicast;` to `family`",
        ),
        ("l2vpn { vpls x { rd 1:1; endpoint 5; next-hop self; } }", 9, "`offset` is missing"),
        ("l2vpn { vpls rd 1:1 endpoint 65536 base 2 offset 3 size 4 next-hop self; }", 30, "no endpoint"),
        ("announce { l2vpn { evpn mac-id rd 1:1; } }", 25, "did you mean `mac-ip`?"),
        ("announce { l2vpn { evpn mac-ip rd 1:1 label 5 next-hop self; } }", 56, "`mac` is missing"),
        ("announce { ipv4 { mup mup-t2st 10.0.0.1 rd 1:1 teid 5 next-hop self; } }", 64, "teid 12345/32"),
        ("announce { ipv4 { mup mup-isd 10.0.0.0/24 rd 1:1 label 5; } }", 50, "no keyword of a route of ipv4 mup"),
        ("flow { route { match { source 10.0.0.0/8 } then { discard; } } }", 24, "end the statement with `;`"),
        ("flow { route { source 10.0.0.0/8; } }", 16, "it belongs in `match`"),
        ("flow { route { match { discard; } } }", 24, "it belongs in `then`"),
        ("flow { route { match { sorce 10.0.0.0/8; } } }", 24, "did you mean `source`?"),
        ("flow { route { match { source 10.0.0.0/8; } then { med 5; } } }", 52, "no word of `then`"),
        ("flow { route a b { match { source 10.0.0.0/8; } } }", 16, "no more than a name"),
        ("flow { route { match { port >80 &<90; } } }", 33, "without blanks"),
        ("flow { route { match { source 10.0.0.0/8; destination 2001:db8::/32; } } }", 55, "make two rules"),
        ("flow { route { match { source { } } } }", 24, "has no section"),
        ("flow { route { mach { } } }", 16, "did you mean `match`?"),
        ("flow { route source 10.0.0.0/8 discrad; }", 32, "did you mean `discard`?"),
        ("flow { rule { } }", 8, "did you mean `route`?"),
        ("announce { ipv4 { flow source 2001:db8::/32 discard; } }", 31, "in a rule of IPv4"),
        ("announce { ipv4 { flow-vpn source 10.0.0.0/8 discard; } }", 19, "add `rd 65000:1`"),
        ("{ hold-time 30; }", 1, "a section without a name"),
    ];
    for (statements, column, says) in table {
        let mut errors = refused(&neighbor(statements));
        errors.retain(|problem| problem.severity == Severity::Error);
        let (at, message) = first(&errors);
        assert!(message.contains(says), "{statements}: {message}");
        assert_eq!(at, format!("3:{column}"), "{statements}: {message}");
        assert_eq!(errors.len(), 1, "one mistake, one complaint: {statements}\n{errors:#?}");
    }
}

#[test]
fn what_is_to_come_says_so() {
    let problems = refused(&neighbor("tcp-ao { keyid 1; algorithm hmac-sha-1-96; password a; }"));
    let (at, message) = first(&problems);
    assert!(message.contains("not supported yet"), "{message}");
    assert_eq!((&*at, problems.len()), ("3:1", 1));
}

#[test]
fn at_the_top() {
    for (text, at, says) in [
        ("", "1:1", "the configuration is empty"),
        ("# nothing\n\n", "1:1", "the configuration is empty"),
        ("banana { a b; c { d; } }", "1:1", "valid here: process template neighbor group"),
        ("hold-time 30;", "1:1", "it belongs in `neighbor`"),
        ("neighbour 192.0.2.2 { }", "1:1", "did you mean `neighbor`?"),
        ("neighbor foo { local-as 1; peer-as 1; }", "1:10", "`foo` is no IP address"),
        ("neighbor { local-as 1; peer-as 1; }", "1:9", "an address is missing"),
        ("process { run /bin/true; }", "1:8", "the name of the process is missing"),
        ("process a { encoder json; }", "1:9", "add `run PROGRAM"),
        ("process a { run /bin/missing; }", "1:17", "it does not exist"),
        ("process a { run; }", "1:16", "the program is missing"),
        ("process a { run /bin/true; encoder xml; }", "1:36", "valid here: text json"),
        ("process api-internal-cli-1 { run /bin/true; }", "1:9", "reserved"),
        ("process a { run /bin/true; }\nprocess a { run /bin/true; }", "2:9", "exists already"),
        ("template { foo { } }", "1:12", "no keyword in `template`"),
        ("template { neighbor a! { } }", "1:21", "letters, digits"),
        ("template {\nneighbor a { }\nneighbor a { } }", "3:10", "exists already"),
        ("process a { run /bin/true; encoder \"json; }", "1:36", "close the quote"),
    ] {
        let mut errors = refused(text);
        errors.retain(|problem| problem.severity == Severity::Error);
        let (place, message) = first(&errors);
        assert!(message.contains(says), "{text}: {message}");
        assert_eq!((place.as_str(), errors.len()), (at, 1), "{text}: {errors:#?}");
    }
}

#[test]
fn a_neighbor_that_lacks_something() {
    for (text, says) in [
        ("neighbor 192.0.2.2 { router-id 192.0.2.9; peer-as 1; }", "has no `local-as`"),
        ("neighbor 192.0.2.2 { router-id 192.0.2.9; local-as 1; }", "has no `peer-as`"),
        ("neighbor 192.0.2.2 { local-as 1; peer-as 1; }", "has no `router-id`"),
        ("neighbor 2001:db8::2 { local-address 2001:db8::1; local-as 1; peer-as 1; }", "has no `router-id`"),
    ] {
        let problems = refused(text);
        let (at, message) = first(&problems);
        assert!(message.contains(says), "{text}: {message}");
        assert_eq!((at.as_str(), problems.len()), ("1:10", 1), "{text}");
    }
    let text = format!("neighbor 192.0.2.2 {{ {BASE} }}\n").repeat(2);
    let problems = refused(&text);
    assert_eq!(first(&problems).0, "2:10");
    assert_eq!(problems[0].labels[0].0.line, 1, "the other one is named");
}

#[test]
fn statements_that_do_not_end() {
    for (text, at, says) in [
        (neighbor("hold-time\n30;"), "3:10", "the hold time is missing"),
        (neighbor("hold-time 30\npassive;"), "3:13", "`;` is missing"),
        (neighbor("hold-time 30 # seconds"), "3:13", "before a comment begins"),
        (neighbor("hold-time 30#seconds"), "3:13", "before a comment begins"),
        (neighbor("family\n{\nipv4 unicast;\n}"), "3:7", "the brace must stand on the same line"),
    ] {
        let problems = refused(&text);
        let (place, message) = first(&problems);
        assert!(message.contains(says), "{text}: {message}");
        assert_eq!(place, at, "{text}: {message}");
        assert!(problems.iter().all(|p| p.at.line == 3), "nothing follows from it: {problems:#?}");
    }
}

#[test]
fn joined_lines_keep_their_places() {
    let text = neighbor("static {\n  route 10.0.0.0/8 \\\n    next-hop self \\\n    foo;\n}");
    let (place, message) = first(&refused(&text));
    assert_eq!((place.as_str(), message.contains("`foo`")), ("6:5", true), "{message}");
}

#[test]
fn all_mistakes_at_once() {
    let text =
        neighbor("hold-time 1;\nfamily { ipv4 foo; }\nbanana;\nstatic { route x; route 10.0.0.0/8 next-hop self; }");
    let problems = refused(&text);
    let lines: Vec<u32> = problems.iter().map(|p| p.at.line).collect();
    assert_eq!(lines, [3, 4, 5, 6], "{problems:#?}");
}

/// Also of one statement: each word that starts a new keyword is read, whatever was wrong ahead of it.
#[test]
fn all_mistakes_of_a_statement() {
    for (statement, says) in [
        ("static { route 10.0.0.1/24 next-hop 1.2.3.x med foo; }", &["bits set", "1.2.3.x", "`foo`"][..]),
        (
            "static { route 10.0.0.0/24 community [ 1:99999 med 2 ] nxt-hop self med x; }",
            &["1:99999", "next-hop", "`x`"],
        ),
        ("static { route 10.0.0.0/24 next-hop self as-path [ 1 x ] origin ipg; }", &["`x`", "`ipg`"]),
        ("announce { ipv4 { unicast 10.0.0.0/24 next-hop self med x origin y; } }", &["`x`", "`y`"]),
        (
            "flow { route source 10.0.0.0/33 protocol =x discard discrd; }",
            &["10.0.0.0/33", "=x", "did you mean `discard`?"],
        ),
        (
            "announce { ipv4 { flow protocol =tpc destination-port =99999999 discrad; } }",
            &["=tpc", "=99999999", "did you mean `discard`?"],
        ),
        (
            "l2vpn { vpls rd zz endpoint 99999 base x offset y size z next-hop q; }",
            &["`zz`", "`99999`", "`x`", "`y`", "`z`", "`q`"],
        ),
        ("static { attributes next-hop x med y nlri 10.0.0.0/8; }", &["`x`", "`y`"]),
        ("static { route 10.0.0.0/24 next-hop self meed 3 orign igp; }", &["did you mean `med`?", "`origin`?"]),
        ("static { route 10.0.0.0/24 next-hop self med -1 communty [ 1:2 ]; }", &["`-1`", "`community`?"]),
    ] {
        let problems = refused(&neighbor(statement));
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), says.len(), "{statement}: {said:#?}");
        assert!(said.iter().zip(says).all(|(said, part)| said.contains(part)), "{statement}: {said:#?}");
    }
}

#[test]
fn no_more_than_a_hundred() {
    let problems = refused(&neighbor(&"banana 1;\n".repeat(250)));
    assert_eq!(problems.len(), 101);
    assert_eq!(problems[100].message, "and 150 more errors");
}

#[test]
fn a_template_complains_once() {
    let text = format!(
        "template {{ neighbor t {{ api {{ processes [ foo ]; }} }} }}\n{}{}",
        format_args!("neighbor 192.0.2.2 {{ {BASE} inherit t; }}\n"),
        format_args!("neighbor 192.0.2.3 {{ {BASE} inherit t; }}\n"),
    );
    assert_eq!(refused(&text).len(), 1);
}

#[test]
fn not_utf8() {
    let text = b"neighbor 192.0.2.2 {\n description \"\xff\";\n}\n";
    let problems = load(&text[..], &Environment::default(), &common::context()).unwrap_err();
    let (at, message) = first(&problems);
    assert!(problems.iter().any(|p| p.message == "not UTF-8" && p.at.line == 2 && p.at.start == 14), "{at} {message}");
}

/// Gives one line, then fails.
struct Failing(&'static [u8]);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk is gone"))
    }
}

impl BufRead for Failing {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.0.is_empty() { Err(io::Error::other("the disk is gone")) } else { Ok(self.0) }
    }
    fn consume(&mut self, n: usize) {
        self.0 = &self.0[n..];
    }
}

#[test]
fn a_file_that_breaks_off() {
    let problems = load(Failing(b"process a { run /bin/true; }\n"), &Environment::default(), &common::context());
    let (at, message) = first(&problems.unwrap_err());
    assert_eq!((at.as_str(), message.contains("the disk is gone")), ("2:1", true), "{message}");
}
