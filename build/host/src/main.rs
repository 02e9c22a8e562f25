//! Runs ES modules, appended to this executable as bytecode, on QuickJS-ng, with the system calls they need as `calicoHost`.
//!
//! Without modules of its own it is a tool: it runs a module from disk, or packs modules into an executable.

#![cfg_attr(not(test), no_main)]

mod allocator;
mod archive;
mod base64;
mod clock;
mod engine;
mod environment;
mod errno;
mod event_loop;
mod files;
mod hash;
mod heap;
mod js;
mod json;
mod kernel;
mod last_words;
mod modules;
mod net;
mod own_file;
mod pack;
mod process;
mod programs;
mod random;
mod signals;
mod stack;
mod surface;
mod system_call;
mod text;
mod timers;
mod tool;
mod uncaught;

/// The C library's entry: Rust's own would open files in place of closed standard streams, and take a millisecond's part.
///
/// # Safety
/// Called once, by the C library.
#[cfg_attr(not(test), unsafe(no_mangle))]
#[cfg_attr(test, allow(dead_code))]
pub unsafe extern "C" fn main(count: i32, arguments: *const *const libc::c_char) -> i32 {
    clock::start();
    unsafe { process::remember(count, arguments) };
    last_words::listen();
    process::hold_standard_streams();
    signals::ignore_those_of_writes();
    stack::with_enough(work)
}

fn work() -> i32 {
    match own_file::archive() {
        Ok(Some(archive)) => product(archive),
        Ok(None) => tool::main(),
        Err(error) => process::fail(&format!("cannot read the modules in this executable: {error}")),
    }
}

fn product(archive: archive::Archive<'static>) -> i32 {
    let main = archive.main();
    let ctx = engine::start(modules::Origin::Archive(archive), process::arguments());
    engine::evaluate(ctx, main.name);
    event_loop::run(ctx)
}
