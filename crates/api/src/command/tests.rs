use super::*;
use crate::client::{Client, LONGEST_LINE};
use herald_speaker::command::{Reply, Term};
use herald_speaker::time::UnixNanos;
use proptest::prelude::*;

fn daemon() -> Daemon {
    Daemon { version: "5.0.15".into(), uuid: "u".into(), pid: 1, started: UnixNanos(0) }
}

/// A client, and a speaker that finds everything well done.
struct Talk {
    client: Client,
    commands: Vec<Command>,
    out: String,
}

impl Talk {
    fn new(profile: Profile) -> Talk {
        Talk { client: Client::new(profile, true), commands: Vec::new(), out: String::new() }
    }

    fn answer(&mut self, commands: Vec<Command>) {
        for command in commands {
            let reply = match &command {
                Command::Pass => Some(Reply::Passed),
                Command::Quiet(_) => None,
                Command::Group(members) => Some(Reply::Group { announced: members.len(), withdrawn: 0, errors: &[] }),
                _ => Some(Reply::Done),
            };
            if let Some(reply) = reply {
                self.client.reply(&reply, &daemon(), UnixNanos(0), &mut self.out);
            }
            self.commands.push(command);
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        let mut commands = Vec::new();
        self.client.feed(bytes, &daemon(), &mut |_| (), &mut commands);
        loop {
            self.answer(std::mem::take(&mut commands));
            if !self.client.busy() {
                break;
            }
            self.client.resume(&daemon(), &mut |_| (), &mut commands);
        }
    }
}

/// The commands, and what a client is answered when every command is answered at once.
fn talk(profile: Profile, text: &[u8], chunks: usize) -> (Vec<Command>, String) {
    let mut talk = Talk::new(profile);
    text.chunks(chunks.max(1)).for_each(|chunk| talk.feed(chunk));
    (talk.commands, talk.out)
}

fn says(profile: Profile, line: &str) -> String {
    talk(profile, format!("{line}\n").as_bytes(), usize::MAX).1
}

fn commands(line: &str) -> Vec<Command> {
    talk(Profile::V5, format!("{line}\n").as_bytes(), usize::MAX).0
}

/// How many final answers these lines hold.
fn finals(out: &str) -> usize {
    out.lines().filter(|line| matches!(*line, "done" | "error")).count()
}

#[test]
fn every_row_is_accepted_in_both_grammars() {
    for spec in COMMANDS.iter().filter(|spec| spec.example != "crash") {
        let example = spec.example.strip_prefix("peer * ").unwrap_or(spec.example);
        let forms = [spec.action, spec.target];
        // what stands in the example for `afi-N`
        let number = example.split(' ').find(|word| word.starts_with("afi-")).unwrap_or("afi-N");
        let forms = forms.map(|form| form.replace("afi-N", number));
        let form = forms.iter().find(|form| !form.is_empty() && example.starts_with(&***form)).unwrap();
        let arguments = &example[form.len()..];
        let mut lines = vec![spec.example.to_owned()];
        lines.extend(forms.iter().filter(|form| !form.is_empty()).map(|form| format!("{form}{arguments}")));
        if spec.selects {
            let selectors = ["neighbor * ", "peer 127.0.0.1 ", "peer [ 127.0.0.1 , 127.0.0.2 ] "];
            lines.extend(selectors.iter().map(|selector| format!("{selector}{}{arguments}", forms[1])));
        }
        for (line, profile) in lines.iter().flat_map(|l| [Profile::V4, Profile::V5, Profile::V6].map(|p| (l, p))) {
            let prepare = if line == "group end" { "group start\n" } else { "" };
            let (_, out) = talk(profile, format!("{prepare}{line}\n").as_bytes(), usize::MAX);
            assert!(out.ends_with("done\n") || spec.example == "silence-ack", "{line}: {out}");
        }
    }
}

#[test]
fn rows_are_found_by_their_first_letter() {
    for spec in COMMANDS {
        for form in [spec.action, spec.target].into_iter().filter(|form| !form.is_empty()) {
            assert!(starting_like(form).any(|other| std::ptr::eq(other, spec)), "{form}");
        }
    }
    assert_eq!(starting_like("").count() + starting_like("é").count(), 0);
}

#[test]
fn selectors() {
    let of = |line: &str| match &commands(line)[..] {
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
    for line in [
        "neighbor 127.0.0.1 ",
        "peer 127.0.0.1 ",
        "peer [127.0.0.1] ",
        "neighbor  127.0.0.1  ",
        "\tneighbor\t127.0.0.1\t",
    ] {
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
    for line in ["peer", "neighbor", "neighbor 127.0.0.1", "peer []", "peer [127.0.0.1 announce", "neighbor all show"] {
        assert_eq!(says(Profile::V5, line), "error\n", "{line}");
    }
}

#[test]
fn a_known_selector_is_not_mistaken_for_a_longer_one() {
    let route = "announce route 10.0.0.0/24 next-hop 1.1.1.1";
    let one = ["neighbor 127.0.0.1 ", "neighbor 127.0.0.1\t", "neighbor 127.0.0.1 peer-as 1 ", "neighbor 127.0.0.2 "];
    let text: String = one.iter().cycle().take(12).map(|selector| format!("{selector}{route}\n")).collect();
    let (commands, out) = talk(Profile::V5, text.as_bytes(), usize::MAX);
    assert_eq!(out, "done\n".repeat(12));
    let selectors: Vec<_> = commands
        .iter()
        .map(|c| match c {
            Command::Announce { to, .. } => to.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    for at in 0..4 {
        assert!(Arc::ptr_eq(&selectors[at], &selectors[at + 4]) && Arc::ptr_eq(&selectors[at], &selectors[at + 8]));
    }
    assert_eq!(selectors[0], selectors[1]);
    assert!(matches!(&*selectors[2], Selector::Any(list) if list[0].len() == 2));
    assert_ne!(selectors[0], selectors[3]);
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
    assert_eq!(says(Profile::V5, "announce route 10.0.0.0/33 next-hop 1.1.1.1"), "error\n");
    let said = says(Profile::V6, "peer * announce route 10.0.0.0/24 next-hop 1.1.1.1 comunity 1:1");
    assert_eq!(said, "error: `comunity` is no keyword of a route (did you mean `community`?)\nerror\n");
    for (line, part) in [
        ("peer * announce bogus", "error: unknown announce type: bogus"),
        ("anounce route 10.0.0.0/24 next-hop 1.1.1.1", "did you mean `announce route`?"),
        ("deamon reload", "did you mean `daemon reload`?"),
        ("shutdwn", "did you mean `shutdown`?"),
        ("show neighbor summry", "did you mean `summary`?"),
        ("peer * announce ipv4 uncast 10.0.0.0/24 next-hop self", "did you mean `unicast`?"),
        ("announce flow route { match { source 10.0.0.0/8; } then { dicsard; } }", "did you mean `discard`?"),
        ("announce flow { match { source 10.0.0.0/8; } }", "flow route"),
        ("announce ipv4 mpls-vpn 10.0.0.0/24 label 3 next-hop self", "add `rd 65000:1`"),
        ("announce", "what to announce"),
    ] {
        let out = says(Profile::V6, line);
        assert!(out.starts_with("error: ") && out.contains(part) && out.ends_with("\nerror\n"), "{line}: {out}");
    }
    let (commands, _) = talk(Profile::V5, b"announce route 10.0.0.0/24 next-hop 1.1.1.1 ; rubbish\n", 100);
    assert_eq!(commands, [Command::Pass]);
}

#[test]
fn one_line_is_one_command_even_for_two_families() {
    let commands = commands("announce attributes next-hop self nlri 10.0.0.0/24 2001:db8::/32 10.0.1.0/24");
    assert!(
        matches!(&commands[..], [Command::Quiet(first), Command::Announce { .. }] if matches!(&**first, Command::Announce { route, .. } if route.nlris.as_slice().len() == 2))
    );
}

#[test]
fn options_at_the_end() {
    for end in [" json", " text", " sync", " async", " json sync", " async  text ", "\tjson"] {
        let commands = commands(&format!("announce route 10.0.0.0/24 next-hop 1.1.1.1 med 5{end}"));
        assert!(
            matches!(&commands[..], [Command::Announce { route, .. }] if route.attributes.med() == Some(5)),
            "{end}"
        );
    }
    assert_eq!(says(Profile::V5, "announce route 10.0.0.0/24 next-hop 1.1.1.1 json json json"), "error\n");
    assert_eq!(says(Profile::V6, "ping text"), "pong u active=true\ndone\n");
    assert_eq!(says(Profile::V4, "ping"), "{\"pong\": \"u\", \"active\": true}\ndone\n");
}

#[test]
fn groups() {
    let text = b"group start\nannounce route 10.0.0.0/24 next-hop 1.1.1.1\nwithdraw route 10.0.1.0/24\nversion\n\
        announce bogus\nannounce attributes next-hop self nlri 10.0.0.0/24 2001:db8::/32\ngroup start\ngroup end\n\
        group end\n";
    let (commands, out) = talk(Profile::V6, text, 7);
    let version = "{\"version\": \"5.0.15\", \"application\": \"exabgp\"}\ndone\n";
    let nested = "{\"error\": \"already in group block (nested groups not allowed)\"}\nerror\n";
    let start = format!("{{\"status\": \"group started\"}}\ndone\ndone\ndone\n{version}done\ndone\n{nested}");
    let end = "{\"status\": \"group processed\", \"announced\": 4, \"withdrawn\": 0, \"errors\": [\"unknown announce type: bogus";
    assert!(out.starts_with(&format!("{start}{end}")), "{out}");
    assert!(out.ends_with("\ndone\n{\"error\": \"not in group block\"}\nerror\n"), "{out}");
    assert!(matches!(&commands[7], Command::Group(members) if members.len() == 4), "{commands:?}");

    let line = "peer * group attributes next-hop 192.0.2.1 med 9 ; announce route 10.2.2.0/24 ; withdraw route 10.0.1.0/24; \
        announce attributes local-preference 7 nlri 10.3.0.0/24 ; bogus x";
    let (commands, out) = talk(Profile::V6, format!("{line}\n").as_bytes(), 1000);
    let [Command::Group(members)] = &commands[..] else { panic!("{commands:?}") };
    let meds = members.iter().map(|member| match member {
        Command::Announce { route, .. } | Command::Withdraw { route, .. } => route.attributes.med(),
        other => panic!("{other:?}"),
    });
    assert_eq!(meds.collect::<Vec<_>>(), [Some(9), None, Some(9)]);
    assert!(out.contains("\"errors\": [\"unknown action in group: bogus\"]"), "{out}");
    assert_eq!(says(Profile::V6, "peer * group"), "{\"error\": \"empty group\"}\nerror\n");
}

#[test]
fn a_group_has_a_bound() {
    let mut talk = Talk::new(Profile::V6);
    talk.feed(b"group start\n");
    talk.out.clear();
    let line = b"announce route 10.0.0.0/24 next-hop self\n";
    (0..100_001).for_each(|_| talk.feed(line));
    assert_eq!(finals(&talk.out), 100_001);
    assert!(talk.out.ends_with("done\n{\"error\": \"group buffer limit reached, group discarded\"}\nerror\n"));
    talk.commands.clear();
    talk.feed(line);
    assert!(matches!(&talk.commands[..], [Command::Announce { .. }]));
}

#[test]
fn long_lines_are_refused_once() {
    let longest = format!("# {}\n", "x".repeat(LONGEST_LINE - 2));
    for chunk in [16384, 1 << 20, usize::MAX] {
        let mut text = vec![b'x'; 3 << 20];
        text.extend_from_slice(b"\nversion\n");
        assert_eq!(talk(Profile::V5, &text, chunk).1, "error\nexabgp 5.0.15\ndone\n");
        text[LONGEST_LINE] = b'\n';
        text[LONGEST_LINE + 1] = b'\n';
        assert_eq!(talk(Profile::V5, &text, chunk).1, "error\nerror\nerror\nexabgp 5.0.15\ndone\n");
        assert_eq!(talk(Profile::V5, longest.as_bytes(), chunk).1, "done\n");
    }
}

#[test]
fn lines_wait_while_a_listing_is_under_way() {
    let mut client = Client::new(Profile::V5, true);
    let (mut commands, mut out) = (Vec::new(), String::new());
    let mut feed = |client: &mut Client, text: &[u8]| {
        client.feed(text, &daemon(), &mut |_| (), &mut commands);
        std::mem::take(&mut commands).len()
    };
    assert_eq!(feed(&mut client, b"version\nshow adj-rib out\nversion\nshow nei"), 2);
    assert_eq!(feed(&mut client, b"ghbor summary\nversion\n"), 0);
    client.reply(&Reply::Passed, &daemon(), UnixNanos(0), &mut out);
    assert!(client.busy());
    client.done(1, &mut out);
    assert!(client.busy(), "lines are kept");
    assert_eq!(feed(&mut client, b""), 2);
    client.reply(&Reply::Passed, &daemon(), UnixNanos(0), &mut out);
    client.done(1, &mut out);
    assert_eq!(feed(&mut client, b"reset\n"), 2);
    assert!(!client.busy());
    client.reply(&Reply::Passed, &daemon(), UnixNanos(0), &mut out);
    assert_eq!(out, "exabgp 5.0.15\ndone\ndone\nexabgp 5.0.15\ndone\ndone\nexabgp 5.0.15\ndone\n");
    // Somebody who goes on without waiting is not kept for ever.
    client.reply(&Reply::Passed, &daemon(), UnixNanos(0), &mut out);
    assert_eq!(feed(&mut client, b"show adj-rib out\n"), 1);
    (0..40).for_each(|_| assert_eq!(feed(&mut client, &b"announce eor\n".repeat(10_000)), 0));
    client.done(1, &mut out);
    let kept = feed(&mut client, b"the rest\nversion\n");
    assert!((150_000..200_000).contains(&kept), "{kept}");
}

#[test]
fn local_answers_keep_their_place_among_others() {
    let mut client = Client::new(Profile::V5, true);
    let (mut commands, mut out) = (Vec::new(), String::new());
    let text = "announce eor\nreload\nannounce eor\nannounce eor\nversion\nannounce eor\nrestart\n";
    client.feed(text.as_bytes(), &daemon(), &mut |_| (), &mut commands);
    assert_eq!(commands.len(), 7);
    client.done(4, &mut out);
    client.reply(&Reply::Passed, &daemon(), UnixNanos(0), &mut out);
    client.done(1, &mut out);
    client.reply(&Reply::Error("no"), &daemon(), UnixNanos(0), &mut out);
    let expected = "done\nreload in progress\ndone\ndone\ndone\nexabgp 5.0.15\ndone\ndone\nerror\n";
    assert_eq!(out, expected);
}

/// Short exchanges as programs have them with the three generations.
#[test]
fn transcripts() {
    let usage = "please specify summary, extensive or configuration|you can filter by peer ip address adding it after the word neighbor|done";
    for (profile, line, reply) in [
        (Profile::V5, "# a comment", "done"),
        (Profile::V5, "", "error"),
        (Profile::V4_2, "", "error"),
        (Profile::V4, "", "done"),
        (Profile::V6, "", "done"),
        (Profile::V5, "debug hello", ""),
        (Profile::V6, "debug", ""),
        (Profile::V4_2, "debug hello", "error"),
        (Profile::V5, "nonsense", "error"),
        (Profile::V5, "show neighbor", usage),
        (Profile::V4, "show neighbor", "usage: peer <ip> show [summary|extensive|configuration]|done"),
        (Profile::V5, "announce route 10.0.0.0/24", "error"),
        (Profile::V5, "announce route", "error"),
        (Profile::V5, "announce route 10.9.9.0/24 next-hop self", "done"),
        (Profile::V5, "withdraw route 10.200.0.0/24 next-hop 1.1.1.1", "done"),
        (Profile::V5, "announce ipv4 multicast 10.4.0.0/24 next-hop 192.0.2.1", "done"),
        (Profile::V5, "announce route 10.6.0.0/22 split /24 next-hop 192.0.2.1", "done"),
        (Profile::V5, "announce attributes next-hop 192.0.2.1", "error"),
        (Profile::V5, "announce eor ipv4", "error"),
        (Profile::V5, "announce eor foo bar", "error"),
        (Profile::V5, "announce route-refresh", "error"),
        (Profile::V5, "announce watchdog", "done"),
        (Profile::V5, "neighbor 127.0.0.3 teardown x", "error"),
        (Profile::V6, "system version", "{\"version\": \"5.0.15\", \"application\": \"exabgp\"}|done"),
        (Profile::V6, "system api version x", "{\"error\": \"Invalid version: x\"}|error"),
        (Profile::V6, "system api version", "{\"api_version\": 6, \"description\": \"json-only\"}|done"),
        (Profile::V4, "api version", "API version: 4 (legacy (text/json))|done"),
        (Profile::V4, "api version 6", "API version set to 6 (effective on next process restart)|done"),
        (Profile::V6, "session reset", "{\"status\": \"asynchronous queue cleared\"}|done"),
        (Profile::V4, "reset", "asynchronous queue cleared|done"),
        (Profile::V6, "daemon reload", "{\"status\": \"reload in progress\"}|done"),
        (Profile::V5, "restart", "restart in progress|done"),
    ] {
        let said = says(profile, line);
        assert_eq!(said.lines().collect::<Vec<_>>().join("|"), reply, "{line}");
    }
}

#[test]
fn a_chosen_version_counts_from_the_next_line_on() {
    let text = b"api version\napi version 6\nversion\napi version 4\nversion\nbogus\n";
    for chunk in [1, 20, usize::MAX] {
        let (_, out) = talk(Profile::V5, text, chunk);
        let lines: Vec<_> = out.lines().collect();
        assert_eq!(lines[4], "{\"version\": \"5.0.15\", \"application\": \"exabgp\"}");
        assert!(lines[6].contains("\"version\": 4"), "{out}");
        assert_eq!(lines[8..10], ["exabgp 5.0.15", "done"]);
    }
    let mut talk = Talk::new(Profile::V5);
    talk.feed(b"api version 6\n");
    assert_eq!(talk.client.profile(), Profile::V6);
}

fn vocabulary() -> Vec<String> {
    let forms = COMMANDS.iter().flat_map(|spec| [spec.action, spec.target, spec.example]);
    let more =
        ["neighbor", "peer", "[", "]", ",", "*", "127.0.0.1", "local-as", "65000", ";", "{", "#", "json", "debug"];
    forms.flat_map(|form| form.split(' ')).chain(more).map(str::to_owned).collect()
}

/// Words of the language in any order. What turns answers off is left out.
fn soup() -> impl Strategy<Value = String> {
    let words: Vec<_> =
        vocabulary().into_iter().filter(|word| !word.contains("ack") && !word.contains("debug")).collect();
    let word = prop_oneof![8 => proptest::sample::select(words), 1 => "[ -~]{0,12}", 1 => "\\PC{0,6}"];
    proptest::collection::vec(word, 0..10).prop_map(|words| words.join(" ").replace('\n', " "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// However octets are cut, the same commands and answers follow; each line has exactly one final answer.
    #[test]
    fn any_segmentation(lines in proptest::collection::vec(soup(), 1..6), chunk in 1usize..40) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let (commands, out) = talk(Profile::V5, text.as_bytes(), usize::MAX);
        let debug = lines.iter().filter(|line| line.trim().starts_with("debug")).count();
        let quiet = lines.iter().any(|line| line.contains("ack"));
        prop_assert!(quiet || finals(&out) == lines.len() - debug, "{}", out);
        prop_assert_eq!(talk(Profile::V5, text.as_bytes(), chunk), (commands, out));
    }

    #[test]
    fn any_octets(bytes in proptest::collection::vec(any::<u8>(), 0..200), chunk in 1usize..40) {
        let (commands, out) = talk(Profile::V6, &bytes, chunk);
        prop_assert_eq!(commands.len(), bytes.iter().filter(|b| **b == b'\n').count());
        prop_assert_eq!(talk(Profile::V6, &bytes, usize::MAX), (commands, out));
    }
}

#[test]
fn a_hundred_thousand_lines_of_words_in_any_order() {
    let words = vocabulary();
    let mut state = 1u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut talk = Talk::new(Profile::V6);
    for _ in 0..100_000 {
        let count = random(9);
        let line: Vec<&str> = (0..count).map(|_| &*words[random(words.len())]).collect();
        talk.feed(format!("{}\n", line.join(" ")).as_bytes());
        talk.commands.clear();
    }
    talk.out.clear();
    talk.feed(b"reset\nsession ack enable\n");
    assert!(talk.out.ends_with("done\n"));
    assert!(!talk.client.busy());
}

/// Where an answer has no room for the reason of a refusal, the log has it.
#[test]
fn reasons_that_are_not_answered_are_told() {
    for (profile, acks, told) in
        [(Profile::V6, true, false), (Profile::V6, false, true), (Profile::V5, true, true), (Profile::V4, true, false)]
    {
        let (mut heard, mut commands) = (Vec::new(), Vec::new());
        let mut client = Client::new(profile, acks);
        client.feed(b"announce rout 10.0.0.0/24\n", &daemon(), &mut |text| heard.push(text.to_owned()), &mut commands);
        assert_eq!((commands.len(), heard.len()), (1, usize::from(told)), "{profile:?} {acks} {heard:?}");
        assert!(heard.iter().all(|text| text.starts_with("`announce rout 10.0.0.0/24` is refused: ")), "{heard:?}");
    }
}

/// A command that is not complete is told how it goes on, each word once.
#[test]
fn what_follows_is_said() {
    for (line, says) in [
        ("daemon", "`daemon` goes on (valid here: shutdown reload restart status)"),
        ("rib show", "`rib show` goes on (valid here: in out)"),
        ("show adj-rib", "`adj-rib` goes on (valid here: in out)"),
    ] {
        assert_eq!(talk(Profile::V6, format!("{line}\n").as_bytes(), usize::MAX).1, format!("error: {says}\nerror\n"));
    }
    let said = talk(Profile::V6, b"announce bogus\n", usize::MAX).1;
    assert_eq!(said.matches(" ipv4 ").count(), 1, "{said}");
}
