//! Configuration files: opened, read and reported on.

use herald_bgp::text::Diagnostic;
use herald_config::{Context, Environment, Loaded, Style};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What came of a file.
pub type Read = Result<Loaded, String>;

/// Reads a configuration file. Error: every mistake in it, for people.
pub fn load(file: &Path, environment: &Environment, host: Option<(String, String)>, style: Style) -> Read {
    let name = file.display().to_string();
    let open = || File::open(file).map_err(|error| format!("{name}: cannot be read: {error}\n"));
    let resolve = |program: &str| find(program, file);
    let (host_name, domain_name) = host.map_or((None, String::new()), |(host, domain)| (Some(host), domain));
    let version = concat!("Herald/", env!("CARGO_PKG_VERSION")).to_owned();
    let context = Context { host_name, domain_name, version, resolve: &resolve };
    let text = open()?;
    if text.metadata().is_ok_and(|m| !m.is_file()) {
        return Err(format!("{name}: is not a file\n"));
    }
    let mut loaded = herald_config::load(BufReader::with_capacity(1 << 16, text), environment, &context)
        .map_err(|problems| report(&problems, file, style))?;
    let logged = environment.log().narrates();
    loaded.config.peers.iter_mut().filter(|_| logged).for_each(|peer| Arc::make_mut(peer).logged = true);
    Ok(loaded)
}

/// Diagnostics about a file, with its lines.
pub fn report(problems: &[Diagnostic], file: &Path, style: Style) -> String {
    let line = |number: u32| {
        let lines = BufReader::new(File::open(file).ok()?).lines();
        lines.map_while(Result::ok).nth(usize::try_from(number).ok()?.checked_sub(1)?)
    };
    herald_config::render(problems, &file.display().to_string(), line, style)
}

/// Finds the program of a `run` statement: the last that exists of those it may mean.
fn find(program: &str, file: &Path) -> Result<PathBuf, String> {
    let path = Path::new(program);
    let folder = file.parent().map_or_else(PathBuf::new, Path::to_owned);
    let folder = std::path::absolute(&folder).unwrap_or(folder);
    let candidates: Vec<PathBuf> = if path.is_absolute() {
        vec![path.to_owned()]
    } else if let Ok(rest) = path.strip_prefix("etc/exabgp") {
        let root = std::env::var_os("EXABGP_ETC").map(PathBuf::from);
        let here = std::env::current_dir().unwrap_or_default();
        [here.join(path), Path::new("/etc/exabgp").join(rest)].into_iter().chain(root.map(|r| r.join(rest))).collect()
    } else {
        let searched = std::env::var_os("PATH").unwrap_or_default();
        let searched: Vec<PathBuf> = std::env::split_paths(&searched).map(|folder| folder.join(path)).collect();
        [Path::new("/etc/exabgp").join(path), folder.join(path)].into_iter().chain(searched).collect()
    };
    let Some(found) = candidates.into_iter().rev().find(|candidate| candidate.exists()) else {
        return Err("it does not exist".into());
    };
    let meta = found.metadata().map_err(|error| error.to_string())?;
    if !meta.is_file() {
        return Err("it is not a file".into());
    }
    if meta.mode() & 0o6000 != 0 {
        return Err("it is set-uid or set-gid".into());
    }
    if meta.permissions().mode() & 0o111 == 0 {
        return Err(format!("it is not executable: chmod +x {}", found.display()));
    }
    Ok(found)
}
