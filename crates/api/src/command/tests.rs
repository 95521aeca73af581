use super::*;
use crate::client::Client;
use herald_speaker::command::{Reply, Term};
use herald_speaker::time::UnixNanos;
use proptest::prelude::*;

fn daemon() -> Daemon {
    Daemon { version: "5.0.15".into(), uuid: "u".into(), pid: 1, started: UnixNanos(0) }
}

/// What a client is answered when every command is answered `done`.
fn talk(profile: Profile, text: &[u8], chunks: usize) -> (Vec<Command>, String) {
    let daemon = daemon();
    let mut client = Client::new(profile, true);
    let (mut all, mut out) = (Vec::new(), String::new());
    for chunk in text.chunks(chunks.max(1)) {
        let mut commands = Vec::new();
        client.feed(chunk, &daemon, &mut |_| (), &mut commands);
        loop {
            for command in commands.drain(..) {
                let reply = if command == Command::Pass { Reply::Passed } else { Reply::Done };
                client.reply(&reply, &daemon, UnixNanos(0), &mut out);
                all.push(command);
            }
            client.resume(&daemon, &mut |_| (), &mut commands);
            if commands.is_empty() {
                break;
            }
        }
    }
    (all, out)
}

fn said(line: &str) -> String {
    talk(Profile::V5, format!("{line}\n").as_bytes(), usize::MAX).1
}

#[test]
fn every_example_is_accepted_in_both_grammars() {
    for spec in COMMANDS.iter().filter(|spec| !matches!(spec.example, "crash" | "group end")) {
        for profile in [Profile::V4, Profile::V5, Profile::V6] {
            let (_, out) = talk(profile, format!("{}\n", spec.example).as_bytes(), usize::MAX);
            assert!(out.ends_with("done\n") || spec.example == "silence-ack", "{}: {out}", spec.example);
        }
    }
}

#[test]
fn selectors() {
    let of = |line: &str| match &talk(Profile::V5, format!("{line}\n").as_bytes(), 1000).0[..] {
        [Command::Announce { to, .. }] => to.clone(),
        other => panic!("{line}: {other:?}"),
    };
    let term = |key: &str, value: &str| Term { key: key.into(), value: value.into() };
    let a = vec![term("neighbor", "127.0.0.1")];
    let b = vec![term("neighbor", "127.0.0.2"), term("local-as", "65000")];
    let route = "announce route 10.0.0.0/24 next-hop 1.1.1.1";
    for line in ["", "neighbor * ", "peer * "] {
        assert_eq!(*of(&format!("{line}{route}")), Selector::All);
    }
    for line in ["neighbor 127.0.0.1 ", "peer 127.0.0.1 ", "peer [127.0.0.1] ", "neighbor  127.0.0.1  "] {
        assert_eq!(*of(&format!("{line}{route}")), Selector::Any(vec![a.clone()]), "{line}");
    }
    for line in [
        "neighbor 127.0.0.1, neighbor 127.0.0.2 local-as 65000 ",
        "neighbor 127.0.0.1 , neighbor 127.0.0.2 local-as 65000 ",
        "peer [127.0.0.1, 127.0.0.2 local-as 65000] ",
        "peer 127.0.0.1, peer 127.0.0.2 local-as 65000 ",
    ] {
        assert_eq!(*of(&format!("{line}{route}")), Selector::Any(vec![a.clone(), b.clone()]), "{line}");
    }
}

#[test]
fn a_known_selector_is_not_mistaken_for_a_longer_one() {
    let route = "announce route 10.0.0.0/24 next-hop 1.1.1.1";
    let text =
        format!("neighbor 127.0.0.1 {route}\nneighbor 127.0.0.1 {route}\nneighbor 127.0.0.1 peer-as 1 {route}\n");
    let (commands, out) = talk(Profile::V5, text.as_bytes(), usize::MAX);
    assert_eq!(out, "done\ndone\ndone\n");
    let selectors: Vec<_> = commands
        .iter()
        .map(|c| match c {
            Command::Announce { to, .. } => to.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(Arc::ptr_eq(&selectors[0], &selectors[1]));
    assert!(matches!(&*selectors[2], Selector::Any(list) if list[0].len() == 2));
}

#[test]
fn acknowledgements() {
    let (_, out) = talk(Profile::V5, b"disable-ack\nversion\nnonsense\nenable-ack\nversion\n", 3);
    assert_eq!(out, "done\nexabgp 5.0.15\ndone\nexabgp 5.0.15\ndone\n");
    let (_, out) = talk(Profile::V5, b"silence-ack\nversion\n", 100);
    assert_eq!(out, "exabgp 5.0.15\n");
}

#[test]
fn errors_say_why_where_that_is_known() {
    assert_eq!(said("announce route 10.0.0.0/33 next-hop 1.1.1.1"), "error\n");
    let (_, out) = talk(Profile::V6, b"peer * announce route 10.0.0.0/24 next-hop 1.1.1.1 comunity 1:1\n", 100);
    assert_eq!(out, "error: `comunity` is no keyword of a route (did you mean `community`?)\nerror\n");
    let (_, out) = talk(Profile::V6, b"peer * announce bogus\n", 100);
    assert!(out.starts_with("error: unknown announce type: bogus"), "{out}");
    let (commands, _) = talk(Profile::V5, b"announce route 10.0.0.0/24 next-hop 1.1.1.1 ; rubbish\n", 100);
    assert_eq!(commands, [Command::Pass]);
}

#[test]
fn groups() {
    let text = b"group start\nannounce route 10.0.0.0/24 next-hop 1.1.1.1\nwithdraw route 10.0.1.0/24\ngroup end\n";
    let (commands, out) = talk(Profile::V4, text, usize::MAX);
    assert!(out.starts_with("group started\ndone\ndone\ndone\n"), "{out}");
    assert!(
        matches!(&commands[..], [Command::Pass, Command::Pass, Command::Pass, Command::Group(members)] if members.len() == 2)
    );
    let (commands, _) =
        talk(Profile::V4, b"peer * group announce route 10.0.0.0/24 next-hop self; withdraw route 10.0.1.0/24\n", 1000);
    assert!(matches!(&commands[..], [Command::Group(members)] if members.len() == 2));
}

#[test]
fn long_lines_are_refused_once() {
    let mut text = vec![b'x'; 3 << 20];
    text.extend_from_slice(b"\nversion\n");
    let (_, out) = talk(Profile::V5, &text, 16384);
    assert_eq!(out, "error\nexabgp 5.0.15\ndone\n");
}

fn vocabulary() -> impl Strategy<Value = String> {
    let words: Vec<String> = COMMANDS.iter().flat_map(|spec| spec.example.split(' ')).map(str::to_owned).collect();
    let word = prop_oneof![8 => proptest::sample::select(words), 1 => "[ -~]{0,12}", 1 => proptest::string::string_regex("\\PC{0,6}").unwrap()];
    proptest::collection::vec(word, 0..10).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// However octets are cut, the same commands and answers follow; each line has exactly one final answer.
    #[test]
    fn any_segmentation(lines in proptest::collection::vec(vocabulary(), 1..5), chunk in 1usize..20) {
        let text: String = lines.iter().map(|line| format!("{}\n", line.replace('\n', " "))).collect();
        let whole = talk(Profile::V5, text.as_bytes(), usize::MAX);
        prop_assert_eq!(talk(Profile::V5, text.as_bytes(), chunk), whole);
    }

    #[test]
    fn any_octets(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let (commands, _) = talk(Profile::V6, &bytes, 7);
        prop_assert!(commands.len() <= bytes.iter().filter(|b| **b == b'\n').count() * 3);
    }
}
