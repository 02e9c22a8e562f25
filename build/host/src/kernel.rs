//! Namespaces, and sockets for talking to the kernel.

use crate::clock::{from_ms, monotonic};
use crate::functions;
use crate::js::{Call, Functions, Outcome, system_error};
use crate::system_call::repeat;

pub static FUNCTIONS: Functions = functions![
    c"setns" 2 setns,
    c"socket" 3 socket,
    c"setsockopt" 4 setsockopt,
    c"send" 3 send,
    c"recv" 3 recv,
    c"poll" 3 poll,
];

fn setns(call: &Call) -> Outcome {
    let (fd, kind) = (call.int(0)?, call.int(1)?);
    repeat("setns", || unsafe { libc::setns(fd, kind) })?;
    Ok(call.ctx.undefined())
}

fn socket(call: &Call) -> Outcome {
    let (domain, kind, protocol) = (call.int(0)?, call.int(1)? | libc::SOCK_CLOEXEC, call.int(2)?);
    Ok(call.ctx.int(repeat("socket", || unsafe { libc::socket(domain, kind, protocol) })?))
}

fn setsockopt(call: &Call) -> Outcome {
    let (fd, level, option, value) = (call.int(0)?, call.int(1)?, call.int(2)?, call.bytes(3)?);
    let length = libc::socklen_t::try_from(value.len()).map_err(|_| call.wrong(3, "shorter"))?;
    repeat("setsockopt", || unsafe { libc::setsockopt(fd, level, option, value.as_ptr().cast(), length) })?;
    Ok(call.ctx.undefined())
}

fn send(call: &Call) -> Outcome {
    let (fd, bytes, flags) = (call.int(0)?, call.bytes(1)?, call.int(2)?);
    let count = repeat("send", || unsafe { libc::send(fd, bytes.as_ptr().cast(), bytes.len(), flags) })?;
    Ok(call.ctx.number(count as f64))
}

fn recv(call: &Call) -> Outcome {
    let (fd, into, flags) = (call.int(0)?, call.bytes_mut(1)?, call.int(2)?);
    let (start, length) = (into.as_mut_ptr(), into.len());
    let count = repeat("recv", || unsafe { libc::recv(fd, start.cast(), length, flags) })?;
    // With MSG_TRUNC the kernel tells the whole length, even if it did not fit.
    Ok(call.ctx.number(count as f64))
}

/// Waits for one file; its events, or 0 when the time has passed.
fn poll(call: &Call) -> Outcome {
    let (fd, events, ms) = (call.int(0)?, call.int(1)?, call.milliseconds(2)?);
    let events = i16::try_from(events).map_err(|_| call.wrong(1, "a set of poll events"))?;
    let deadline = monotonic().saturating_add(from_ms(ms));
    loop {
        let mut asked = libc::pollfd { fd, events, revents: 0 };
        let left = deadline.saturating_sub(monotonic()).div_ceil(1_000_000);
        let left = i32::try_from(left).unwrap_or(i32::MAX);
        match unsafe { libc::poll(&mut asked, 1, left) } {
            0 if left == i32::MAX => {}
            0.. => return Ok(call.ctx.int(i32::from(asked.revents))),
            _ if crate::errno::last() == libc::EINTR => {}
            _ => return Err(system_error("poll")),
        }
    }
}
