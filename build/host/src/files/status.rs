//! What is known of a file.

use std::mem::MaybeUninit;

use crate::functions;
use crate::js::{Call, Functions, Outcome};
use crate::system_call::{failed_with, repeat, repeat_at};

pub static FUNCTIONS: Functions = functions![
    c"status" 1 status,
    c"linkStatus" 1 link_status,
    c"fileSystem" 1 file_system,
    c"chmod" 2 chmod,
];

fn status(call: &Call) -> Outcome {
    let mut stat = MaybeUninit::uninit();
    if !call.value(0).is_string() {
        let fd = call.int(0)?;
        let place = stat.as_mut_ptr();
        let asked = repeat("fstat", || unsafe { libc::fstat(fd, place) });
        return result_of(call, asked, &stat);
    }
    let (path, place) = (call.c_string(0)?, stat.as_mut_ptr());
    let asked = repeat_at("stat", &path, |path| unsafe { libc::stat(path, place) });
    result_of(call, asked, &stat)
}

fn link_status(call: &Call) -> Outcome {
    let mut stat = MaybeUninit::uninit();
    let (path, place) = (call.c_string(0)?, stat.as_mut_ptr());
    let asked = repeat_at("lstat", &path, |path| unsafe { libc::lstat(path, place) });
    result_of(call, asked, &stat)
}

/// Undefined when nothing is there: a circle of links leads nowhere, as a link to a missing file does.
fn result_of(call: &Call, asked: Outcome<i32>, stat: &MaybeUninit<libc::stat>) -> Outcome {
    match asked {
        Ok(_) => describe(call, unsafe { stat.assume_init_ref() }),
        Err(thrown) if failed_with(&thrown, &[libc::ENOENT, libc::ENOTDIR, libc::ELOOP]) => Ok(call.ctx.undefined()),
        Err(thrown) => Err(thrown),
    }
}

fn describe(call: &Call, stat: &libc::stat) -> Outcome {
    let ctx = call.ctx;
    let object = ctx.object()?;
    let device = format!("{}:{}", libc::major(stat.st_dev), libc::minor(stat.st_dev));
    let modified = i128::from(stat.st_mtime) * 1_000_000_000 + i128::from(stat.st_mtime_nsec);
    object.set(c"mode", ctx.number(f64::from(stat.st_mode)))?;
    object.set(c"size", ctx.bigint(stat.st_size)?)?;
    object.set(c"uid", ctx.number(f64::from(stat.st_uid)))?;
    object.set(c"links", ctx.number(stat.st_nlink as f64))?;
    object.set(c"inode", ctx.unsigned_bigint(stat.st_ino)?)?;
    object.set(c"device", ctx.string(&device)?)?;
    object.set(c"modifiedAt", ctx.bigint(i64::try_from(modified).unwrap_or(i64::MAX))?)?;
    Ok(object)
}

fn file_system(call: &Call) -> Outcome {
    let mut statfs: MaybeUninit<libc::statfs> = MaybeUninit::uninit();
    let (path, place) = (call.c_string(0)?, statfs.as_mut_ptr());
    repeat_at("statfs", &path, |path| unsafe { libc::statfs(path, place) })?;
    Ok(call.ctx.number(unsafe { statfs.assume_init() }.f_type as f64))
}

fn chmod(call: &Call) -> Outcome {
    let mode = call.word(1)?;
    if call.value(0).is_string() {
        repeat_at("chmod", &call.c_string(0)?, |path| unsafe { libc::chmod(path, mode) })?;
    } else {
        let fd = call.int(0)?;
        repeat("fchmod", || unsafe { libc::fchmod(fd, mode) })?;
    }
    Ok(call.ctx.undefined())
}
