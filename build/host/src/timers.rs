//! Timers, in the order of their time.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::clock::{from_ms, monotonic};
use crate::js::{Call, Ctx, Functions, Outcome, Value};
use crate::{engine, functions};

pub static FUNCTIONS: Functions = functions![
    c"timer" 2 timer,
    c"clearTimer" 1 clear_timer,
];

struct Timers {
    last: u32,
    /// Callbacks by time, then in the order in which they were set.
    waiting: BTreeMap<(u64, u32), Value>,
}

thread_local! {
    static TIMERS: RefCell<Timers> = const { RefCell::new(Timers { last: 0, waiting: BTreeMap::new() }) };
}

impl Timers {
    /// The callback of the first timer that is due, if it was set before the one named `newest`.
    fn take_due(&mut self, now: u64, newest: u32) -> Option<Value> {
        let mut due = self.waiting.range(..=(now, u32::MAX));
        let key = due.find(|((_, id), _)| *id <= newest).map(|(key, _)| *key)?;
        self.waiting.remove(&key)
    }

    fn remove(&mut self, id: u32) -> Option<Value> {
        let key = self.waiting.keys().find(|(_, other)| *other == id).copied()?;
        self.waiting.remove(&key)
    }
}

/// When the next timer is due.
pub fn next() -> Option<u64> {
    TIMERS.with_borrow(|timers| timers.waiting.first_key_value().map(|((time, _), _)| *time))
}

/// Calls back for the timers that are due, but not for those that are set meanwhile.
pub fn run_due(ctx: Ctx) {
    let now = monotonic();
    let newest = TIMERS.with_borrow(|timers| timers.last);
    while let Some(callback) = TIMERS.with_borrow_mut(|timers| timers.take_due(now, newest)) {
        engine::call_back(ctx, &callback, &[]);
    }
}

fn timer(call: &Call) -> Outcome {
    let delay = from_ms(call.milliseconds(0)?);
    let callback = call.function(1)?;
    let id = TIMERS.with_borrow_mut(|timers| {
        timers.last += 1;
        timers.waiting.insert((monotonic().saturating_add(delay), timers.last), callback);
        timers.last
    });
    Ok(call.ctx.number(f64::from(id)))
}

fn clear_timer(call: &Call) -> Outcome {
    let id = call.word(0)?;
    drop(TIMERS.with_borrow_mut(|timers| timers.remove(id)));
    Ok(call.ctx.undefined())
}
