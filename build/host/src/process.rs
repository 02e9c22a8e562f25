//! This process: how it was called, and how it ends.

use std::cell::Cell;
use std::ffi::{CStr, c_char};
use std::os::unix::ffi::OsStrExt;

use crate::functions;
use crate::js::{Call, Functions, Outcome, Value, system_error};
use crate::{environment, last_words, own_file};

pub static FUNCTIONS: Functions = functions![
    c"exit" 1 exit_,
    c"euid" 0 euid,
    c"hostname" 0 hostname,
    c"executable" 0 executable,
    c"setLastWords" 2 set_last_words,
];

/// The exit status when nothing else is known: an internal error of a program (EX_SOFTWARE).
pub const SOFTWARE_ERROR: i32 = 70;

thread_local! {
    static ARGUMENTS: Cell<&'static [*const c_char]> = const { Cell::new(&[]) };
}

/// # Safety
/// With the arguments of `main`.
pub unsafe fn remember(count: i32, arguments: *const *const c_char) {
    let count = usize::try_from(count).unwrap_or(0);
    if count > 0 {
        ARGUMENTS.set(unsafe { std::slice::from_raw_parts(arguments, count) });
    }
}

/// The command line.
pub fn arguments() -> Vec<&'static [u8]> {
    ARGUMENTS.get().iter().map(|text| unsafe { CStr::from_ptr(*text) }.to_bytes()).collect()
}

/// Occupies the numbers of standard streams that are closed, so that no other file gets them, with files that can be neither
/// read nor written: to the program these streams are still closed (EBADF).
pub fn hold_standard_streams() {
    for fd in 0..3 {
        if unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
            unsafe { libc::open(c"/".as_ptr(), libc::O_PATH | libc::O_CLOEXEC) };
        }
    }
}

/// Ends the process at once; there is nothing to tidy up.
pub fn exit(status: i32) -> ! {
    unsafe { libc::_exit(status) }
}

/// Ends the process for a fault of its own.
pub fn fail(message: &str) -> ! {
    write_error(&format!("{message}\n"));
    last_words::speak_and_exit()
}

/// Writes to standard error what can be written without waiting.
pub fn write_error(text: &str) {
    unsafe { libc::write(2, text.as_ptr().cast(), text.len()) };
}

fn exit_(call: &Call) -> Outcome {
    exit(call.int(0)?)
}

fn euid(call: &Call) -> Outcome {
    Ok(call.ctx.number(f64::from(unsafe { libc::geteuid() })))
}

fn hostname(call: &Call) -> Outcome {
    call.ctx.string(&host_name()?)
}

/// The name of this machine; what is not UTF-8 becomes U+FFFD.
pub fn host_name() -> Outcome<String> {
    let mut name = [0u8; 256];
    if unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) } < 0 {
        return Err(system_error("gethostname"));
    }
    Ok(CStr::from_bytes_until_nul(&name).unwrap_or_default().to_string_lossy().into_owned())
}

fn executable(call: &Call) -> Outcome {
    call.ctx.foreign_string(own_file::path().as_os_str().as_bytes())
}

fn set_last_words(call: &Call) -> Outcome {
    last_words::set(call.string(0)?, call.int(1)?);
    Ok(call.ctx.undefined())
}

/// Properties of `calicoHost` that are not functions.
pub fn describe(object: &Value, arguments: &[&[u8]]) -> Outcome<()> {
    let ctx = object.ctx();
    let arch = if cfg!(target_arch = "x86_64") { "x64" } else { "arm64" };
    object.fix(c"arch", ctx.string(arch)?)?;
    object.fix(c"pid", ctx.number(f64::from(unsafe { libc::getpid() })))?;
    object.fix(c"argv", ctx.strings(arguments)?.freeze()?)?;
    object.fix(c"env", environment::environment(ctx)?)
}
