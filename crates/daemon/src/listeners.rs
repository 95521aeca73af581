//! Listening sockets: those the speaker wants, and no others.

use crate::{log, socket};
use herald_speaker::Listener;
use herald_speaker::event::Level;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, spawn_local, yield_now};
use tokio::time::sleep;

/// How long to wait when the system has no descriptor or memory left for another connection.
const EXHAUSTED: Duration = Duration::from_secs(1);

/// The open ones.
#[derive(Default)]
pub struct Listeners {
    open: BTreeMap<SocketAddr, Open>,
}

struct Open {
    listener: Listener,
    socket: Rc<TcpListener>,
    task: AbortHandle,
}

impl Listeners {
    /// Opens what is missing, closes what is too much, changes keys. What is accepted goes to `accepted`, with our
    /// address and the caller's. Returns why some could not be opened; the rest are open.
    pub fn set<F>(&mut self, wanted: &[Listener], accepted: &Rc<F>) -> Vec<String>
    where
        F: Fn(TcpStream, SocketAddr, SocketAddr) + 'static,
    {
        self.open.retain(|local, open| {
            let stays = wanted.iter().any(|listener| listener.local == *local);
            if !stays {
                open.task.abort();
            }
            stays
        });
        let mut refused = Vec::new();
        for listener in wanted {
            let result = match self.open.get_mut(&listener.local) {
                Some(open) => {
                    let changed = socket::change(&open.socket, &open.listener, listener);
                    open.listener = listener.clone();
                    changed
                }
                None => socket::listen(listener).map(|socket| {
                    let socket = Rc::new(socket);
                    let task = spawn_local(accept(socket.clone(), accepted.clone())).abort_handle();
                    self.open.insert(listener.local, Open { listener: listener.clone(), socket, task });
                }),
            };
            refused.extend(result.err());
        }
        refused
    }
}

async fn accept(listener: Rc<TcpListener>, accepted: Rc<impl Fn(TcpStream, SocketAddr, SocketAddr)>) {
    loop {
        match listener.accept().await {
            Ok((socket, remote)) => {
                // A caller that is gone already has no addresses.
                if let Ok(local) = socket.local_addr() {
                    accepted(socket, local, remote);
                }
                yield_now().await;
            }
            Err(error) => {
                log::say(Level::Error, "network", format_args!("cannot accept connections: {error}"));
                sleep(EXHAUSTED).await;
            }
        }
    }
}
