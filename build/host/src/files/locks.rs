//! Locks on files.

use std::time::Duration;

use libc::{c_int, c_short};

use super::alarm::Alarm;
use crate::clock::from_ms;
use crate::functions;
use crate::js::{Call, Functions, Outcome, system_error};
use crate::system_call::{failed_with, repeat};

pub static FUNCTIONS: Functions = functions![
    c"flock" 2 flock,
    c"flockWithin" 2 flock_within,
    c"rangeLock" 3 range_lock,
    c"isRangeLocked" 2 is_range_locked,
];

/// Locks of an open file rather than of a process.
const F_OFD_GETLK: c_int = 36;
const F_OFD_SETLK: c_int = 37;

/// Between two looks at a lock that cannot be waited for.
const PAUSE: Duration = Duration::from_millis(1);

fn flock(call: &Call) -> Outcome {
    let (fd, operation) = (call.int(0)?, call.int(1)?);
    match repeat("flock", || unsafe { libc::flock(fd, operation) }) {
        Ok(_) => Ok(call.ctx.boolean(true)),
        Err(thrown) if failed_with(&thrown, &[libc::EWOULDBLOCK]) => Ok(call.ctx.boolean(false)),
        Err(thrown) => Err(thrown),
    }
}

/// Waits in the kernel, which costs nothing, but not longer than so many milliseconds: false if another still holds the lock then.
fn flock_within(call: &Call) -> Outcome {
    let (fd, patience) = (call.int(0)?, from_ms(call.milliseconds(1)?));
    if unsafe { libc::flock(fd, libc::LOCK_EX | libc::LOCK_NB) } == 0 {
        return Ok(call.ctx.boolean(true));
    }
    let alarm = Alarm::after(patience);
    let operation = if alarm.is_set() { libc::LOCK_EX } else { libc::LOCK_EX | libc::LOCK_NB };
    loop {
        if unsafe { libc::flock(fd, operation) } == 0 {
            return Ok(call.ctx.boolean(true));
        }
        match crate::errno::last() {
            libc::EINTR => {}
            libc::EWOULDBLOCK => std::thread::sleep(PAUSE),
            _ => return Err(system_error("flock")),
        }
        if alarm.is_over() {
            return Ok(call.ctx.boolean(false));
        }
    }
}

/// Sets or clears the lock of one byte: false if another holds it, undefined where there are no such locks.
fn range_lock(call: &Call) -> Outcome {
    let (fd, command, at) = (call.int(0)?, call.string(1)?, call.bigint(2)?);
    let kind = match command.as_str() {
        "set" => libc::F_WRLCK,
        "clear" => libc::F_UNLCK,
        _ => return Err(call.wrong(1, "set or clear")),
    };
    let lock = one_byte(kind as c_short, at);
    match repeat("fcntl", || unsafe { libc::fcntl(fd, F_OFD_SETLK, &lock) }) {
        Ok(_) => Ok(call.ctx.boolean(true)),
        Err(thrown) if failed_with(&thrown, &[libc::EACCES, libc::EAGAIN]) => Ok(call.ctx.boolean(false)),
        Err(thrown) if failed_with(&thrown, &[libc::EBADF]) => Err(thrown),
        Err(_) => Ok(call.ctx.undefined()),
    }
}

fn is_range_locked(call: &Call) -> Outcome {
    let mut lock = one_byte(libc::F_WRLCK as c_short, call.bigint(1)?);
    let asked = unsafe { libc::fcntl(call.int(0)?, F_OFD_GETLK, &mut lock) };
    if asked < 0 && crate::errno::last() == libc::EBADF {
        return Err(system_error("fcntl"));
    }
    Ok(call.ctx.boolean(asked == 0 && lock.l_type != libc::F_UNLCK as c_short))
}

fn one_byte(kind: c_short, at: i64) -> libc::flock {
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = kind;
    lock.l_whence = libc::SEEK_SET as c_short;
    lock.l_start = at;
    lock.l_len = 1;
    lock
}
