//! What is said when the process cannot go on: text made beforehand, written by a signal handler or a panic.

use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use crate::process::{SOFTWARE_ERROR, exit};

struct Words {
    text: String,
    status: i32,
}

static WORDS: AtomicPtr<Words> = AtomicPtr::new(ptr::null_mut());

/// Faults of native code. SIGABRT comes from failed assertions.
const FAULTS: [i32; 5] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGABRT];

const STACK: usize = 64 << 10;

/// The handlers' own stack, as the usual one may have overflowed.
static mut HANDLER_STACK: MaybeUninit<[u8; STACK]> = MaybeUninit::uninit();

/// Sets the text for standard output, and the exit status.
pub fn set(text: String, status: i32) {
    let words = Box::into_raw(Box::new(Words { text, status }));
    let old = WORDS.swap(words, Ordering::AcqRel);
    if !old.is_null() {
        // A handler that had taken it would never have come back here.
        drop(unsafe { Box::from_raw(old) });
    }
}

/// Writes the last words to standard output and ends the process. Calls nothing that a signal handler must not.
pub fn speak_and_exit() -> ! {
    let words = WORDS.swap(ptr::null_mut(), Ordering::AcqRel);
    let Some(words) = (unsafe { words.as_ref() }) else { exit(SOFTWARE_ERROR) };
    let mut rest = words.text.as_bytes();
    while !rest.is_empty() {
        let written = unsafe { libc::write(1, rest.as_ptr().cast(), rest.len()) };
        match usize::try_from(written) {
            Ok(count) => rest = &rest[count..],
            Err(_) if crate::errno::last() == libc::EINTR => {}
            Err(_) if crate::errno::last() == libc::EAGAIN => wait_for_reader(),
            Err(_) => break,
        }
    }
    exit(words.status)
}

fn wait_for_reader() {
    let mut stdout = libc::pollfd { fd: 1, events: libc::POLLOUT, revents: 0 };
    unsafe { libc::poll(&mut stdout, 1, -1) };
}

/// From now on faults of native code and panics end the process with its last words.
pub fn listen() {
    std::panic::set_hook(Box::new(|_| speak_and_exit()));
    unsafe {
        let stack = libc::stack_t { ss_sp: (&raw mut HANDLER_STACK).cast(), ss_flags: 0, ss_size: STACK };
        libc::sigaltstack(&stack, ptr::null_mut());
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_fault as *const () as usize;
        // A second fault, within the handler, kills.
        action.sa_flags = libc::SA_ONSTACK | libc::SA_RESETHAND | libc::SA_NODEFER;
        for signal in FAULTS {
            libc::sigaction(signal, &action, ptr::null_mut());
        }
    }
}

extern "C" fn on_fault(_: i32) {
    speak_and_exit()
}
