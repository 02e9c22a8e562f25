//! Time.

use std::cell::Cell;

use crate::functions;
use crate::js::{Call, Functions, Outcome};

pub static FUNCTIONS: Functions = functions![
    c"now" 0 now,
    c"elapsed" 0 elapsed,
    c"sleep" 1 sleep,
];

thread_local! {
    static START: Cell<u64> = const { Cell::new(0) };
}

/// Remembers when the process began.
pub fn start() {
    START.set(monotonic());
}

/// Nanoseconds of a clock that is never set.
pub fn monotonic() -> u64 {
    nanoseconds(libc::CLOCK_MONOTONIC)
}

/// Milliseconds as nanoseconds, as many as fit.
pub fn from_ms(ms: f64) -> u64 {
    (ms * 1e6) as u64
}

/// Milliseconds until a deadline for poll(2), rounded up so that it has passed afterwards.
pub fn ms_until(deadline: u64) -> i32 {
    i32::try_from(deadline.saturating_sub(monotonic()).div_ceil(1_000_000)).unwrap_or(i32::MAX)
}

fn nanoseconds(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(clock, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

fn now(call: &Call) -> Outcome {
    call.ctx.bigint(nanoseconds(libc::CLOCK_REALTIME) as i64)
}

fn elapsed(call: &Call) -> Outcome {
    Ok(call.ctx.number((monotonic() - START.get()) as f64 / 1e6))
}

fn sleep(call: &Call) -> Outcome {
    let until = monotonic().saturating_add(from_ms(call.milliseconds(0)?));
    let until = libc::timespec { tv_sec: (until / 1_000_000_000) as i64, tv_nsec: (until % 1_000_000_000) as i64 };
    let clock = libc::CLOCK_MONOTONIC;
    while unsafe { libc::clock_nanosleep(clock, libc::TIMER_ABSTIME, &until, std::ptr::null_mut()) } == libc::EINTR {}
    Ok(call.ctx.undefined())
}
