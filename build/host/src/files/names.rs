//! Names of files.

use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt;

use crate::functions;
use crate::js::{Call, Functions, Outcome, SystemError, Thrown};
use crate::system_call::{repeat, repeat_at};

pub static FUNCTIONS: Functions = functions![
    c"exists" 1 exists,
    c"isWritable" 1 is_writable,
    c"readdir" 1 readdir,
    c"rename" 2 rename,
    c"unlink" 1 unlink,
    c"link" 2 link,
    c"realpath" 1 realpath,
    c"mkdir" 2 mkdir,
    c"rmdir" 1 rmdir,
];

fn exists(call: &Call) -> Outcome {
    let path = call.c_string(0)?;
    Ok(call.ctx.boolean(unsafe { libc::access(path.as_ptr(), libc::F_OK) } == 0))
}

/// Whether this process may change what is in a folder.
fn is_writable(call: &Call) -> Outcome {
    let path = call.c_string(0)?;
    Ok(call.ctx.boolean(unsafe { libc::access(path.as_ptr(), libc::W_OK | libc::X_OK) } == 0))
}

fn readdir(call: &Call) -> Outcome {
    let path = call.c_string(0)?;
    let failed = |error| failed("scandir", &path, &error);
    let entries = std::fs::read_dir(OsStr::from_bytes(path.to_bytes())).map_err(failed)?;
    let names: Result<Vec<_>, _> = entries.map(|entry| Ok(entry?.file_name())).collect();
    let names = names.map_err(failed)?;
    call.ctx.strings(names.iter().map(|name| name.as_bytes()))
}

fn rename(call: &Call) -> Outcome {
    two_paths(call, "rename", |from, to| unsafe { libc::rename(from, to) })
}

fn link(call: &Call) -> Outcome {
    two_paths(call, "link", |from, to| unsafe { libc::link(from, to) })
}

fn two_paths(
    call: &Call,
    name: &'static str,
    act: impl Fn(*const libc::c_char, *const libc::c_char) -> i32,
) -> Outcome {
    let (from, to) = (call.c_string(0)?, call.c_string(1)?);
    repeat(name, || act(from.as_ptr(), to.as_ptr())).map_err(|thrown| thrown.at(&from).to(&to))?;
    Ok(call.ctx.undefined())
}

fn unlink(call: &Call) -> Outcome {
    repeat_at("unlink", &call.c_string(0)?, |path| unsafe { libc::unlink(path) })?;
    Ok(call.ctx.undefined())
}

fn mkdir(call: &Call) -> Outcome {
    let (path, mode) = (call.c_string(0)?, call.word(1)?);
    repeat_at("mkdir", &path, |path| unsafe { libc::mkdir(path, mode) })?;
    Ok(call.ctx.undefined())
}

fn rmdir(call: &Call) -> Outcome {
    repeat_at("rmdir", &call.c_string(0)?, |path| unsafe { libc::rmdir(path) })?;
    Ok(call.ctx.undefined())
}

fn realpath(call: &Call) -> Outcome {
    let path = call.c_string(0)?;
    let real = std::fs::canonicalize(OsStr::from_bytes(path.to_bytes()));
    let real = real.map_err(|error| failed("realpath", &path, &error))?;
    call.ctx.foreign_string(real.as_os_str().as_bytes())
}

fn failed(syscall: &'static str, path: &CStr, error: &std::io::Error) -> Thrown {
    let errno = error.raw_os_error().unwrap_or(libc::EIO);
    Thrown::System(SystemError { errno, syscall, path: None, to: None }).at(path)
}
