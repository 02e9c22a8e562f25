//! Sending to a socket from a process of its own, for requests that the kernel takes long to carry out.

use std::os::fd::{AsRawFd, RawFd};

use libc::{c_int, c_long, c_uint};

use super::start::{open_nothing, started};
use crate::functions;
use crate::js::{Call, Functions, Outcome, SystemError, Thrown};
use crate::system_call::repeat;

pub static FUNCTIONS: Functions = functions![c"sendApart" 2 send_apart];

/// Descriptors above it stay open on kernels before 5.9, which cannot close a range.
const HIGHEST_CLOSED: c_int = 1_023;

fn send_apart(call: &Call) -> Outcome {
    let (fd, bytes) = (call.int(0)?, call.bytes(1)?);
    let failed = |errno| Thrown::System(SystemError { errno, syscall: "open", path: None, to: None });
    let nothing = open_nothing().map_err(failed)?;
    // A process that was started with SIGCHLD ignored would not learn how its children end.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
    let pid = repeat("fork", || unsafe { libc::fork() })?;
    if pid == 0 {
        unsafe { send_and_end(fd, bytes, nothing.as_raw_fd()) }
    }
    started(call, pid)
}

/// In the new process: only system calls, as it is a copy of one that was doing something.
unsafe fn send_and_end(fd: RawFd, bytes: &[u8], nothing: RawFd) -> ! {
    unsafe {
        libc::setsid();
        for stream in 0..3 {
            if stream != fd {
                libc::dup2(nothing, stream);
            }
        }
        // Whoever waits for the end of our output, or for a lock of ours, must not wait for this process.
        close_between(3, fd - 1);
        close_between(fd.max(2) + 1, c_int::MAX);
        let sent = libc::send(fd, bytes.as_ptr().cast(), bytes.len(), libc::MSG_NOSIGNAL);
        libc::_exit(if sent < 0 { 1 } else { 0 })
    }
}

unsafe fn close_between(first: c_int, last: c_int) {
    if first > last {
        return;
    }
    let closed = unsafe { libc::syscall(libc::SYS_close_range, first as c_uint, last as c_uint, 0 as c_long) };
    if closed != 0 {
        for fd in first..=last.min(HIGHEST_CLOSED) {
            unsafe { libc::close(fd) };
        }
    }
}
