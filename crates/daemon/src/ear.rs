//! What listens to a helper: its pipe, and the client that makes commands of its lines.
//!
//! An ear has one owner at a time and moves between the threads. A helper that says little is listened to on the core
//! thread: a line is applied where it was read, one wake-up sooner. One that says much is listened to on the edge
//! thread, so that lines are read on one processor while they are applied on another.

use crate::bridge::Core;
use crate::log;
use crate::mouth::{Mouth, WHOLE};
use herald_api::Client;
use herald_speaker::command::{ClientId, Command, ProcessId};
use herald_speaker::event::Level;
use herald_speaker::{Effect, Input};
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::sync::Arc;
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;
use tokio::sync::oneshot;

/// Octets read at once from a helper that says little.
const LITTLE: usize = 4096;

/// Connections written to in the turn of the command that concerns them.
const AT_ONCE: usize = 8;

/// See above.
#[derive(Debug)]
pub struct Ear {
    /// Whom it listens to.
    pub id: ProcessId,
    /// Its name.
    pub name: Arc<str>,
    /// Has no answer to give at the moment.
    pub client: Client,
    /// The read end of its standard output.
    pub stdout: OwnedFd,
    /// The way back.
    pub mouth: Arc<Mouth>,
}

/// An ear on its way back to the edge, and what was heard last.
pub type Heard = (Box<Ear>, Vec<Command>);

/// Logs what a helper says to nobody.
pub fn aside(name: &str, text: &str) {
    log::say(Level::Warning, "processes", format_args!("{name}: {text}"));
}

/// Listens on the core thread until more is said than a little, or the edge does not want to hear any more.
pub async fn listen(core: Rc<Core>, mut ear: Box<Ear>, mut back: oneshot::Sender<Heard>) {
    let Ok(mut stdout) = ear.stdout.try_clone().and_then(pipe::Receiver::from_owned_fd) else { return };
    let mut buffer = [0; LITTLE];
    loop {
        // less than a buffer full was all there was: the others have their turn before the next read gives anything
        let n = tokio::select! {
            biased;
            read = stdout.read(&mut buffer) => match read {
                Ok(n) if n > 0 => n,
                _ => return,
            },
            () = back.closed() => return,
        };
        let mut commands = Vec::new();
        let Ear { name, client, .. } = &mut *ear;
        client.feed(buffer.get(..n).unwrap_or(&[]), &core.daemon, &mut |text| aside(name, text), &mut commands);
        if n == LITTLE || client.busy() {
            let _ = back.send((ear, commands));
            return;
        }
        apply(&core, &mut ear, commands);
        core.outbox.room_for_answers().await;
    }
}

/// Has commands carried out, puts the answers into words, and writes to the first peers that are concerned: their tasks
/// would have to be woken first.
fn apply(core: &Rc<Core>, ear: &mut Ear, commands: Vec<Command>) {
    let from = ClientId::Process(ear.id);
    let (mut text, mut answers) = (String::new(), String::new());
    let mut alone = core.outbox.is_settled() && ear.mouth.is_idle();
    let mut woken = [None; AT_ONCE];
    let inputs = commands.into_iter().map(|command| Input::Command { from, command });
    core.handle_all(inputs, |now, effect| match effect {
        Effect::Reply { to, reply } if to == from => {
            text.clear();
            ear.client.reply(&reply, &core.daemon, now.wall, &mut text);
            // what comes behind an event goes the way of the event
            alone &= core.outbox.is_empty();
            if alone && answers.len() + text.len() > WHOLE {
                core.outbox.add(|batch| batch.push_text(to, &std::mem::take(&mut answers)));
                alone = false;
            }
            if alone {
                answers.push_str(&text);
            } else {
                core.outbox.add(|batch| batch.push_text(to, &text));
            }
        }
        Effect::Wake { conn } if let Some(free) = woken.iter_mut().find(|conn| conn.is_none()) => *free = Some(conn),
        other => core.carry_out(now, other),
    });
    if woken.iter().any(Option::is_some) {
        woken.into_iter().flatten().for_each(|conn| core.speak(conn));
        // A peer on this machine reads now, if it likes; the answer to the helper, and what else is due, can wait.
        std::thread::yield_now();
    }
    // nothing was under way: where the pipe is full, what gathered meanwhile comes behind these answers, too
    if !answers.is_empty() && !ear.mouth.say(&answers) {
        core.outbox.add(|batch| batch.push_text_first(from, &answers));
    }
}
