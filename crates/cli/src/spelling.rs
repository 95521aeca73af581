//! Command lines as they were written for ExaBGP, in today's spelling: a missing `server`, the flags that were
//! subcommands in release 4, the name the program was started under, a family in two words.

use herald_bgp::family::{Afi, Safi};
use std::ffi::{OsStr, OsString};
use std::path::Path;

const SUBCOMMANDS: [&str; 11] =
    ["server", "validate", "version", "decode", "encode", "explain", "env", "replay", "demo", "demo-helper", "help"];

/// Release 4: a flag, the words it stands for, and whether a value comes with it.
const FLAGS: [(&[&str], &[&str], bool); 7] = [
    (&["--test", "-t", "--validate"], &["validate"], false),
    (&["--decode", "-x"], &["decode"], true),
    (&["--version"], &["version"], false),
    (&["--fi", "--full-ini"], &["env"], false),
    (&["--fe", "--full-env"], &["env", "--env"], false),
    (&["--di", "--diff-ini"], &["env", "--diff"], false),
    (&["--de", "--diff-env"], &["env", "--env", "--diff"], false),
];

/// Where it was installed: nothing of ours depends on it.
const ROOT: [&str; 2] = ["--root", "-f"];

/// The command line to be parsed, and whether it was `exabgp` that was called.
pub fn modern(mut arguments: Vec<OsString>) -> (Vec<OsString>, bool) {
    let name = arguments.first().and_then(|name| Path::new(name).file_name()).map(OsStr::to_owned);
    let as_exabgp = name.is_some_and(|name| name == "exabgp");
    let first = arguments.get(1).and_then(|word| word.to_str()).unwrap_or("").to_owned();
    match first.as_str() {
        "configuration" => {
            arguments.remove(1);
        }
        "" | "-h" | "--help" => {}
        "--version" | "-V" if !as_exabgp => {}
        "-V" => arguments = replace(arguments, &["version"], &[]),
        "decode" | "explain" | "encode" => join_family(&mut arguments),
        word if SUBCOMMANDS.contains(&word) => {}
        _ if as_exabgp || first.starts_with('-') || Path::new(&first).exists() => arguments = flags(arguments),
        _ => {}
    }
    (arguments, as_exabgp)
}

/// No subcommand: one of the old flags may stand for it, otherwise it is `server`.
fn flags(arguments: Vec<OsString>) -> Vec<OsString> {
    for (names, words, takes_value) in FLAGS {
        let is = |argument: &OsString| names.iter().any(|name| argument == name);
        let Some(at) = arguments.iter().skip(1).position(is).map(|at| at + 1) else { continue };
        let mut rest: Vec<OsString> = Vec::new();
        let value = takes_value.then(|| arguments.get(at + 1).cloned()).flatten();
        for (i, argument) in arguments.iter().enumerate().skip(1) {
            if i == at || (value.is_some() && i == at + 1) {
                continue;
            }
            rest.push(argument.clone());
        }
        if let Some(value) = value {
            // What is left is the configuration that says how to read it.
            rest.retain(|argument| !argument.to_string_lossy().starts_with('-'));
            let files = rest.into_iter().flat_map(|file| [OsString::from("--configuration"), file]);
            let rest: Vec<OsString> = [value].into_iter().chain(files.take(2)).collect();
            return replace(arguments, words, &rest);
        }
        let none = matches!(words.first(), Some(&"version" | &"env"));
        return replace(arguments, words, if none { &[] } else { &rest });
    }
    let mut rest: Vec<OsString> = arguments.iter().skip(1).cloned().collect();
    while let Some(at) = rest.iter().position(|argument| ROOT.iter().any(|name| argument == name)) {
        rest.drain(at..(at + 2).min(rest.len()));
    }
    replace(arguments, &["server"], &rest)
}

/// `-f ipv4 flow` as `-f "ipv4 flow"`: the octets may stand behind either.
fn join_family(arguments: &mut Vec<OsString>) {
    // short flags may stand together: -nf
    let asks =
        |word: &str| word == "--family" || word.ends_with('f') && word.starts_with('-') && !word.starts_with("--");
    let found = arguments.windows(3).position(|words| match words {
        [flag, afi, safi] => {
            flag.to_str().is_some_and(asks)
                && afi.to_str().and_then(Afi::parse).is_some()
                && safi.to_str().and_then(Safi::parse).is_some()
        }
        _ => false,
    });
    let Some(at) = found else { return };
    let safi = arguments.remove(at + 2);
    if let Some(family) = arguments.get_mut(at + 1) {
        family.push(" ");
        family.push(safi);
    }
}

fn replace(arguments: Vec<OsString>, words: &[&str], rest: &[OsString]) -> Vec<OsString> {
    let name = arguments.into_iter().next().unwrap_or_default();
    [name].into_iter().chain(words.iter().map(OsString::from)).chain(rest.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(line: &str) -> String {
        let (arguments, _) = modern(line.split(' ').map(OsString::from).collect());
        let quoted = |word: &OsString| match word.to_string_lossy() {
            word if word.contains(' ') => format!("'{word}'"),
            word => word.into_owned(),
        };
        arguments.iter().skip(1).map(quoted).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_old_command_lines_mean_what_they_meant() {
        let table = [
            ("/usr/sbin/exabgp /etc/exabgp/exabgp.conf", "server /etc/exabgp/exabgp.conf"),
            ("exabgp -d a.conf b.conf", "server -d a.conf b.conf"),
            ("exabgp -e /etc/exabgp/exabgp.env a.conf", "server -e /etc/exabgp/exabgp.env a.conf"),
            ("exabgp server a.conf", "server a.conf"),
            ("exabgp --test a.conf", "validate a.conf"),
            ("exabgp a.conf -t", "validate a.conf"),
            ("exabgp configuration validate -nrv a.conf", "validate -nrv a.conf"),
            ("exabgp validate a.conf", "validate a.conf"),
            ("exabgp --decode FFFF a.conf", "decode FFFF --configuration a.conf"),
            ("exabgp -d -x FFFF", "decode FFFF"),
            ("herald decode -n -f ipv4 flow 0D01", "decode -n -f 'ipv4 flow' 0D01"),
            ("herald explain 0D01 --family ipv4 flow -n", "explain 0D01 --family 'ipv4 flow' -n"),
            ("herald decode -nf ipv4 flow 0D01", "decode -nf 'ipv4 flow' 0D01"),
            ("herald decode -n -f ipv4 0D01", "decode -n -f ipv4 0D01"),
            ("exabgp --version", "version"),
            ("exabgp --fi", "env"),
            ("exabgp --de", "env --env --diff"),
            ("exabgp --root /opt/exabgp --once a.conf", "server --once a.conf"),
            ("herald --version", "--version"),
            ("herald no-such-word", "no-such-word"),
            ("herald -P a.conf", "server -P a.conf"),
            ("herald", ""),
        ];
        for (old, new) in table {
            assert_eq!(spelled(old), new, "{old}");
        }
    }
}
