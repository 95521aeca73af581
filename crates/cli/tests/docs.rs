//! Every example of the documentation, run as a reader would run it.
//!
//! A block marked `herald` is a configuration and has to be valid; with `file=NAME` it is there under that name for what comes
//! behind it on the page. A block marked `console` has lines that begin with `$ `, which are run by a shell, and between
//! them what they print: `…` stands for anything, and a line that begins with `! ` for what is told when they fail.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn pages() -> Vec<PathBuf> {
    let how_to = std::fs::read_dir(root().join("docs/how-to")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> = how_to.collect();
    pages.extend([root().join("README.md"), root().join("docs/tutorial.md")]);
    pages.sort();
    pages
}

/// A fenced block: what it is marked with, and what is in it.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(mark)) => open = Some((mark.to_owned(), String::new())),
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some((_, inside)), None) => {
                inside.push_str(line);
                inside.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block without an end");
    found
}

/// A folder as a reader has it: the examples are there, and `herald` is on the path.
struct Reader(TempDir);

impl Reader {
    fn new() -> Reader {
        let folder = TempDir::new().unwrap();
        std::os::unix::fs::symlink(root().join("examples"), folder.path().join("examples")).unwrap();
        std::fs::create_dir(folder.path().join("bin")).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_herald"), folder.path().join("bin/herald")).unwrap();
        Reader(folder)
    }

    fn run(&self, command: &str) -> std::process::Output {
        let path = std::env::var("PATH").unwrap_or_default();
        Command::new("sh")
            .args(["-c", command])
            .current_dir(self.0.path())
            .env("PATH", format!("{}:{path}", self.0.path().join("bin").display()))
            .output()
            .unwrap()
    }

    fn configuration(&self, mark: &str, text: &str) {
        let name = mark.split_once("file=").map_or("example.conf", |(_, name)| name.trim());
        std::fs::write(self.0.path().join(name), text).unwrap();
        let output = self.run(&format!("herald validate {name}"));
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    }

    fn console(&self, text: &str) {
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let command = line.strip_prefix("$ ").unwrap_or_else(|| panic!("no command: {line}"));
            let mut expected = Vec::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                expected.push(line);
            }
            let output = self.run(command);
            let fails = expected.iter().any(|line| line.starts_with("! ")) || command.starts_with("herald explain");
            let said = if fails && output.stdout.is_empty() { &output.stderr } else { &output.stdout };
            let said = String::from_utf8_lossy(said).into_owned();
            assert_eq!(output.status.success(), !fails, "$ {command}\n{output:?}");
            let expected: Vec<&str> = expected.iter().map(|line| line.strip_prefix("! ").unwrap_or(line)).collect();
            assert!(
                fits(&expected, &said.lines().collect::<Vec<_>>()),
                "$ {command}\n{said}\ninstead of\n{expected:#?}"
            );
        }
    }
}

/// Lines are as expected.
fn fits(expected: &[&str], said: &[&str]) -> bool {
    let Some((first, rest)) = expected.split_first() else { return said.is_empty() };
    if *first == "…" {
        return (0..=said.len()).any(|n| fits(rest, said.get(n..).unwrap_or(&[])));
    }
    let Some((line, behind)) = said.split_first() else { return false };
    let same = match first.strip_suffix('…') {
        Some(start) => line.starts_with(start),
        None => line == first,
    };
    same && fits(rest, behind)
}

#[test]
fn every_example() {
    let mut examples = 0;
    for page in pages() {
        let reader = Reader::new();
        for (mark, text) in blocks(&std::fs::read_to_string(&page).unwrap()) {
            let kind = mark.split(' ').next().unwrap_or("");
            match kind {
                "herald" => reader.configuration(&mark, &text),
                "console" => reader.console(&text),
                _ => continue,
            }
            examples += 1;
        }
    }
    assert!(examples > 15, "{examples}");
}

#[test]
fn every_link_leads_somewhere() {
    let mut more = pages();
    more.extend(["CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md"].map(|page| root().join(page)));
    for page in more {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or("");
            if path.is_empty() || path.contains("://") {
                continue;
            }
            let target = page.parent().unwrap().join(path);
            assert!(target.exists(), "{}: {link}", page.display());
        }
    }
}

#[test]
fn what_fits() {
    assert!(fits(&["a", "…", "c…"], &["a", "b", "b", "cd"]));
    assert!(!fits(&["a", "…", "c"], &["a", "b"]));
    assert!(!fits(&[], &["a"]) && !fits(&["a"], &[]) && fits(&["…"], &[]));
}
