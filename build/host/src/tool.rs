//! What the executable does that has no modules of its own.

use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rquickjs_sys as qjs;

use crate::modules::Origin;
use crate::process::{arguments, fail};
use crate::{engine, event_loop, pack};

const USAGE: &str = "usage: calico-host run FILE.mjs [ARGUMENT...]
       calico-host pack HOST OUT MAIN.mjs [MORE.mjs...]
       calico-host --version
";

/// Does what the arguments say; the exit status.
pub fn main() -> i32 {
    let arguments = arguments();
    let rest = arguments.get(2..).unwrap_or_default();
    match (arguments.get(1).copied(), rest) {
        (Some(b"run"), [file, ..]) => run(file, rest),
        (Some(b"pack"), [host, out, modules @ ..]) if !modules.is_empty() => {
            let paths: Vec<&Path> = modules.iter().copied().map(path).collect();
            status_of(pack::pack(path(host), path(out), &paths))
        }
        (Some(b"--version"), []) => {
            let engine = unsafe { CStr::from_ptr(qjs::JS_GetVersion()) }.to_string_lossy();
            print(&format!("calico-host {} (QuickJS-ng {engine})\n", env!("CARGO_PKG_VERSION")))
        }
        _ => {
            crate::process::write_error(USAGE);
            2
        }
    }
}

fn run(file: &[u8], arguments: &[&[u8]]) -> i32 {
    let absolute = std::fs::canonicalize(path(file));
    let absolute = absolute.unwrap_or_else(|error| fail(&format!("cannot run {}: {error}", path(file).display())));
    let ctx = engine::start(Origin::Disk, arguments.to_vec());
    engine::evaluate(ctx, &absolute.to_string_lossy());
    event_loop::run(ctx)
}

fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

fn status_of(result: Result<(), String>) -> i32 {
    match result {
        Ok(()) => 0,
        Err(message) => fail(&message),
    }
}

fn print(text: &str) -> i32 {
    let written = unsafe { libc::write(1, text.as_ptr().cast(), text.len()) };
    i32::from(written < 0)
}
