//! Namespaces, and sockets for talking to the kernel.

use crate::functions;
use crate::js::{Call, Functions, Outcome};
use crate::system_call::repeat;

pub static FUNCTIONS: Functions = functions![
    c"setns" 2 setns,
    c"socket" 3 socket,
    c"setsockopt" 4 setsockopt,
    c"send" 3 send,
    c"recv" 3 recv,
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
    // With MSG_TRUNC the kernel returns the whole length, even if it did not fit.
    Ok(call.ctx.number(count as f64))
}
