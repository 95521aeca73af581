//! Helper programs: which run, how often they may be started again, and what they may do.

use crate::command::{ClientId, ProcessId};
use crate::config::{PeerConfig, ProcessConfig};
use crate::event::{Level, Notice};
use crate::time::Now;
use crate::{Effect, ExitStatus};
use std::sync::Arc;
use std::time::Duration;

/// Starts allowed within one window.
const STARTS: u32 = 5;
/// The window.
const WINDOW: Duration = Duration::from_secs(64);

/// All helpers ever configured: a number stays with its name.
#[derive(Debug, Default)]
pub(crate) struct Processes {
    list: Vec<Process>,
}

#[derive(Debug)]
struct Process {
    config: Arc<ProcessConfig>,
    /// It is configured.
    wanted: bool,
    /// It is to be started.
    due: bool,
    running: bool,
    slow: bool,
    window: u64,
    starts: u32,
}

impl Processes {
    /// Starts what is new, ends what is no longer wanted, and starts anew what changed, or all if `restart`. What ended by
    /// itself and did not change stays ended.
    pub fn configure(
        &mut self,
        now: Now,
        wanted: &[Arc<ProcessConfig>],
        restart: bool,
        emit: &mut dyn FnMut(Effect<'_>),
    ) {
        for (i, process) in self.list.iter_mut().enumerate() {
            let new = wanted.iter().find(|config| config.name == process.config.name);
            let changed = new.is_none_or(|config| *config != process.config);
            process.due = new.is_some() && (changed || restart || !process.wanted);
            process.wanted = new.is_some();
            if process.running && (changed || restart) {
                emit(Effect::Kill { process: number(i) });
                process.running = false;
                process.slow = false;
            }
            if let Some(new) = new {
                process.config = new.clone();
            }
        }
        for config in wanted {
            if !self.list.iter().any(|process| process.config.name == config.name) {
                self.list.push(Process::new(config.clone()));
            }
        }
        for (i, process) in self.list.iter_mut().enumerate() {
            if std::mem::take(&mut process.due) {
                process.starts = 0;
                process.start(now, number(i), emit);
            }
        }
    }

    /// A helper ended. True if it is lost: it could not be started, or not again.
    pub fn exited(
        &mut self,
        now: Now,
        id: ProcessId,
        status: ExitStatus,
        respawn: bool,
        emit: &mut dyn FnMut(Effect<'_>),
    ) -> bool {
        let Some(process) = self.list.get_mut(id.0 as usize) else { return false };
        process.running = false;
        process.slow = false;
        if !process.wanted {
            return false;
        }
        let name = process.config.name.clone();
        let mut notice = |level, message| emit(Effect::Notice(Notice { level, category: "processes", message }));
        match status {
            ExitStatus::NotStarted => {
                notice(Level::Critical, format!("helper {name} could not be started"));
                return true;
            }
            ExitStatus::Code(code) => notice(Level::Warning, format!("helper {name} ended with code {code}")),
            ExitStatus::Signal(signal) => notice(Level::Warning, format!("helper {name} was ended by signal {signal}")),
        }
        if !respawn || !process.config.respawn {
            return false;
        }
        if !process.may_start(now) {
            let message = format!("helper {name} was started {STARTS} times within {} s: given up", WINDOW.as_secs());
            notice(Level::Critical, message);
            return true;
        }
        process.start(now, id, emit);
        false
    }

    /// Ends all.
    pub fn stop(&mut self, emit: &mut dyn FnMut(Effect<'_>)) {
        for (i, process) in self.list.iter_mut().enumerate() {
            process.wanted = false;
            if std::mem::take(&mut process.running) {
                emit(Effect::Kill { process: number(i) });
            }
        }
    }

    /// True if a client's commands apply to this neighbour.
    pub fn may_command(&self, client: ClientId, config: &PeerConfig) -> bool {
        let ClientId::Process(ProcessId(n)) = client else { return true };
        let Some(process) = self.list.get(n as usize) else { return false };
        let name = &process.config.name;
        config.api.iter().any(|api| api.processes.contains(name) || api.controllers.contains(name))
    }

    pub fn name(&self, ProcessId(n): ProcessId) -> Option<&Arc<str>> {
        self.list.get(n as usize).map(|process| &process.config.name)
    }

    pub fn set_slow(&mut self, ProcessId(n): ProcessId, slow: bool) {
        if let Some(process) = self.list.get_mut(n as usize) {
            process.slow = slow && process.running;
        }
    }

    /// True if a helper that is told what this neighbour sends does not keep up.
    pub fn holds_up(&self, config: &PeerConfig) -> bool {
        let slow = |name: &Arc<str>| self.list.iter().any(|p| p.slow && p.config.name == *name);
        config.api.iter().any(|api| api.receive.update && api.processes.iter().any(slow))
    }
}

impl Process {
    fn new(config: Arc<ProcessConfig>) -> Process {
        Process { config, wanted: true, due: true, running: false, slow: false, window: 0, starts: 0 }
    }

    fn may_start(&self, now: Now) -> bool {
        window(now) != self.window || self.starts < STARTS
    }

    fn start(&mut self, now: Now, id: ProcessId, emit: &mut dyn FnMut(Effect<'_>)) {
        if window(now) != self.window {
            self.window = window(now);
            self.starts = 0;
        }
        self.starts += 1;
        self.running = true;
        emit(Effect::Spawn { process: id, config: &self.config });
    }
}

fn window(now: Now) -> u64 {
    now.mono.0 / u64::try_from(WINDOW.as_nanos()).unwrap_or(1) + 1
}

fn number(i: usize) -> ProcessId {
    ProcessId(u32::try_from(i).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Encoder;

    fn config(name: &str, run: &str) -> Arc<ProcessConfig> {
        let run = vec![run.to_owned()];
        Arc::new(ProcessConfig { name: name.into(), run, encoder: Encoder::Text, respawn: false })
    }

    /// What is started and ended.
    fn configure(processes: &mut Processes, wanted: &[Arc<ProcessConfig>], restart: bool) -> Vec<String> {
        let mut seen = Vec::new();
        processes.configure(Now::default(), wanted, restart, &mut |effect| match effect {
            Effect::Spawn { process, .. } => seen.push(format!("start {}", process.0)),
            Effect::Kill { process } => seen.push(format!("end {}", process.0)),
            _ => {}
        });
        seen
    }

    #[test]
    fn what_ended_by_itself_is_started_again_only_when_it_changed_or_all_are() {
        let mut processes = Processes::default();
        let (once, stays) = (config("once", "/bin/true"), config("stays", "/bin/cat"));
        let both = [once, stays];
        assert_eq!(configure(&mut processes, &both, false), ["start 0", "start 1"]);
        processes.exited(Now::default(), ProcessId(0), ExitStatus::Code(0), true, &mut |_| {});
        assert!(configure(&mut processes, &both, false).is_empty());
        let changed = [config("once", "/bin/false"), both[1].clone()];
        assert_eq!(configure(&mut processes, &changed, false), ["start 0"]);
        processes.exited(Now::default(), ProcessId(0), ExitStatus::Code(1), true, &mut |_| {});
        assert_eq!(configure(&mut processes, &changed, true), ["end 1", "start 0", "start 1"]);
        // One that was not there meanwhile is new.
        assert_eq!(configure(&mut processes, &changed[..1], false), ["end 1"]);
        assert_eq!(configure(&mut processes, &changed, false), ["start 1"]);
    }
}
