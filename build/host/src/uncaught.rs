//! Errors that were not caught.

use std::cell::{Cell, RefCell};

use rquickjs_sys as qjs;

use crate::functions;
use crate::js::{Call, Ctx, Functions, Outcome, Value};
use crate::process;

pub static FUNCTIONS: Functions = functions![c"onUncaught" 1 on_uncaught];

thread_local! {
    static HANDLER: RefCell<Option<Value>> = const { RefCell::new(None) };
    /// Promises that were rejected while nothing waited for them, with the reasons.
    static REJECTED: RefCell<Vec<(Value, Value)>> = const { RefCell::new(Vec::new()) };
    static REPORTING: Cell<bool> = const { Cell::new(false) };
}

fn on_uncaught(call: &Call) -> Outcome {
    HANDLER.set(Some(call.function(0)?));
    Ok(call.ctx.undefined())
}

/// Hands an error to the program's handler; ends the process if there is none, or if that throws as well.
pub fn report(ctx: Ctx, error: Value) {
    let handler = HANDLER.with_borrow(Clone::clone);
    let Some(handler) = handler.filter(|_| !REPORTING.get()) else { give_up(&error) };
    REPORTING.set(true);
    if handler.call(std::slice::from_ref(&error)).is_err() {
        give_up(&ctx.take_exception());
    }
    REPORTING.set(false);
}

fn give_up(error: &Value) -> ! {
    process::fail(&describe(error))
}

/// What the engine throws, as a text, when it has no memory for an error.
const NO_ERROR: [&str; 2] = ["[uninitialized]", "null"];

/// An error with its stack, for people.
pub fn describe(error: &Value) -> String {
    let text = error.text().unwrap_or_else(|_| "an error that cannot be shown".into());
    if NO_ERROR.contains(&text.as_str()) {
        return "out of memory".into();
    }
    let stack = error.get(c"stack").ok().filter(Value::is_string).and_then(|stack| stack.text().ok());
    format!("{text}\n{}", stack.unwrap_or_default()).trim_end().to_owned()
}

/// Reports the rejections that are still unhandled once all jobs have run; true if there were any.
pub fn report_rejections(ctx: Ctx) -> bool {
    let rejected = REJECTED.take();
    let any = !rejected.is_empty();
    for (_, reason) in rejected {
        report(ctx, reason);
    }
    any
}

/// The engine's news of rejections.
///
/// # Safety
/// Called by the engine.
pub unsafe extern "C" fn track_rejection(
    ctx: *mut qjs::JSContext,
    promise: qjs::JSValue,
    reason: qjs::JSValue,
    is_handled: bool,
    _: *mut std::ffi::c_void,
) {
    let ctx = unsafe { Ctx::from_raw(ctx) };
    let promise = ctx.borrow(promise);
    REJECTED.with_borrow_mut(|rejected| {
        if is_handled {
            rejected.retain(|(other, _)| !same(other, &promise));
        } else {
            rejected.push((promise, ctx.borrow(reason)));
        }
    });
}

/// Whoever looks at the promise itself needs no report of its rejection.
pub fn is_handled(promise: &Value) {
    REJECTED.with_borrow_mut(|rejected| rejected.retain(|(other, _)| !same(other, promise)));
}

fn same(one: &Value, other: &Value) -> bool {
    unsafe { qjs::JS_IsStrictEqual(one.ctx().raw(), one.raw(), other.raw()) }
}
