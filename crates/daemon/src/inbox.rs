//! What the edge tells the core.

use crate::bridge::Core;
use crate::ear::{self, Ear, Heard};
use herald_speaker::Input;
use herald_speaker::command::{ClientId, Command};
use std::rc::Rc;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{spawn_local, yield_now};

/// One thing for the core.
#[derive(Debug)]
pub enum ToCore {
    /// Commands of one client, in order.
    #[allow(missing_docs)]
    Commands { from: ClientId, commands: Vec<Command> },
    /// A helper that says little at the moment.
    #[allow(missing_docs)]
    Ear { ear: Box<Ear>, back: oneshot::Sender<Heard> },
    /// Anything else that needs no buffer.
    Input(Input<'static>),
}

/// Hands in what clients ask for. A burst is handled before any connection is written to, so that it is packed as one.
pub async fn run(core: Rc<Core>, mut from_edge: mpsc::Receiver<ToCore>) {
    while let Some(message) = from_edge.recv().await {
        match message {
            ToCore::Commands { from, commands } => {
                let inputs = commands.into_iter().map(|command| Input::Command { from, command });
                core.handle_all(inputs, |now, effect| core.carry_out(now, effect));
            }
            ToCore::Ear { ear, back } => drop(spawn_local(ear::listen(core.clone(), ear, back))),
            ToCore::Input(input) => core.handle(input),
        }
        core.outbox.room_for_answers().await;
        yield_now().await;
    }
}
