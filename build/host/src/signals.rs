//! Signals that the program wants to know of, read from a file like everything else.

use std::cell::{Cell, RefCell};
use std::mem::{MaybeUninit, zeroed};
use std::os::fd::RawFd;
use std::ptr;
use std::rc::Rc;

use crate::event_loop::{self, Source};
use crate::js::{Call, Ctx, Functions, Outcome, Value, system_error};
use crate::{engine, functions};

pub static FUNCTIONS: Functions = functions![c"onSignal" 2 on_signal];

thread_local! {
    static CALLBACKS: RefCell<Vec<(i32, Value)>> = const { RefCell::new(Vec::new()) };
    static OPENED: Cell<Option<RawFd>> = const { Cell::new(None) };
}

/// Those of a write that cannot be done: to a closed pipe, or beyond the limit on a file's size. It is an error, not the end.
pub const OF_WRITES: [i32; 2] = [libc::SIGPIPE, libc::SIGXFSZ];

pub fn ignore_those_of_writes() {
    for signal in OF_WRITES {
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
}

fn on_signal(call: &Call) -> Outcome {
    let signal = match call.string(0)?.as_str() {
        "SIGTERM" => libc::SIGTERM,
        "SIGINT" => libc::SIGINT,
        "SIGHUP" => libc::SIGHUP,
        _ => return Err(call.wrong(0, "SIGTERM, SIGINT or SIGHUP")),
    };
    let callback = call.function(1)?;
    CALLBACKS.with_borrow_mut(|callbacks| callbacks.push((signal, callback)));
    watch()?;
    Ok(call.ctx.undefined())
}

/// Blocks the signals with a callback, and has the loop read them instead.
fn watch() -> Outcome<()> {
    let set = CALLBACKS.with_borrow(|callbacks| set_of(callbacks.iter().map(|(signal, _)| *signal)));
    let opened = OPENED.get();
    unsafe { libc::sigprocmask(libc::SIG_BLOCK, &set, ptr::null_mut()) };
    let fd = unsafe { libc::signalfd(opened.unwrap_or(-1), &set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) };
    if fd < 0 {
        return Err(system_error("signalfd"));
    }
    if opened.is_none() {
        OPENED.set(Some(fd));
        event_loop::add(Rc::new(Signals(fd)));
    }
    Ok(())
}

/// A set of signals, for the system calls that take one.
pub fn set_of(signals: impl IntoIterator<Item = i32>) -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for signal in signals {
            libc::sigaddset(set.as_mut_ptr(), signal);
        }
        set.assume_init()
    }
}

struct Signals(RawFd);

impl Source for Signals {
    fn interest(&self) -> Option<(RawFd, i16)> {
        Some((self.0, libc::POLLIN))
    }

    fn keeps_alive(&self) -> bool {
        false
    }

    fn ready(&self, ctx: Ctx, _: i16) {
        let mut info: libc::signalfd_siginfo = unsafe { zeroed() };
        let size = size_of::<libc::signalfd_siginfo>();
        if unsafe { libc::read(self.0, (&raw mut info).cast(), size) } != size as isize {
            return;
        }
        let callbacks = CALLBACKS.with_borrow(Clone::clone);
        for (_, callback) in callbacks.iter().filter(|(signal, _)| *signal == info.ssi_signo as i32) {
            engine::call_back(ctx, callback, &[]);
        }
    }
}
