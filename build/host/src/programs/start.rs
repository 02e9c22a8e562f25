//! Starting a program that may outlive this process.

use std::cell::Cell;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::rc::Rc;

use libc::pid_t;

use super::outcome::{Ended, look, signal_name};
use super::run::arguments;
use super::spawn::{Program, spawn};
use crate::functions;
use crate::js::{Call, Functions, Outcome, SystemError, Thrown, handle};
use crate::system_call::repeat;

pub static FUNCTIONS: Functions = functions![
    c"start" 2 start,
    c"kill" 2 kill,
];

static METHODS: Functions = functions![
    c"status" 0 status,
    c"kill" 1 kill_started,
];

struct Started {
    pid: pid_t,
    /// Kept, as the kernel says it only once.
    ended: Cell<Option<Ended>>,
}

impl Started {
    fn look(&self) -> Option<Ended> {
        if self.ended.get().is_none() {
            self.ended.set(look(self.pid));
        }
        self.ended.get()
    }
}

fn start(call: &Call) -> Outcome {
    let path = call.c_string(0)?;
    let arguments = arguments(&path, call.strings(1)?)?;
    let failed = |errno| Thrown::System(SystemError { errno, syscall: "spawn", path: None, to: None }).at(&path);
    let nothing = open_nothing().map_err(failed)?;
    let streams = [nothing.as_raw_fd(); 3];
    let program = Program { path: &path, arguments: &arguments, environment: None, streams, own_session: true };
    let pid = spawn(&program).map_err(failed)?;
    started(call, pid)
}

/// The object for a process that was started.
pub fn started(call: &Call, pid: pid_t) -> Outcome {
    let started = handle(call.ctx, Rc::new(Started { pid, ended: Cell::new(None) }), &METHODS)?;
    started.fix(c"pid", call.ctx.int(pid))?;
    started.prevent_extensions()?;
    Ok(started)
}

/// Where output goes that is not wanted. Without /dev/null its streams are closed to it.
fn open_nothing() -> Result<File, i32> {
    let opened = File::options().read(true).write(true).open("/dev/null");
    let opened = opened.or_else(|_| File::options().read(true).custom_flags(libc::O_PATH).open("/"));
    opened.map_err(|error| error.raw_os_error().unwrap_or(libc::EIO))
}

fn status(call: &Call) -> Outcome {
    let Some(ended) = call.held::<Started>()?.look() else { return Ok(call.ctx.undefined()) };
    let object = call.ctx.object()?;
    match ended {
        Ended::Exited(status) => object.set(c"exitCode", call.ctx.int(status))?,
        Ended::Killed(signal) => object.set(c"signal", call.ctx.string(&signal_name(signal))?)?,
    }
    Ok(object)
}

/// A program that has ended gets no signal: its number may be another's by now.
fn kill_started(call: &Call) -> Outcome {
    let (started, signal) = (call.held::<Started>()?, call.int(0)?);
    if started.look().is_none() {
        repeat("kill", || unsafe { libc::kill(started.pid, signal) })?;
    }
    Ok(call.ctx.undefined())
}

fn kill(call: &Call) -> Outcome {
    let (pid, signal) = (call.int(0)?, call.int(1)?);
    repeat("kill", || unsafe { libc::kill(pid, signal) })?;
    Ok(call.ctx.undefined())
}
