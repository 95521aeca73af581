//! The life of the daemon: read, listen, start, wait, end.

use crate::bridge::{self, Core};
use crate::edge::{self, Manners};
use crate::files;
use crate::inbox;
use crate::log::{self, Destination, LogOptions};
use crate::privilege::{self, PidFile};
use crate::record::{Batch, Record};
use crate::recorder::Recorder;
use crate::sys;
use herald_api::Profile;
use herald_api::reply::Daemon;
use herald_config::env::{DaemonSettings, LogDestination, LogLevel, LogSettings};
use herald_config::{Environment, Style};
use herald_speaker::Input;
use herald_speaker::config::Config;
use herald_speaker::event::Level;
use herald_speaker::time::{Now, UnixNanos};
use std::cell::Cell;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::{LocalSet, spawn_blocking, spawn_local};
use tokio::time::{sleep, timeout};

/// How long peers may take to hear that we end.
const FAREWELL: Duration = Duration::from_secs(1);

/// What the daemon is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Configuration files: all of them together, or with `exabgp.debug.rotate` one after the other.
    pub files: Vec<PathBuf>,
    /// Settings.
    pub environment: Environment,
    /// Which generation of programs is served.
    pub profile: Profile,
    /// What `version` says.
    pub version: String,
    /// Reload once, after this.
    pub reload_after: Option<Duration>,
}

/// Runs until told to end. Gives the exit code; an error is one sentence, or the mistakes in a file.
pub fn run(options: Options) -> Result<u8, String> {
    // what is signalled while a large file is read is done behind it
    sys::hold_signals(true);
    let result = start(options);
    sys::hold_signals(false);
    result
}

