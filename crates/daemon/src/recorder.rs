//! The recorder: everything that goes into the speaker also goes into two files, in turn, for `herald replay`.
//!
//! The core writes records into memory; a thread of its own puts them into the file whose turn it is. Each file is one
//! segment: when it has half of the size that was asked for, the other one is emptied and takes the next. So the oldest half
//! goes at once, and what is there is never more than that size, or twice the configuration's where that is more, and what
//! gathers while a disk is slow. When more gathers than that, it is counted and missing. A disk that takes nothing any more
//! ends the recording, and nothing else.

use crate::log;
use herald_speaker::event::Level;
use herald_speaker::recording::{MAGIC, Writer, frame};
use herald_speaker::time::Now;
use herald_speaker::{ConnId, Effect, Input};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Octets of records that wait at most.
const WAITING: usize = 8 << 20;
/// Octets at which they are written at once.
const ENOUGH: usize = 1 << 20;
/// How long fewer may wait: what a crash may cost.
const PAUSE: Duration = Duration::from_millis(20);

/// What the core tells everything. Nothing happens unless a recording was asked for.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    shared: Option<Arc<Shared>>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    writer: Writer,
    /// Nothing more will come.
    over: bool,
    /// Nothing more can be written.
    done: bool,
}

impl Recorder {
    /// Opens the files and starts the thread. `size`: octets both may have. The error is a sentence.
    pub fn start(path: &Path, size: u64, mut writer: Writer) -> Result<Recorder, String> {
        let files = Files::open(path, size / 2, &writer.head().octets())?;
        let shared = Shared { state: Mutex::new(State { writer, over: false, done: false }), changed: Condvar::new() };
        let shared = Arc::new(shared);
        let thread = std::thread::Builder::new().name("recorder".into()).spawn({
            let shared = shared.clone();
            move || {
                if let Err(error) = shared.run(files) {
                    log::say(Level::Error, "daemon", format_args!("the recording ends here: {error}"));
                }
                shared.state().done = true;
                shared.changed.notify_all();
            }
        });
        thread.map_err(|error| format!("cannot start a thread: {error}"))?;
        Ok(Recorder { shared: Some(shared) })
    }

    /// A writer as [`Recorder::start`] wants it.
    pub fn writer(seed: u64, notes: Vec<(String, String)>, now: Now) -> Writer {
        Writer::new(now.wall.0 ^ seed.rotate_left(17), seed, now, notes, WAITING)
    }

    /// An input, before it is handled.
    #[inline]
    pub fn input(&self, now: Now, input: &Input<'_>) {
        if let Some(shared) = &self.shared {
            shared.add(|writer| writer.input(now, input));
        }
    }

    /// What it led to.
    #[inline]
    pub fn effect(&self, effect: &Effect<'_>) {
        if let Some(shared) = &self.shared
            && matches!(effect, Effect::Connect { .. } | Effect::Close { .. })
        {
            shared.add(|writer| writer.effect(effect));
        }
    }

    /// Octets were asked for, and `taken` of them went.
    #[inline]
    pub fn pulled(&self, now: Now, conn: ConnId, budget: usize, taken: usize) {
        if let Some(shared) = &self.shared {
            shared.add(|writer| writer.pulled(now, conn, budget, taken));
        }
    }

    /// Lets the thread write what is left, but not for long.
    pub fn finish(&self, within: Duration) {
        let Some(shared) = &self.shared else { return };
        let end = Instant::now() + within;
        let mut state = shared.state();
        state.over = true;
        shared.changed.notify_all();
        while !state.done && Instant::now() < end {
            state = shared.wait(state, end.saturating_duration_since(Instant::now()));
        }
    }
}

impl Shared {
    #[cold] // nobody records, usually
    fn add(&self, add: impl FnOnce(&mut Writer)) {
        let mut state = self.state();
        if state.done {
            return;
        }
        let before = state.writer.gathered();
        add(&mut state.writer);
        let after = state.writer.gathered();
        if (before == 0 && after > 0) || (before < ENOUGH && after >= ENOUGH) {
            self.changed.notify_all();
        }
    }

