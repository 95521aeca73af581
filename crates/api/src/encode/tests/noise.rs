//! Whatever peers put into messages: a line stays a line, and JSON stays JSON.

use super::*;
use herald_bgp::capability::code;
use proptest::prelude::*;

/// Reads one JSON value strictly, every key once; what is behind it.
fn value(text: &str) -> Result<&str, String> {
    let text = text.trim_start_matches(' ');
    let wrong = || Err(format!("at {text:.60}"));
    match text.chars().next() {
        Some('{') => members(&text[1..], '}', true),
        Some('[') => members(&text[1..], ']', false),
        Some('"') => string(text).map(|(_, rest)| rest),
        _ => {
            let end = text.find([',', ' ', '}', ']', '\n']).unwrap_or(text.len());
            let word = &text[..end];
            let known =
                ["true", "false", "null"].contains(&word) || (word.parse::<f64>().is_ok() && !word.starts_with('+'));
            if known { Ok(&text[end..]) } else { wrong() }
        }
    }
}

fn members(mut text: &str, close: char, keyed: bool) -> Result<&str, String> {
    let mut keys = Vec::new();
    loop {
        text = text.trim_start_matches(' ');
        if let Some(rest) = text.strip_prefix(close) {
            return if keys.is_empty() || !keyed { Ok(rest) } else { Err(format!("a comma too many at {rest:.60}")) };
        }
        if keyed {
            let (key, rest) = string(text)?;
            if keys.contains(&key) {
                return Err(format!("{key} twice"));
            }
            keys.push(key);
            text = rest.trim_start_matches(' ').strip_prefix(':').ok_or("no colon")?;
        }
        text = value(text)?.trim_start_matches(' ');
        if let Some(rest) = text.strip_prefix(close) {
            return Ok(rest);
        }
        text = text.strip_prefix(',').ok_or_else(|| format!("no comma at {text:.60}"))?;
    }
}

fn string(text: &str) -> Result<(&str, &str), String> {
    let inside = text.strip_prefix('"').ok_or_else(|| format!("no string at {text:.60}"))?;
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Ok((&inside[..at], &inside[at + 1..])),
            ' '..='~' => (),
            _ => return Err(format!("{c:?} in a string")),
        }
    }
    Err("an open string".into())
}

#[test]
fn the_reader_of_these_tests_is_strict() {
    for wrong in
        ["{ \"a\": 1, \"a\": 2 }", "{ \"a\": 1, }", "[ 1 2 ]", "{ \"a\": }", "[ \"\u{e9}\" ]", "{ \"a\": \"\"b\"\" }"]
    {
        assert!(value(wrong).is_err(), "{wrong}");
    }
    assert_eq!(value("{ \"a\": [ 1.5, {}, [] ], \"b\": null } x"), Ok(" x"));
}

fn check_line(line: &str) -> Result<(), TestCaseError> {
    let body = line.strip_suffix('\n').ok_or_else(|| TestCaseError::fail("no line end"))?;
    let rest = value(body).map_err(|why| TestCaseError::fail(format!("{why}: {line}")))?;
    prop_assert_eq!(rest, "", "{}", line);
    prop_assert!(body.is_ascii() && !body.contains('\n'));
    Ok(())
}

prop_compose! {
    /// Messages with noise where peers put theirs; some with a frame that makes sense of it.
    fn messages()(
        kind in 0_u8..9,
        noise in prop::collection::vec(any::<u8>(), 0..80),
        shape in 0..4_usize,
    ) -> Vec<u8> {
        let len = u8::try_from(noise.len()).unwrap();
        let body = match (Kind(kind), shape) {
            (Kind::OPEN, 0..=2) => {
                let code = [code::HOSTNAME, code::SOFTWARE_VERSION, noise.first().copied().unwrap_or(0)][shape.min(2)];
                let value = match code {
                    code::HOSTNAME => [&[len][..], &noise, &[0]].concat(),
                    code::SOFTWARE_VERSION => [&[len][..], &noise].concat(),
                    _ => noise,
                };
                let mut open = Open::new(1, 2, Ipv4Addr::LOCALHOST);
                open.capabilities = vec![(1, vec![0, 1, 0, 1]), (code, value.clone()), (200, value)];
                let mut out = Vec::new();
                open.write(&mut out);
                return out;
            }
            (Kind::NOTIFICATION, 0) => [&[6, 2, len][..], &noise].concat(),
            (Kind::OPERATIONAL, 0) => [&[0, 1, 0, len + 3, 0, 1, 1][..], &noise].concat(),
            (Kind::UPDATE, 0) => [&hex("000000154001010040020040050400000064400304c0000201")[..], &noise].concat(),
            (Kind::UPDATE, 1) => [&[0, 0, 0, len][..], &noise].concat(),
            (Kind::UPDATE, 2) => {
                let known = hex("40010100400200400504000000644003 04c0000201".replace(' ', "").as_str());
                let total = u8::try_from(known.len()).unwrap() + len + 3;
                let code = noise.first().copied().unwrap_or(99);
                [&[0, 0, 0, total][..], &known, &[0xc0, code, len], &noise, &[8, 10]].concat()
            }
            _ => noise,
        };
        wire(Kind(kind), &body)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn whatever_a_peer_sends_is_one_line_of_json(bytes in messages(), sent: bool, path_ids: bool, compact: bool) {
        let direction = if sent { Direction::Send } else { Direction::Receive };
        let what = What::Message { direction, bytes: &bytes, faults: &[] };
        for dialect in ALL {
            for form in [Form::Parsed, Form::Packets, Form::Consolidated] {
                let (mut json, mut text) = (String::new(), String::new());
                let mut encoder = encoder(dialect, compact);
                let event = Event { peer: &peer(true, path_ids), what };
                encoder.event(&event, WALL, config::Encoder::Json, form, &mut json);
                encoder.event(&event, WALL, config::Encoder::Text, form, &mut text);
                if !json.is_empty() {
                    check_line(&json)?;
                }
                prop_assert_eq!(json.is_empty(), text.is_empty());
                prop_assert!(text.is_ascii() && text.bytes().all(|b| b == b'\n' || b >= b' '));
                let update = bytes.get(18) == Some(&2) && form != Form::Packets;
                prop_assert!(update || text.trim_end_matches('\n').lines().count() <= 1, "{}", text);
            }
        }
    }

    #[test]
    fn whatever_a_reason_says_is_one_line_of_json(reason in "\\PC*|[\\x00-\\x7f]*", name in "[\\x00-\\x7f]*") {
        for dialect in ALL {
            for what in [What::Down(&reason), What::Signal { number: 1, name: &name }] {
                check_line(&line(dialect, &peer(true, false), what, true, Form::Parsed))?;
            }
        }
    }
}
