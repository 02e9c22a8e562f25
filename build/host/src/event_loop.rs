//! Waits for what the program waits for, with poll(2): files, deadlines, timers.

use std::cell::{Cell, RefCell};
use std::os::fd::RawFd;
use std::rc::Rc;

use crate::clock::{monotonic, ms_until};
use crate::js::{Call, Ctx, Functions, Outcome, Value};
use crate::process::{SOFTWARE_ERROR, exit};
use crate::{engine, functions, timers};

pub static FUNCTIONS: Functions = functions![
    c"immediate" 1 immediate,
    c"onIdle" 1 on_idle,
];

/// Something that the loop waits for: a socket, a resolver's question, the signals.
///
/// Methods take `&self`, as `ready` calls back into the program, which may call the source again or remove it.
pub trait Source {
    /// The file to poll, and for what (POLLIN, POLLOUT); none while it only waits for its deadline.
    fn interest(&self) -> Option<(RawFd, i16)>;
    /// When `ready` is to be called even so, on the clock of `clock::monotonic`.
    fn deadline(&self) -> Option<u64> {
        None
    }
    /// Whether the process waits for it, or may end without it.
    fn keeps_alive(&self) -> bool {
        true
    }
    /// The file is ready, with poll's answer; or the deadline has passed, with 0.
    fn ready(&self, ctx: Ctx, events: i16);
}

/// Names a source in the loop.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key(u64);

thread_local! {
    static SOURCES: RefCell<Vec<(Key, Rc<dyn Source>)>> = const { RefCell::new(Vec::new()) };
    static NEXT_KEY: Cell<u64> = const { Cell::new(0) };
    static IMMEDIATES: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
    static IDLE: RefCell<Option<Value>> = const { RefCell::new(None) };
}

/// Waits for this source too, until it is removed.
pub fn add(source: Rc<dyn Source>) -> Key {
    let key = Key(NEXT_KEY.replace(NEXT_KEY.get() + 1));
    SOURCES.with_borrow_mut(|sources| sources.push((key, source)));
    key
}

/// Stops waiting for a source; one that is gone is no error.
pub fn remove(key: Key) {
    let removed = SOURCES.with_borrow_mut(|sources| {
        let at = sources.iter().position(|(other, _)| *other == key)?;
        Some(sources.remove(at))
    });
    // Dropped only now, as that may reach back to the loop.
    drop(removed);
}

fn immediate(call: &Call) -> Outcome {
    let callback = call.function(0)?;
    IMMEDIATES.with_borrow_mut(|waiting| waiting.push(callback));
    Ok(call.ctx.undefined())
}

fn on_idle(call: &Call) -> Outcome {
    IDLE.set(Some(call.function(0)?));
    Ok(call.ctx.undefined())
}

/// Runs the program until it exits, or nothing is left that it could wait for.
pub fn run(ctx: Ctx) -> ! {
    loop {
        while is_alive() {
            timers::run_due(ctx);
            poll(ctx);
            run_immediates(ctx);
        }
        if let Some(callback) = IDLE.with_borrow(Clone::clone) {
            engine::call_back(ctx, &callback, &[]);
        }
        if !is_alive() {
            exit(SOFTWARE_ERROR);
        }
    }
}

fn is_alive() -> bool {
    has_immediates()
        || timers::next().is_some()
        || SOURCES.with_borrow(|sources| sources.iter().any(|(_, source)| source.keeps_alive()))
}

fn has_immediates() -> bool {
    IMMEDIATES.with_borrow(|waiting| !waiting.is_empty())
}

/// Waits once, and serves what became ready.
fn poll(ctx: Ctx) {
    let sources = SOURCES.with_borrow(Clone::clone);
    if !is_alive() {
        return;
    }
    let mut asked: Vec<libc::pollfd> = sources.iter().map(|(_, source)| question(&**source)).collect();
    let wait = wait(&sources);
    let answered = unsafe { libc::poll(asked.as_mut_ptr(), asked.len() as libc::nfds_t, wait) };
    let now = monotonic();
    for ((key, source), answer) in sources.iter().zip(&asked) {
        let events = if answered > 0 { answer.revents } else { 0 };
        let is_due = source.deadline().is_some_and(|deadline| deadline <= now);
        if (events != 0 || is_due) && is_waited_for(*key) {
            source.ready(ctx, events);
        }
    }
}

fn question(source: &dyn Source) -> libc::pollfd {
    // poll(2) ignores negative numbers.
    let (fd, events) = source.interest().unwrap_or((-1, 0));
    libc::pollfd { fd, events, revents: 0 }
}

fn is_waited_for(key: Key) -> bool {
    SOURCES.with_borrow(|sources| sources.iter().any(|(other, _)| *other == key))
}

/// Milliseconds to wait at most; -1 for ever.
fn wait(sources: &[(Key, Rc<dyn Source>)]) -> i32 {
    if has_immediates() {
        return 0;
    }
    let deadlines = sources.iter().filter_map(|(_, source)| source.deadline());
    deadlines.chain(timers::next()).min().map_or(-1, ms_until)
}

fn run_immediates(ctx: Ctx) {
    for callback in IMMEDIATES.take() {
        engine::call_back(ctx, &callback, &[]);
    }
}
