//! Sending to a socket from a process of its own, for requests that the kernel takes long to carry out.

use std::arch::asm;
use std::ffi::c_void;
use std::ptr;

use libc::c_int;

use super::start::started;
use crate::functions;
use crate::js::{Call, Functions, Outcome};
use crate::system_call::repeat;

pub static FUNCTIONS: Functions = functions![c"sendApart" 2 send_apart];

/// The other process makes a few system calls.
const STACK: usize = 16 << 10;
/// Where close_range is missing (kernels before 5.9), descriptors up to this one are closed one by one.
const HIGHEST_CLOSED: usize = 1_023;

struct Sending {
    fd: usize,
    bytes: Vec<u8>,
    stack: Vec<u128>,
}

fn send_apart(call: &Call) -> Outcome {
    let (fd, bytes) = (call.int(0)?, call.bytes(1)?.to_vec());
    let stack = vec![0; STACK / size_of::<u128>()];
    // Leaked on purpose: the other process reads it until it ends, and may outlive this one.
    let sending = Box::into_raw(Box::new(Sending { fd: fd as usize, bytes, stack }));
    let pid = repeat("clone", || unsafe { clone_to_send(sending) })?;
    started(call, pid)
}

/// The other process shares our memory: copying it would cost more than all that it does. So it must not run our signal handlers.
unsafe fn clone_to_send(sending: *mut Sending) -> c_int {
    unsafe {
        // A process that was started with SIGCHLD ignored would not learn how its children end.
        libc::signal(libc::SIGCHLD, libc::SIG_DFL);
        let (mut all, mut before) = (std::mem::zeroed(), std::mem::zeroed());
        libc::sigfillset(&mut all);
        libc::sigprocmask(libc::SIG_SETMASK, &all, &mut before);
        let top = (*sending).stack.as_mut_ptr_range().end.cast::<c_void>();
        let pid = libc::clone(send_and_end, top, libc::CLONE_VM | libc::SIGCHLD, sending.cast());
        libc::sigprocmask(libc::SIG_SETMASK, &before, ptr::null_mut());
        pid
    }
}

/// In the other process. It leaves no error's number in the memory that it shares, so it calls the kernel directly.
extern "C" fn send_and_end(sending: *mut c_void) -> c_int {
    let Sending { fd, bytes, .. } = unsafe { &*sending.cast::<Sending>() };
    unsafe {
        call_kernel(libc::SYS_setsid, [0; 4]);
        // Whoever waits for the end of our output, or for a lock of ours, must not wait for this process.
        if *fd > 0 {
            close_between(0, fd - 1);
        }
        close_between(fd + 1, c_int::MAX as usize);
        let sent =
            call_kernel(libc::SYS_sendto, [*fd, bytes.as_ptr() as usize, bytes.len(), libc::MSG_NOSIGNAL as usize]);
        c_int::from(sent < 0)
    }
}

unsafe fn close_between(first: usize, last: usize) {
    unsafe {
        if call_kernel(libc::SYS_close_range, [first, last, 0, 0]) < 0 {
            for fd in first..=last.min(HIGHEST_CLOSED) {
                call_kernel(libc::SYS_close, [fd, 0, 0, 0]);
            }
        }
    }
}

/// A system call of up to four arguments, its fifth and sixth being 0; a negative result is the error's number.
unsafe fn call_kernel(number: libc::c_long, [a, b, c, d]: [usize; 4]) -> isize {
    let result;
    unsafe {
        #[cfg(target_arch = "x86_64")]
        asm!("syscall", inlateout("rax") number as isize => result, in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d,
            in("r8") 0, in("r9") 0, lateout("rcx") _, lateout("r11") _, options(nostack));
        #[cfg(target_arch = "aarch64")]
        asm!("svc 0", in("x8") number, inlateout("x0") a as isize => result, in("x1") b, in("x2") c, in("x3") d,
            in("x4") 0, in("x5") 0, options(nostack));
    }
    result
}
