//! An end for system calls that would wait for ever.

use std::mem::{MaybeUninit, zeroed};
use std::ptr;

use crate::clock::monotonic;
use crate::signals::set_of;

/// How soon the alarm is repeated: the first may come before the call has begun to wait.
const AGAIN_US: i64 = 10_000;

/// Interrupts system calls (EINTR) once its time is over, until it is dropped.
pub struct Alarm {
    end: u64,
    is_set: bool,
    before: libc::sigaction,
    mask: libc::sigset_t,
}

extern "C" fn interrupt(_: i32) {}

impl Alarm {
    /// `nanoseconds` from now.
    pub fn after(nanoseconds: u64) -> Alarm {
        let (mut before, mut mask) = (MaybeUninit::uninit(), MaybeUninit::uninit());
        let first = i64::try_from(nanoseconds / 1000).unwrap_or(i64::MAX).max(1);
        unsafe {
            // Without SA_RESTART, so that the call ends.
            let mut action: libc::sigaction = zeroed();
            action.sa_sigaction = interrupt as *const () as usize;
            libc::sigaction(libc::SIGALRM, &action, before.as_mut_ptr());
            libc::sigprocmask(libc::SIG_UNBLOCK, &set_of([libc::SIGALRM]), mask.as_mut_ptr());
            let is_set = set_timer(first, AGAIN_US);
            let end = monotonic().saturating_add(nanoseconds);
            Alarm { end, is_set, before: before.assume_init(), mask: mask.assume_init() }
        }
    }

    /// False where a filter of system calls forbids it: then nothing will be interrupted.
    pub fn is_set(&self) -> bool {
        self.is_set
    }

    pub fn is_over(&self) -> bool {
        monotonic() >= self.end
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        set_timer(0, 0);
        unsafe {
            libc::sigprocmask(libc::SIG_SETMASK, &self.mask, ptr::null_mut());
            libc::sigaction(libc::SIGALRM, &self.before, ptr::null_mut());
        }
    }
}

/// Returns whether the kernel has done it.
fn set_timer(first: i64, again: i64) -> bool {
    let time = |us: i64| libc::timeval { tv_sec: us / 1_000_000, tv_usec: us % 1_000_000 };
    let timer = libc::itimerval { it_value: time(first), it_interval: time(again) };
    unsafe { libc::setitimer(libc::ITIMER_REAL, &timer, ptr::null_mut()) == 0 }
}
