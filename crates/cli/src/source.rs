//! What every subcommand needs to know of the outside: settings, files, the generation that is served.

use herald_api::Profile;
use herald_bgp::text::Diagnostic;
use herald_config::{Environment, Loaded, Style};
use std::io;
use std::path::{Path, PathBuf};

/// Settings from the process environment and the environment file.
pub fn environment(file: Option<&Path>) -> Result<Environment, String> {
    let chosen = file.map(Path::to_owned).or_else(|| std::env::var_os("EXABGP_ENVFILE").map(PathBuf::from));
    let path = chosen.clone().unwrap_or_else(|| "/etc/exabgp/exabgp.env".into());
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if chosen.is_some() => return Err(format!("{}: cannot be read: {error}", path.display())),
        Err(_) => None,
    };
    // One that is not UTF-8 cannot be a setting of ours.
    let variables = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
    Environment::read(variables, text.as_deref()).map_err(|problems| {
        let line = |n: u32| {
            text.as_ref().and_then(|t| t.lines().nth(usize::try_from(n).ok()?.checked_sub(1)?)).map(str::to_owned)
        };
        let show = |problem: &Diagnostic| {
            // A mistake in a variable is in no line.
            let place = if problem.at.line == 0 { "the environment".into() } else { path.display().to_string() };
            herald_config::render(std::slice::from_ref(problem), &place, line, Style::Caret)
        };
        problems.iter().map(show).collect()
    })
}

/// Which generation of programs is served: `exabgp.api.version`.
pub fn profile() -> Result<Profile, String> {
    profile_of(&environment(None)?)
}

/// The same, of settings that are known.
pub fn profile_of(environment: &Environment) -> Result<Profile, String> {
    let version = environment.value("api", "version");
    if version.is_empty() {
        return Ok(Profile::default());
    }
    Profile::parse(version).ok_or_else(|| format!("exabgp.api.version: `{version}` is neither 4, 5 nor 6"))
}

/// Reads a configuration for looking at it.
pub fn load(file: &str) -> Result<Loaded, String> {
    herald_daemon::files::load(Path::new(file), &environment(None)?, herald_daemon::host(), Style::Caret)
}

/// Name and domain of this machine.
pub fn host() -> (String, String) {
    herald_daemon::host().unwrap_or_default()
}

/// The version programs that know ExaBGP are told: a release whose behaviour is followed.
pub fn spoken_version(environment: &Environment, profile: Profile) -> String {
    let set = environment.variable("exabgp_version").or_else(|| environment.variable("EXABGP_VERSION"));
    set.unwrap_or(profile.release).to_owned()
}

/// A reader that went away is no mistake of ours to explain.
pub fn quiet(result: io::Result<()>) -> Result<(), String> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(String::new()),
        other => other.map_err(|error| error.to_string()),
    }
}
