//! Giving up what is no longer needed: the terminal, the rights of root, another daemon's place.

use crate::sys;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// User and group to become, if this one is root and they are others. Error: one sentence.
pub fn successor(user: &str) -> Result<Option<(u32, u32)>, String> {
    let (uid, gid) = sys::user();
    if uid != 0 && gid != 0 {
        return Ok(None);
    }
    match sys::find_user(user) {
        Some(ids) => Ok(Some(ids).filter(|ids| *ids != (uid, gid))),
        None => Err(format!("there is no user `{user}` to run as: set exabgp.daemon.user to one that exists")),
    }
}

/// Becomes another user for good, if this one is root. Error: one sentence.
pub fn drop_to(user: &str) -> Result<(), String> {
    let Some((uid, gid)) = successor(user)? else { return Ok(()) };
    sys::become_user(uid, gid).map_err(|error| format!("cannot become user `{user}`: {error}"))
}

/// Says who runs, until dropped.
#[derive(Debug)]
pub struct PidFile {
    path: PathBuf,
    pid: u32,
}

impl PidFile {
    /// Creates it; one that a dead process left behind is taken over. Error: one sentence.
    pub fn create(path: &Path) -> Result<PidFile, String> {
        let pid = std::process::id();
        let mut file = match create(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let owner = fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok());
                if let Some(owner) = owner.filter(|owner| *owner != pid && sys::is_running(*owner)) {
                    return Err(format!(
                        "process {owner} is running, says {}: stop it first, or set exabgp.daemon.pid to another file",
                        path.display()
                    ));
                }
                let _ = fs::remove_file(path);
                create(path)
            }
            other => other,
        }
        .map_err(|error| {
            let remedy = match error.kind() {
                io::ErrorKind::NotFound => "create its folder",
                _ => "let the daemon's user write there",
            };
            format!("cannot create the pid file {}: {error}: {remedy}, or set exabgp.daemon.pid", path.display())
        })?;
        let written = writeln!(file, "{pid}");
        written.map_err(|error| format!("cannot write the pid file {}: {error}", path.display()))?;
        Ok(PidFile { path: path.to_owned(), pid })
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        // A fork of ours, or whoever took it over since, keeps it.
        let ours = fs::read_to_string(&self.path).is_ok_and(|text| text.trim() == self.pid.to_string());
        if ours && self.pid == std::process::id() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Never through a link, never over something that is there.
fn create(path: &Path) -> io::Result<fs::File> {
    OpenOptions::new().write(true).create_new(true).mode(0o644).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_pid_file_is_taken_over_and_a_live_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pid");
        let read = || fs::read_to_string(&path).unwrap();
        {
            let _file = PidFile::create(&path).unwrap();
            assert_eq!(read(), format!("{}\n", std::process::id()));
        }
        assert!(!path.exists());
        fs::write(&path, "999999999\n").unwrap();
        drop(PidFile::create(&path).unwrap());
        fs::write(&path, "1\n").unwrap();
        let error = PidFile::create(&path).unwrap_err();
        assert!(error.contains("process 1 is running"), "{error}");
        assert_eq!(read(), "1\n");
        let error = PidFile::create(&folder.path().join("missing/pid")).unwrap_err();
        assert!(error.ends_with(": create its folder, or set exabgp.daemon.pid"), "{error}");
    }

    #[test]
    fn an_unknown_user_is_refused() {
        if sys::user().0 == 0 {
            assert!(drop_to("no such user").unwrap_err().contains("no such user"));
        }
    }
}