fn start(options: Options) -> Result<u8, String> {
    sys::map_tables();
    let settings = options.environment.daemon();
    sys::set_umask(settings.umask);
    let options = Options { files: options.files.iter().map(|file| absolute(file)).collect(), ..options };
    let settings = DaemonSettings { record: settings.record.map(|path| absolute(&path)), ..settings };
    let (config, warnings) = read(&options, 0, Style::Caret)?;
    let mut logs = log_options(&options.environment.log());
    let on_terminal = matches!(logs.destination, Destination::Stdout | Destination::Stderr);
    if settings.daemonize && !on_terminal {
        // Threads do not survive this: it comes before the first of them.
        sys::daemonize().map_err(|error| format!("cannot go to the background: {error}\n"))?;
    }
    let sink = log::start(logs.clone()).or_else(|error| {
        let lost = std::mem::replace(&mut logs.destination, Destination::Stderr);
        let sink = log::start(logs)?;
        log::say(Level::Warning, "daemon", format_args!("{}; until then to stderr", lost.refused(&error)));
        Ok(sink)
    });
    let sink = sink.map_err(|error: std::io::Error| format!("cannot start logging: {error}\n"))?;
    log_lines(Level::Warning, &warnings);
    if settings.daemonize && on_terminal {
        log::say(Level::Warning, "daemon", format_args!("not in the background: the log goes to the terminal"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}\n"))?;
    let result = LocalSet::new().block_on(&runtime, live(options, settings, config));
    if let (Err(why), false) = (&result, on_terminal) {
        log_lines(Level::Critical, why);
    }
    sink.finish(FAREWELL);
    result
}

async fn live(options: Options, settings: DaemonSettings, config: Arc<Config>) -> Result<u8, String> {
    let (seed, start, manners) = (seed(), Instant::now(), manners(&options));
    let recorder = recorder(&options, &settings, seed, &manners).map_err(|why| format!("{why}\n"))?;
    let core = Core::new(seed, start, manners.daemon.clone(), recorder.clone());
    core.handle(Input::Configure(config));
    let refused = core.refused.take();
    if !refused.is_empty() {
        return Err(refused.join("\n") + "\n");
    }
    let (to_core, from_edge) = mpsc::channel(edge::PIECES);
    let (to_edge, edge) = edge::start(manners, to_core).map_err(|error| format!("cannot start a thread: {error}\n"))?;
    let pid_file = match settle(&settings, &core, &to_edge) {
        Ok(pid_file) => pid_file,
        Err(why) => {
            drop((to_edge, from_edge));
            let _ = edge.join();
            return Err(format!("{why}\n"));
        }
    };
    spawn_local({
        let core = core.clone();
        async move { core.outbox.run(to_edge).await }
    });
    spawn_local(bridge::timer(core.clone()));
    spawn_local(inbox::run(core.clone(), from_edge));
    if let Some(after) = options.reload_after {
        let core = core.clone();
        spawn_local(async move {
            sleep(after).await;
            core.reload.notify_one();
        });
    }
    spawn_local(reloads(core.clone(), options));
    listen_to_signals(&core)?;
    sys::hold_signals(false);
    let code = loop {
        if let Some(code) = core.stopped.get() {
            break code;
        }
        core.ended.notified().await;
    };
    let said = async {
        while core.lingering() > 0 {
            core.ended.notified().await;
        }
    };
    let _ = timeout(FAREWELL, said).await;
    core.outbox.add(|batch| batch.push(Record::End));
    let _ = spawn_blocking(move || edge.join()).await;
    recorder.finish(FAREWELL);
    drop(pid_file);
    Ok(code)
}

/// Gives up root and says who runs. With `exabgp.daemon.drop=false` the first helpers are started before that.
fn settle(settings: &DaemonSettings, core: &Core, to_edge: &mpsc::Sender<Batch>) -> Result<Option<PidFile>, String> {
    if !settings.drop && privilege::successor(&settings.user)?.is_some() {
        let (reached, started) = std::sync::mpsc::channel();
        core.outbox.add(|batch| batch.push(Record::Reached(reached)));
        // This thread waits, so that no peer is served as root. An edge that is gone ends the waiting, too.
        let _ = to_edge.try_send(core.outbox.take());
        let _ = started.recv();
    }
    privilege::drop_to(&settings.user)?;
    settings.pid.as_deref().map(|path| PidFile::create(path.as_ref())).transpose()
}

/// In the background there is another current folder.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The recorder, with what a replay needs to speak like us.
fn recorder(options: &Options, settings: &DaemonSettings, seed: u64, manners: &Manners) -> Result<Recorder, String> {
    let (Some(path), size) = (&settings.record, settings.record_size) else { return Ok(Recorder::default()) };
    log::say(Level::Info, "daemon", format_args!("recording to {}, {size} MiB at most", path.display()));
    let notes = [
        ("herald", env!("CARGO_PKG_VERSION").to_owned()),
        ("version", manners.daemon.version.clone()),
        ("started", manners.daemon.started.0.to_string()),
        ("uuid", manners.daemon.uuid.clone()),
        ("generation", options.environment.value("api", "version").to_owned()),
        ("compact", manners.compact.to_string()),
        ("host", manners.host.clone()),
        ("pid", manners.daemon.pid.to_string()),
        ("parent", manners.parent.to_string()),
    ];
    let notes = notes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let now = Now { wall: manners.daemon.started, ..Now::default() };
    Recorder::start(path, size << 20, Recorder::writer(seed, notes, now))
}

/// Reads the configuration again whenever the speaker asks for it; a file with mistakes changes nothing.
async fn reloads(core: Rc<Core>, options: Options) {
    let turn = Cell::new(0);
    loop {
        core.reload.notified().await;
        turn.set(turn.get() + 1);
        let (options, n) = (options.clone(), turn.get());
        let result = spawn_blocking(move || read(&options, n, Style::OneLine)).await;
        match result {
            Ok(Ok((config, warnings))) => {
                log_lines(Level::Warning, &warnings);
                core.handle(Input::Configure(config));
                log::say(Level::Info, "reactor", format_args!("the configuration was read again"));
                for why in core.refused.take() {
                    log::say(Level::Critical, "network", format_args!("{why}"));
                }
            }
            Ok(Err(mistakes)) => {
                log_lines(Level::Error, &mistakes);
                log::say(Level::Error, "configuration", format_args!("the configuration stays as it was"));
                core.handle(Input::NotConfigured);
            }
            Err(_) => core.handle(Input::NotConfigured),
        }
    }
}

/// All files as one configuration, or the one whose turn it is. With it: warnings.
fn read(options: &Options, turn: usize, style: Style) -> Result<(Arc<Config>, String), String> {
    let files: Vec<&PathBuf> = match options.environment.daemon().rotate {
        true => options.files.get(turn % options.files.len().max(1)).into_iter().collect(),
        false => options.files.iter().collect(),
    };
    let mut all = Config::default();
    let (mut warnings, mut mistakes) = (String::new(), String::new());
    for file in files {
        match files::load(file, &options.environment, host(), style) {
            Ok(loaded) => {
                warnings.push_str(&files::report(&loaded.warnings, file, Style::OneLine));
                all.settings = loaded.config.settings;
                for process in loaded.config.processes {
                    match all.processes.iter().find(|known| known.name == process.name) {
                        Some(known) if *known != process => {
                            let name = &process.name;
                            mistakes.push_str(&format!("{}: process {name} is another file's, too\n", file.display()));
                        }
                        Some(_) => {}
                        None => all.processes.push(process),
                    }
                }
                for peer in loaded.config.peers {
                    if all.peers.iter().any(|known| known.index() == peer.index()) {
                        mistakes.push_str(&format!("{}: {} is in another file, too\n", file.display(), peer.name()));
                    }
                    all.peers.push(peer);
                }
            }
            Err(text) => mistakes.push_str(&text),
        }
    }
    if mistakes.is_empty() { Ok((Arc::new(all), warnings)) } else { Err(mistakes) }
}

fn log_lines(level: Level, text: &str) {
    text.lines().for_each(|line| log::say(level, "configuration", format_args!("{line}")));
}

fn listen_to_signals(core: &Rc<Core>) -> Result<(), String> {
    let known = [
        (SignalKind::terminate(), "SIGTERM"),
        (SignalKind::interrupt(), "SIGINT"),
        (SignalKind::hangup(), "SIGHUP"),
        (SignalKind::user_defined1(), "SIGUSR1"),
        (SignalKind::user_defined2(), "SIGUSR2"),
        (SignalKind::alarm(), "SIGALRM"),
    ];
    for (kind, name) in known {
        let mut stream = signal(kind).map_err(|error| format!("cannot listen to signals: {error}\n"))?;
        let core = core.clone();
        spawn_local(async move {
            while stream.recv().await.is_some() {
                core.handle(Input::Signal { number: kind.as_raw_value(), name });
            }
        });
    }
    Ok(())
}

fn manners(options: &Options) -> Manners {
    let api = options.environment.api();
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos());
    let pid = std::process::id();
    let uuid = format!("{:016x}-{pid:08x}", seed());
    let started = UnixNanos(u64::try_from(nanos).unwrap_or(0));
    Manners {
        profile: options.profile,
        acks: api.ack,
        compact: api.compact,
        daemon: Daemon { version: options.version.clone(), uuid, pid, started },
        host: sys::host_name(),
        parent: sys::parent_id(),
    }
}

/// Name and domain of this machine.
pub fn host() -> Option<(String, String)> {
    let name = sys::host_name();
    let (host, domain) = name.split_once('.').map_or((name.as_str(), ""), |(host, domain)| (host, domain));
    (!host.is_empty()).then(|| (host.to_owned(), domain.to_owned()))
}

fn seed() -> u64 {
    let mut bytes = [0; 8];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    match read {
        Ok(()) => u64::from_ne_bytes(bytes),
        Err(_) => u64::from(std::process::id()),
    }
}

fn log_options(settings: &LogSettings) -> LogOptions {
    let level = match settings.level {
        LogLevel::NotSet | LogLevel::Debug => Level::Debug,
        LogLevel::Info => Level::Info,
        LogLevel::Warning => Level::Warning,
        LogLevel::Error => Level::Error,
        LogLevel::Critical | LogLevel::Fatal => Level::Critical,
    };
    let destination = match &settings.destination {
        LogDestination::Stderr => Destination::Stderr,
        LogDestination::Syslog => Destination::Syslog,
        LogDestination::Host(host) => Destination::Host(host.clone()),
        LogDestination::File(path) => Destination::File(path.into()),
        LogDestination::Stdout | LogDestination::Unknown(_) => Destination::Stdout,
    };
    let all = || log::CATEGORIES.iter().map(|(name, _)| *name).collect();
    let categories = if settings.all { all() } else { settings.categories.clone() };
    LogOptions { enable: settings.enabled, level, categories, short: settings.short, destination }
}
