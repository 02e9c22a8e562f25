//! Starts the engine, runs modules, callbacks and jobs.

use std::ptr;

use rquickjs_sys as qjs;

use crate::js::{Ctx, Value, register_class};
use crate::modules::{self, Origin};
use crate::{heap, process, stack, surface, uncaught};

/// Before the heap has this size nothing is searched for garbage cycles: a short call never gets there.
const FIRST_COLLECTION: usize = 8 << 20;

/// More than any command needs; a fault must not take the machine's memory.
const MEMORY_LIMIT: usize = 2 << 30;

/// A runtime and context with `calicoHost`.
pub fn start(origin: Origin, arguments: Vec<&[u8]>) -> Ctx {
    let Some(ctx) = bare(origin) else { process::fail("cannot start the engine: not enough memory") };
    if surface::install(ctx, &arguments).is_err() {
        process::fail(&format!("cannot start the engine: {}", uncaught::describe(&ctx.take_exception())));
    }
    ctx
}

/// A runtime and context that has only the language.
pub fn bare(origin: Origin) -> Option<Ctx> {
    unsafe {
        let runtime = heap::new_runtime();
        if runtime.is_null() {
            return None;
        }
        qjs::JS_SetMaxStackSize(runtime, stack::for_scripts() as _);
        qjs::JS_SetGCThreshold(runtime, FIRST_COLLECTION as _);
        qjs::JS_SetMemoryLimit(runtime, MEMORY_LIMIT as _);
        qjs::JS_SetHostPromiseRejectionTracker(runtime, Some(uncaught::track_rejection), ptr::null_mut());
        let may_compile = !matches!(origin, Origin::Archive(_));
        modules::listen(runtime, origin);
        let context = new_context(runtime, may_compile)?;
        register_class(runtime).then_some(context)
    }
}

/// A context with the whole language, without what browsers add to it. Only the tool compiles source text: no program evaluates
/// what is not in its executable.
pub fn new_context(runtime: *mut qjs::JSRuntime, may_compile: bool) -> Option<Ctx> {
    const INTRINSICS: [unsafe extern "C" fn(*mut qjs::JSContext) -> i32; 10] = [
        qjs::JS_AddIntrinsicBaseObjects,
        qjs::JS_AddIntrinsicDate,
        qjs::JS_AddIntrinsicRegExp,
        qjs::JS_AddIntrinsicJSON,
        qjs::JS_AddIntrinsicProxy,
        qjs::JS_AddIntrinsicMapSet,
        qjs::JS_AddIntrinsicTypedArrays,
        qjs::JS_AddIntrinsicPromise,
        qjs::JS_AddIntrinsicWeakRef,
        qjs::JS_AddPerformance,
    ];
    unsafe {
        let context = qjs::JS_NewContextRaw(runtime);
        let whole = !context.is_null()
            && INTRINSICS.iter().all(|add| add(context) == 0)
            && (!may_compile || qjs::JS_AddIntrinsicEval(context) == 0);
        whole.then(|| Ctx::from_raw(context))
    }
}

/// Runs the program's module, and what follows from it at once.
pub fn evaluate(ctx: Ctx, name: &str) {
    match modules::load_program(ctx, name) {
        // A failed program is a rejected promise, and so reported with the others.
        Ok(_) => run_jobs(ctx),
        Err(thrown) => {
            thrown.raise(ctx);
            uncaught::report(ctx, ctx.take_exception());
        }
    }
}

/// Calls back into the program, then lets its promises go on.
pub fn call_back(ctx: Ctx, callback: &Value, arguments: &[Value]) {
    if callback.call(arguments).is_err() {
        uncaught::report(ctx, ctx.take_exception());
    }
    run_jobs(ctx);
}

/// Runs all pending jobs, and those they make.
pub fn run_jobs(ctx: Ctx) {
    let runtime = unsafe { qjs::JS_GetRuntime(ctx.raw()) };
    loop {
        let mut context = ptr::null_mut();
        match unsafe { qjs::JS_ExecutePendingJob(runtime, &mut context) } {
            0 if uncaught::report_rejections(ctx) => {}
            0 => return,
            1.. => {}
            _ => uncaught::report(ctx, ctx.take_exception()),
        }
    }
}
