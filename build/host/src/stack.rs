//! The stack: how much of it scripts may use, so that too deep a recursion is an exception and not the end.

use std::arch::asm;
use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;

/// What scripts get at most. Much of it would only make an endless recursion take longer.
const MOST: usize = 4 << 20;

/// Where the process was given less than this, it makes a stack of its own, of this size.
const LEAST: usize = 1 << 20;

/// Kept for native code that scripts call, such as a TLS handshake.
const RESERVE: usize = 256 << 10;

const PAGE: usize = 64 << 10;

thread_local! {
    static FOR_SCRIPTS: Cell<usize> = const { Cell::new(LEAST - RESERVE) };
}

/// Bytes of the stack that scripts may use.
pub fn for_scripts() -> usize {
    FOR_SCRIPTS.get()
}

/// Runs `work` where the stack suffices.
pub fn with_enough(work: fn() -> i32) -> i32 {
    let free = free();
    if free >= LEAST {
        FOR_SCRIPTS.set(free.min(MOST + RESERVE) - RESERVE);
        return work();
    }
    let Some(top) = own_stack() else {
        FOR_SCRIPTS.set(free / 2);
        return work();
    };
    let mut job = Job { work, result: 0 };
    unsafe { call_on(top, run_job, (&raw mut job).cast()) };
    job.result
}

/// What is left of the stack that the kernel gave us. It holds, from its top, the path of the executable, the environment and
/// the arguments.
fn free() -> usize {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    if unsafe { libc::getrlimit(libc::RLIMIT_STACK, &mut limit) } < 0 {
        return 0;
    }
    let top = unsafe { libc::getauxval(libc::AT_EXECFN) } as usize;
    let here = (&raw const limit).addr();
    let used = top.saturating_sub(here) + PAGE;
    usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX).saturating_sub(used)
}

/// The upper end of a new stack, with a page below it that cannot be touched.
fn own_stack() -> Option<*mut u8> {
    let (size, access) = (PAGE + LEAST, libc::PROT_READ | libc::PROT_WRITE);
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_STACK;
    let start = unsafe { libc::mmap(ptr::null_mut(), size, access, flags, -1, 0) };
    if start == libc::MAP_FAILED || unsafe { libc::mprotect(start, PAGE, libc::PROT_NONE) } < 0 {
        return None;
    }
    Some(unsafe { start.cast::<u8>().add(size) })
}

struct Job {
    work: fn() -> i32,
    result: i32,
}

extern "C" fn run_job(job: *mut c_void) {
    let job = unsafe { &mut *job.cast::<Job>() };
    job.result = (job.work)();
}

/// Calls a function on another stack.
#[cfg(target_arch = "x86_64")]
unsafe fn call_on(top: *mut u8, function: extern "C" fn(*mut c_void), argument: *mut c_void) {
    unsafe {
        asm!(
            "xchg rsp, r12",
            "call {function}",
            "mov rsp, r12",
            function = in(reg) function,
            inout("r12") top => _,
            in("rdi") argument,
            clobber_abi("C"),
        );
    }
}

/// Calls a function on another stack.
#[cfg(target_arch = "aarch64")]
unsafe fn call_on(top: *mut u8, function: extern "C" fn(*mut c_void), argument: *mut c_void) {
    unsafe {
        asm!(
            "mov x21, sp",
            "mov sp, x20",
            "blr {function}",
            "mov sp, x21",
            function = in(reg) function,
            in("x20") top,
            out("x21") _,
            in("x0") argument,
            clobber_abi("C"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_runs_on_another_stack() {
        fn address() -> i32 {
            let here = 0u8;
            (ptr::from_ref(&here).addr() >> 12) as i32
        }
        let mut job = Job { work: address, result: 0 };
        let top = own_stack().unwrap();
        unsafe { call_on(top, run_job, (&raw mut job).cast()) };
        let below = ((top.addr() >> 12) as i32).wrapping_sub(job.result);
        assert!((0..16).contains(&below), "{below}");
    }
}
