//! Timers, in the order of their time.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::clock::{from_ms, monotonic};
use crate::js::{Call, Ctx, Functions, Outcome, Value};
use crate::{engine, functions};

pub static FUNCTIONS: Functions = functions![
    c"timer" 3 timer,
    c"clearTimer" 1 clear_timer,
    c"unrefTimer" 1 unref_timer,
];

struct Timer {
    callback: Value,
    /// Nanoseconds between calls, of one that repeats.
    period: Option<u64>,
    keeps_alive: bool,
}

struct Timers {
    last: u32,
    /// By time, then in the order in which they were set.
    waiting: BTreeMap<(u64, u32), Timer>,
    times: BTreeMap<u32, u64>,
}

thread_local! {
    static TIMERS: RefCell<Timers> =
        const { RefCell::new(Timers { last: 0, waiting: BTreeMap::new(), times: BTreeMap::new() }) };
}

impl Timers {
    fn add(&mut self, id: u32, time: u64, timer: Timer) {
        self.times.insert(id, time);
        self.waiting.insert((time, id), timer);
    }

    fn remove(&mut self, id: u32) -> Option<Timer> {
        let time = self.times.remove(&id)?;
        self.waiting.remove(&(time, id))
    }

    /// The first timer that is due, if it was set before the one named `newest`.
    fn first_due(&self, now: u64, newest: u32) -> Option<u32> {
        let due = self.waiting.range(..=(now, u32::MAX));
        due.map(|((_, id), _)| *id).find(|id| *id <= newest)
    }
}

/// When the next timer is due.
pub fn next() -> Option<u64> {
    TIMERS.with_borrow(|timers| timers.waiting.first_key_value().map(|((time, _), _)| *time))
}

/// Whether the process waits for a timer.
pub fn keep_alive() -> bool {
    TIMERS.with_borrow(|timers| timers.waiting.values().any(|timer| timer.keeps_alive))
}

/// Calls back for the timers that are due, but not for those that are set meanwhile.
pub fn run_due(ctx: Ctx) {
    let now = monotonic();
    let newest = TIMERS.with_borrow(|timers| timers.last);
    while let Some(callback) = TIMERS.with_borrow_mut(|timers| take_due(timers, now, newest)) {
        engine::call_back(ctx, &callback, &[]);
    }
}

fn take_due(timers: &mut Timers, now: u64, newest: u32) -> Option<Value> {
    let id = timers.first_due(now, newest)?;
    let timer = timers.remove(id)?;
    let callback = timer.callback.clone();
    if let Some(period) = timer.period {
        timers.add(id, now.saturating_add(period.max(1)), timer);
    }
    Some(callback)
}

fn timer(call: &Call) -> Outcome {
    let delay = from_ms(call.milliseconds(0)?);
    let callback = call.function(1)?;
    let repeats = !call.value(2).is_undefined() && call.boolean(2)?;
    let timer = Timer { callback, period: repeats.then_some(delay), keeps_alive: true };
    let id = TIMERS.with_borrow_mut(|timers| {
        timers.last += 1;
        timers.add(timers.last, monotonic().saturating_add(delay), timer);
        timers.last
    });
    Ok(call.ctx.number(f64::from(id)))
}

fn clear_timer(call: &Call) -> Outcome {
    let id = call.word(0)?;
    drop(TIMERS.with_borrow_mut(|timers| timers.remove(id)));
    Ok(call.ctx.undefined())
}

fn unref_timer(call: &Call) -> Outcome {
    let id = call.word(0)?;
    TIMERS.with_borrow_mut(|timers| {
        let timer = timers.times.get(&id).copied().and_then(|time| timers.waiting.get_mut(&(time, id)));
        if let Some(timer) = timer {
            timer.keeps_alive = false;
        }
    });
    Ok(call.ctx.undefined())
}