    fn run(&self, mut files: Files) -> io::Result<()> {
        loop {
            let mut state = self.state();
            while state.writer.gathered() == 0 && !state.over {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            let end = Instant::now() + PAUSE;
            while state.writer.gathered() < ENOUGH && !state.over && Instant::now() < end {
                state = self.wait(state, end.saturating_duration_since(Instant::now()));
            }
            let Some(block) = state.writer.take() else { return Ok(()) };
            let head = files.is_full(block.len()).then(|| state.writer.head());
            drop(state);
            files.write(&block)?;
            if let Some(head) = head {
                files.next(&head.octets())?;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, most: Duration) -> MutexGuard<'a, State> {
        match self.changed.wait_timeout(state, most) {
            Ok((state, _)) => state,
            Err(poisoned) => poisoned.into_inner().0,
        }
    }
}

/// The name of the second file.
pub fn other(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    name.into()
}

/// Both files, the one whose turn it is first. They stay open: who gives up root may not be allowed to make new ones.
struct Files {
    files: [File; 2],
    most: u64,
    /// Of the segment, and of its head.
    size: u64,
    head: u64,
    frame: Vec<u8>,
}

impl Files {
    fn open(path: &Path, most: u64, head: &[u8]) -> Result<Files, String> {
        let open = |path: &Path| {
            let wrong = |why: &str| format!("cannot record to {}: {why}", path.display());
            open(path)
                .map_err(|error| wrong(&error.to_string()))?
                .ok_or(wrong("there is a file that is no recording: remove it, or choose another name"))
        };
        let mut files = [open(path)?, open(&other(path))?];
        // The last segment of the run before stays for a while: it may be the one that is asked for.
        let age = |file: &File| match file.metadata() {
            Ok(meta) if meta.len() > 0 => meta.modified().ok(),
            _ => None,
        };
        if age(&files[0]) <= age(&files[1]) {
            files.reverse();
        }
        let mut files = Files { files, most, size: 0, head: 0, frame: Vec::new() };
        files.next(head).map_err(|error| format!("cannot record to {}: {error}", path.display()))?;
        Ok(files)
    }

    /// True if the segment is as long as it should be, with a block of this length.
    fn is_full(&self, block: usize) -> bool {
        self.size + length(block) >= self.most.max(2 * self.head)
    }

    fn write(&mut self, block: &[u8]) -> io::Result<()> {
        self.frame.clear();
        frame(block, &mut self.frame);
        let [file, _] = &mut self.files;
        self.size += length(self.frame.len());
        file.write_all(&self.frame)
    }

    /// Empties the other file and begins a segment there.
    fn next(&mut self, head: &[u8]) -> io::Result<()> {
        self.files.reverse();
        let [file, _] = &mut self.files;
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(head)?;
        self.head = length(head.len());
        self.size = self.head;
        Ok(())
    }
}

/// For us alone: what peers and programs said is in it. `None`: it is something else, which nobody wants to lose.
fn open(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let mut file = options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)?;
    let mut first = Vec::new();
    let is_file = file.metadata()?.is_file();
    if is_file {
        io::Read::by_ref(&mut file).take(length(MAGIC.len())).read_to_end(&mut first)?;
    }
    Ok((is_file && (first.is_empty() || first == MAGIC)).then_some(file))
}

fn length(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use herald_speaker::recording::{Record, Segment};
    use herald_speaker::time::UnixNanos;

    fn recorder(path: &Path, size: u64, id: u64) -> Recorder {
        Recorder::start(
            path,
            size,
            Writer::new(id, 1, Now { wall: UnixNanos(id), ..Now::default() }, Vec::new(), WAITING),
        )
        .unwrap()
    }

    fn received(n: u64, octets: &[u8]) -> (Now, Input<'_>) {
        (Now::default(), Input::Received { conn: ConnId(n), bytes: octets })
    }

    /// What is in the files, as the numbers of connections.
    fn read(path: &Path) -> (Vec<u64>, Vec<u64>) {
        let files = [path.to_owned(), other(path)].map(|path| std::fs::read(path).unwrap());
        let segments = files.iter().filter_map(|octets| Segment::open(octets).ok()).collect();
        let chain = Segment::chain(segments);
        let numbers = chain.iter().map(|segment| segment.start.number).collect();
        let conns = chain.into_iter().flat_map(|segment| segment.records).map(|record| match record.unwrap().1 {
            Record::Input(Input::Received { conn, .. }) => conn.0,
            other => panic!("{other:?}"),
        });
        (numbers, conns.collect())
    }

    #[test]
    fn the_oldest_half_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recording");
        let recorder = recorder(&path, 100_000, 1);
        let octets = [7; 1000];
        for n in 0..1000 {
            let (now, input) = received(n, &octets);
            recorder.input(now, &input);
            if n % 10 == 0 {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        recorder.finish(Duration::from_secs(10));
        let (segments, conns) = read(&path);
        assert!(segments.len() == 2 && segments[1] > 2, "{segments:?}");
        assert!(conns.len() > 25 && conns.last() == Some(&999), "{conns:?}");
        assert!(conns.windows(2).all(|pair| pair[1] == pair[0] + 1), "{conns:?}");
        let mode =
            |path: &Path| std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions()) & 0o777;
        assert_eq!((mode(&path), mode(&other(&path))), (0o600, 0o600));
    }

    #[test]
    fn the_run_before_is_kept_until_its_place_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recording");
        for run in 1..4 {
            let recorder = recorder(&path, 1 << 20, run);
            let (now, input) = received(run, &[]);
            recorder.input(now, &input);
            recorder.finish(Duration::from_secs(10));
            assert_eq!(read(&path), (vec![0], vec![run]), "the newest counts");
            let ids = [path.clone(), other(&path)].map(|path| {
                let octets = std::fs::read(path).unwrap();
                Segment::open(&octets).map_or(0, |segment| segment.start.id)
            });
            assert!(ids.contains(&run) && ids.contains(&(run - 1)), "{ids:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    fn what_is_no_recording_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("herald.conf");
        std::fs::write(&path, "neighbor 192.0.2.1 { }").unwrap();
        let writer = || Writer::new(1, 1, Now::default(), Vec::new(), WAITING);
        let refused = Recorder::start(&path, 1, writer()).unwrap_err();
        assert!(refused.contains("no recording"), "{refused}");
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), folder.path().join("link")).unwrap();
        assert!(Recorder::start(&folder.path().join("link"), 1, writer()).is_err());
        assert!(!folder.path().join("elsewhere").exists());
    }
}
