//! All of `calicoHost`.

use rquickjs_sys as qjs;

use crate::js::{Ctx, Functions, Outcome};
use crate::{
    clock, event_loop, files, hash, json, kernel, modules, net, process, programs, random, signals, text, timers,
    uncaught,
};

const TABLES: &[&Functions] = &[
    &process::FUNCTIONS,
    &uncaught::FUNCTIONS,
    &clock::FUNCTIONS,
    &timers::FUNCTIONS,
    &event_loop::FUNCTIONS,
    &signals::FUNCTIONS,
    &random::FUNCTIONS,
    &text::FUNCTIONS,
    &json::FUNCTIONS,
    &hash::FUNCTIONS,
    &kernel::FUNCTIONS,
    &modules::FUNCTIONS,
];

/// Gives the program its one global, which nothing can change.
pub fn install(ctx: Ctx, arguments: &[&[u8]]) -> Outcome<()> {
    let host = ctx.object()?;
    let groups = [TABLES, files::FUNCTIONS, programs::FUNCTIONS, net::FUNCTIONS];
    for table in groups.into_iter().flatten() {
        table.install(&host)?;
    }
    process::describe(&host, arguments)?;
    host.prevent_extensions()?;
    let global = ctx.own(unsafe { qjs::JS_GetGlobalObject(ctx.raw()) })?;
    global.fix(c"calicoHost", host)
}
