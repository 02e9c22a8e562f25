//! Running a program to its end.

use std::ffi::CString;
use std::os::fd::AsRawFd;

use super::outcome::{Ended, signal_name, wait_until};
use super::pipes::{Exchange, Pipe, Stop, pipe};
use super::spawn::{Program, spawn};
use crate::clock::{from_ms, monotonic};
use crate::js::{Call, Ctx, Functions, Outcome, Value, c_string};
use crate::{errno, functions};

pub static FUNCTIONS: Functions = functions![c"run" 3 run];

/// How long a killed program may take to end; one that waits for a broken disk never does.
const AFTER_KILL: u64 = 2_000_000_000;

struct Options {
    environment: Option<Vec<CString>>,
    input: Option<Vec<u8>>,
    /// Nanoseconds.
    timeout: u64,
    most_output: usize,
    /// Whether its input and error stream are ours.
    shares_terminal: bool,
}

/// What came of it.
struct Ran {
    ended: Option<Ended>,
    errno: Option<i32>,
    /// User and system time of the program and of the children it waited for, in milliseconds.
    cpu: f64,
    outputs: [Vec<u8>; 2],
}

fn run(call: &Call) -> Outcome {
    let path = call.c_string(0)?;
    let arguments = arguments(&path, call.strings(1)?)?;
    let options = options(call)?;
    let ran = execute(&path, &arguments, &options).unwrap_or_else(|errno| Ran {
        ended: None,
        errno: Some(errno),
        cpu: 0.0,
        outputs: [Vec::new(), Vec::new()],
    });
    describe(call.ctx, &ran)
}

/// The argument list with the program's name first.
pub(super) fn arguments(path: &CString, rest: Vec<String>) -> Outcome<Vec<CString>> {
    std::iter::once(Ok(path.clone())).chain(rest.into_iter().map(c_string)).collect()
}

fn options(call: &Call) -> Outcome<Options> {
    let given = call.value(2);
    if !given.is_object() {
        return Err(call.wrong(2, "an object"));
    }
    let timeout = given.get(c"timeout")?.as_number().filter(|ms| *ms > 0.0);
    let most = given.get(c"maxOutput")?.as_number().filter(|bytes| *bytes >= 0.0);
    let (Some(timeout), Some(most)) = (timeout, most) else {
        return Err(call.wrong(2, "an object with a timeout above 0 and a maxOutput"));
    };
    let (environment, input) = (given.get(c"env")?, given.get(c"input")?);
    let environment = if environment.is_undefined() { None } else { Some(environment_of(call, &environment)?) };
    let input = match input.copied_bytes()? {
        None if !input.is_undefined() => return Err(call.wrong(2, "an object whose input is a Uint8Array")),
        bytes => bytes,
    };
    let shares_terminal = given.get(c"terminal")?.as_boolean().unwrap_or(false);
    Ok(Options { environment, input, timeout: from_ms(timeout), most_output: most as usize, shares_terminal })
}

fn environment_of(call: &Call, object: &Value) -> Outcome<Vec<CString>> {
    let mut list = Vec::new();
    for (name, value) in object.entries()? {
        if value.is_undefined() {
            continue;
        }
        if !value.is_string() || name.is_empty() || name.contains('=') {
            return Err(call.wrong(2, "an object whose env has strings, and names without ="));
        }
        list.push(c_string(format!("{name}={}", value.text()?))?);
    }
    Ok(list)
}

/// The error's number if the program cannot be started.
fn execute(path: &CString, arguments: &[CString], options: &Options) -> Result<Ran, i32> {
    let deadline = monotonic().saturating_add(options.timeout);
    // Without input the pipe is closed at once: there may be no /dev/null.
    let input = pipe(true)?;
    let (stdout, stderr) = (pipe(false)?, pipe(false)?);
    let mut streams = [&input, &stdout, &stderr].map(|pipe| pipe.theirs.as_raw_fd());
    if options.shares_terminal {
        (streams[0], streams[2]) = (0, 2);
    }
    let environment = options.environment.as_deref();
    let pid = spawn(&Program { path, arguments, environment, streams, own_session: false })?;
    let ours = |pipe: Pipe| pipe.ours;
    let mut exchange = Exchange {
        input: Some(ours(input)).zip(options.input.as_deref()),
        outputs: [Some(ours(stdout)), Some(ours(stderr))],
        collected: [Vec::new(), Vec::new()],
        most: options.most_output,
    };
    let before = cpu_of_children();
    let stop = exchange.run(deadline);
    let (ended, errno) = end(pid, stop, deadline);
    Ok(Ran { ended, errno, cpu: cpu_of_children() - before, outputs: exchange.collected })
}

/// Of those that have been waited for.
fn cpu_of_children() -> f64 {
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, &mut usage) };
    let ms = |time: libc::timeval| time.tv_sec as f64 * 1e3 + time.tv_usec as f64 / 1e3;
    ms(usage.ru_utime) + ms(usage.ru_stime)
}

/// Waits for the program's end, which is forced where it does not come by itself.
fn end(pid: libc::pid_t, stop: Stop, deadline: u64) -> (Option<Ended>, Option<i32>) {
    let ended = if stop == Stop::Done { wait_until(pid, deadline) } else { None };
    if ended.is_some() {
        return (ended, None);
    }
    unsafe { libc::kill(pid, libc::SIGKILL) };
    wait_until(pid, monotonic() + AFTER_KILL);
    (None, Some(if stop == Stop::TooMuchOutput { libc::ENOBUFS } else { libc::ETIMEDOUT }))
}

fn describe(ctx: Ctx, ran: &Ran) -> Outcome {
    let object = ctx.object()?;
    match ran.ended {
        Some(Ended::Exited(status)) => object.set(c"status", ctx.int(status))?,
        Some(Ended::Killed(signal)) => object.set(c"signal", ctx.string(&signal_name(signal))?)?,
        None => {}
    }
    if let Some(errno) = ran.errno {
        object.set(c"errno", ctx.string(&errno::name(errno))?)?;
    }
    object.set(c"cpu", ctx.number(ran.cpu))?;
    object.set(c"stdout", ctx.bytes(&ran.outputs[0])?)?;
    object.set(c"stderr", ctx.bytes(&ran.outputs[1])?)?;
    Ok(object)
}
