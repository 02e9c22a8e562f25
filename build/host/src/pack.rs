//! Appends modules to an executable.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rquickjs_sys as qjs;

use crate::archive::{self, FOOTER};
use crate::js::{Ctx, Outcome, Thrown};
use crate::modules::{self, Origin};
use crate::{engine, uncaught};

/// Writes `out`: the executable `host`, of any processor, with the modules as bytecode. The first one is the program.
pub fn pack(host: &Path, out: &Path, sources: &[&Path]) -> Result<(), String> {
    let host_bytes = fs::read(host).map_err(|error| format!("cannot read {}: {error}", host.display()))?;
    check_host(host, &host_bytes)?;
    let named = names(sources)?;
    let ctx = engine::bare(Origin::Packing(named.clone())).ok_or("cannot start the engine: not enough memory")?;
    let mut packed = Vec::new();
    for (name, path) in named {
        let bytes = compile(ctx, &name)
            .map_err(|thrown| format!("{}: {}", path.display(), uncaught::describe(&thrown.into_value(ctx))))?;
        packed.push((name, bytes));
    }
    let mut whole = host_bytes;
    whole.extend(archive::build(whole.len() as u64, &packed));
    write(out, &whole).map_err(|error| format!("cannot write {}: {error}", out.display()))
}

fn check_host(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let last = bytes.len().checked_sub(FOOTER).and_then(|at| bytes[at..].try_into().ok());
    match last.filter(|_| bytes.starts_with(b"\x7FELF")).map(|last| archive::footer(last, bytes.len() as u64)) {
        Some(Ok(None)) => Ok(()),
        Some(_) => Err(format!("{} has modules already", path.display())),
        None => Err(format!("{} is not a Linux executable", path.display())),
    }
}

/// The names that the modules have in the executable: their files' own.
fn names(sources: &[&Path]) -> Result<Vec<(String, PathBuf)>, String> {
    let mut named: Vec<(String, PathBuf)> = Vec::new();
    for path in sources {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if name.is_empty() || named.iter().any(|(other, _)| *other == name) {
            return Err(format!("{}: a module needs a name of its own", path.display()));
        }
        named.push((name, path.to_path_buf()));
    }
    Ok(named)
}

/// The module's bytecode; fails if it, or a module that it imports, is broken or missing. In a context of its own, as a context
/// has each module once.
fn compile(ctx: Ctx, name: &str) -> Outcome<Vec<u8>> {
    let runtime = unsafe { qjs::JS_GetRuntime(ctx.raw()) };
    let Some(own) = engine::new_context(runtime, true) else {
        return Err(Thrown::Coded { code: "ENOMEM", message: "not enough memory".into() });
    };
    let module = modules::read(own, name)?;
    let bytes = modules::bytecode(&module)?;
    if unsafe { qjs::JS_ResolveModule(own.raw(), module.raw()) } < 0 {
        return Err(Thrown::Pending);
    }
    Ok(bytes)
}

fn write(out: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // A running executable cannot be written to, so it is replaced.
    let _ = fs::remove_file(out);
    fs::write(out, bytes)?;
    fs::set_permissions(out, fs::Permissions::from_mode(0o755))
}
