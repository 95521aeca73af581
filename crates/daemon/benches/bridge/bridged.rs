//! The same work behind the bridge, alone and in the whole daemon.

use crate::Task;
use crate::plain::{PIECE, configure, daemon, start};
use herald_api::{Client, Profile};
use herald_config::Environment;
use herald_daemon::bridge::{self, Core};
use herald_daemon::inbox::{self, ToCore};
use herald_daemon::record::{Batch, Record};
use herald_daemon::recorder::Recorder;
use herald_daemon::{Options, edge, outbox};
use herald_speaker::command::{ClientId, ProcessId};
use std::cell::RefCell;
use std::io::{Read as _, Write as _};
use std::process::{ChildStdin, ChildStdout};
use std::rc::Rc;
use tokio::sync::mpsc;
use tokio::task::{LocalSet, spawn_local};

/// One thread: the bridge, and in the place of the edge two tasks that read and answer as the plain loop does.
pub fn run(task: &Task) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut child = start(task);
    let (answers, lines) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let input = configure(task);
    LocalSet::new().block_on(&runtime, async {
        let core = Core::new(1, std::time::Instant::now(), daemon(), Recorder::default());
        core.handle(input);
        let (to_core, from_edge) = mpsc::channel(edge::PIECES);
        let (to_edge, from_core) = mpsc::channel(outbox::BATCHES);
        let client = Rc::new(RefCell::new(Client::new(Profile::V5, true)));
        spawn_local({
            let core = core.clone();
            async move { core.outbox.run(to_edge).await }
        });
        spawn_local(bridge::timer(core.clone()));
        spawn_local(inbox::run(core.clone(), from_edge));
        spawn_local(answer(client.clone(), from_core, answers));
        spawn_local(ask(client, to_core, lines, task.routes));
        // The peer leaves when it has it all.
        loop {
            core.ended.notified().await;
            if core.lingering() == 0 {
                break;
            }
        }
    });
    child.wait().unwrap();
}

async fn ask(client: Rc<RefCell<Client>>, to_core: mpsc::Sender<ToCore>, mut lines: ChildStdout, mut left: usize) {
    let (daemon, from) = (daemon(), ClientId::Process(ProcessId(0)));
    let mut buffer = vec![0; PIECE];
    let mut count = 0;
    while left > 0 {
        let n = lines.read(&mut buffer).unwrap();
        let mut commands = Vec::with_capacity(count);
        client.borrow_mut().feed(&buffer[..n], &daemon, &mut |_| (), &mut commands);
        count = commands.len();
        left -= count;
        if to_core.send(ToCore::Commands { from, commands }).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

async fn answer(client: Rc<RefCell<Client>>, mut from_core: mpsc::Receiver<Batch>, mut answers: ChildStdin) {
    let mut text = String::new();
    while let Some(batch) = from_core.recv().await {
        for record in batch.records() {
            if let Record::Done { count, .. } = record {
                client.borrow_mut().done(*count, &mut text);
            }
        }
        answers.write_all(text.as_bytes()).unwrap();
        text.clear();
    }
}

/// The daemon as it is.
pub fn run_daemon(task: &Task, recorded: bool) {
    let set = |name: &str, value: &str| (format!("exabgp.{name}"), value.to_owned());
    let mut variables = vec![set("daemon.user", "root"), set("log.level", "ERROR")];
    if recorded {
        variables.push(set("debug.record", &task.recording));
    }
    let options = Options {
        files: vec![task.file.clone().into()],
        environment: Environment::read(variables, None).unwrap(),
        profile: Profile::V5,
        version: "5.0.0".into(),
        reload_after: None,
    };
    assert_eq!(herald_daemon::run(options).unwrap(), 0);
}
