//! Helper programs as processes: how they start, and how they end without leaving anything behind.

use crate::sys;
use herald_speaker::ExitStatus;
use herald_speaker::config::ProcessConfig;
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Asked of the system for each pipe; what it gives is enough.
const PIPE: i32 = 1 << 20;
/// Between the last event and SIGTERM.
pub const GRACE: Duration = Duration::from_millis(100);

/// A helper that runs.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// Process and group.
    pub pid: u32,
}

/// Starts a helper in a group of its own. Its standard input and output come with it; standard error is ours.
pub fn spawn(config: &ProcessConfig) -> io::Result<(Process, pipe::Sender, pipe::Receiver)> {
    let (program, arguments) = config.run.split_first().ok_or_else(|| io::Error::other("nothing to run"))?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("TERM", "dumb")
        .env_remove("exabgp_cli_pipe")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .process_group(0);
    sys::prepare(&mut command);
    let mut child = command.spawn()?;
    let missing = || io::Error::other("a pipe is missing");
    let stdin = child.stdin.take().ok_or_else(missing)?.into_owned_fd()?;
    let stdout = child.stdout.take().ok_or_else(missing)?.into_owned_fd()?;
    sys::set_pipe_size(stdin.as_fd(), PIPE);
    sys::set_pipe_size(stdout.as_fd(), PIPE);
    let pid = child.id().ok_or_else(missing)?;
    Ok((Process { child, pid }, pipe::Sender::from_owned_fd(stdin)?, pipe::Receiver::from_owned_fd(stdout)?))
}

/// Why a helper could not be started, and what to do about it where that is known.
pub fn why(config: &ProcessConfig, error: &io::Error) -> String {
    let there = config.run.first().is_some_and(|program| Path::new(program).exists());
    match error.kind() {
        io::ErrorKind::NotFound if there => {
            "the file is there, but the interpreter its first line names may not be".to_owned()
        }
        io::ErrorKind::PermissionDenied => format!("{error}: let the daemon's user read and run it"),
        _ => error.to_string(),
    }
}

impl Process {
    /// Waits for its end, and ends what it started itself.
    pub async fn wait(&mut self) -> ExitStatus {
        let status = self.child.wait().await;
        sys::signal_group(self.pid, libc::SIGKILL);
        match status {
            Ok(status) => match (status.code(), status.signal()) {
                (Some(code), _) => ExitStatus::Code(code),
                (None, signal) => ExitStatus::Signal(signal.unwrap_or(0)),
            },
            Err(_) => ExitStatus::Code(-1),
        }
    }

    /// Ends it and all of its group: SIGTERM, and what is left after `patience`, SIGKILL. False if it goes on all the
    /// same: one that was started before root was given up cannot be signalled.
    pub async fn end(&mut self, patience: Duration) -> bool {
        let patience = if sys::signal_group(self.pid, libc::SIGTERM) { patience } else { GRACE };
        if timeout(patience, self.child.wait()).await.is_err() {
            sys::signal_group(self.pid, libc::SIGKILL);
            if timeout(patience, self.child.wait()).await.is_err() {
                return false;
            }
        }
        sys::signal_group(self.pid, libc::SIGKILL);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use herald_speaker::config::Encoder;
    use std::os::unix::fs::PermissionsExt as _;

    fn shell(script: &str) -> ProcessConfig {
        let run = ["/bin/sh", "-c", script].map(String::from).to_vec();
        ProcessConfig { name: "test".into(), run, encoder: Encoder::Text, respawn: true }
    }

    async fn output(pipe: &pipe::Receiver) -> String {
        let mut out = Vec::new();
        loop {
            pipe.readable().await.unwrap();
            let mut buffer = [0; 4096];
            match pipe.try_read(&mut buffer) {
                Ok(0) => return String::from_utf8(out).unwrap(),
                Ok(n) => out.extend_from_slice(&buffer[..n]),
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
            }
        }
    }

    #[tokio::test]
    async fn a_helper_has_its_own_group_three_descriptors_and_a_dumb_terminal() {
        let script = "echo $TERM; ls /proc/self/fd | wc -l; cut -d' ' -f5 /proc/$$/stat; exit 3";
        let (mut process, _stdin, stdout) = spawn(&shell(script)).unwrap();
        let (pid, text) = (process.pid, output(&stdout).await);
        // `ls` opens the folder itself, too.
        assert_eq!(text, format!("dumb\n4\n{pid}\n"));
        assert_eq!(process.wait().await, ExitStatus::Code(3));
    }

    #[tokio::test]
    async fn nothing_is_left_of_a_group_that_does_not_want_to_end() {
        let script = "trap '' TERM; (trap '' TERM; sleep 60) & echo $!; sleep 60";
        let (mut process, _stdin, stdout) = spawn(&shell(script)).unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let pid = process.pid;
        assert!(process.end(Duration::from_millis(50)).await);
        assert!(!output(&stdout).await.is_empty());
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(members(pid), 0);
    }

    /// Processes of a group that run; the dead ones their parent has not asked for do not count.
    fn members(group: u32) -> usize {
        let stats = std::fs::read_dir("/proc").unwrap().flatten();
        let stats = stats.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
        let fields = stats.filter_map(|stat| {
            let mut fields = stat.rsplit(") ").next()?.split(' ');
            Some((fields.next()?.to_owned(), fields.nth(1)?.parse::<u32>().ok()?))
        });
        fields.filter(|(state, pgrp)| *pgrp == group && state != "Z").count()
    }

    #[tokio::test]
    async fn what_cannot_be_started_says_why() {
        let config = ProcessConfig { run: vec!["/nowhere/at/all".into()], ..shell("") };
        let error = spawn(&config).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert_eq!(why(&config, &error), error.to_string());
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("script");
        std::fs::write(&script, "#!/nowhere/at/all\n").unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let config = ProcessConfig { run: vec![script.to_str().unwrap().to_owned()], ..shell("") };
        let error = spawn(&config).unwrap_err();
        assert!(why(&config, &error).contains("interpreter"), "{error}");
    }
}
