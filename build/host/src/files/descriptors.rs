//! Open files.

use libc::c_int;

use crate::functions;
use crate::js::{Call, Functions, Outcome, system_error};
use crate::system_call::{repeat, repeat_at};

pub static FUNCTIONS: Functions = functions![
    c"open" 3 open,
    c"close" 1 close,
    c"read" 2 read,
    c"write" 2 write,
    c"fsync" 1 fsync,
    c"isTerminal" 1 is_terminal,
    c"terminalSize" 1 terminal_size,
];

/// Flags of open(2) that differ between processors, as they are on x86-64, which is what programs give.
const X86_FLAGS: [(c_int, c_int); 4] = [
    (0x4000, libc::O_DIRECT),
    (0x8000, if cfg!(target_arch = "x86_64") { 0x8000 } else { 0x20000 }),
    (0x10000, libc::O_DIRECTORY),
    (0x20000, libc::O_NOFOLLOW),
];

/// The flags for this processor.
fn native_flags(flags: c_int) -> c_int {
    let other = flags & !X86_FLAGS.iter().fold(0, |all, (given, _)| all | given);
    let given = X86_FLAGS.iter().filter(|(given, _)| flags & given != 0);
    given.fold(other, |all, (_, native)| all | native)
}

fn open(call: &Call) -> Outcome {
    let (path, flags, mode) = (call.c_string(0)?, native_flags(call.int(1)?) | libc::O_CLOEXEC, call.word(2)?);
    let fd = repeat_at("open", &path, |path| unsafe { libc::open(path, flags, mode) })?;
    Ok(call.ctx.int(fd))
}

fn close(call: &Call) -> Outcome {
    let fd = call.int(0)?;
    // Not repeated: even an interrupted close has closed.
    if unsafe { libc::close(fd) } < 0 && crate::errno::last() != libc::EINTR {
        return Err(system_error("close"));
    }
    Ok(call.ctx.undefined())
}

fn read(call: &Call) -> Outcome {
    let (fd, into) = (call.int(0)?, call.bytes_mut(1)?);
    let (start, length) = (into.as_mut_ptr(), into.len());
    let count = repeat("read", || unsafe { libc::read(fd, start.cast(), length) })?;
    Ok(call.ctx.number(count as f64))
}

fn write(call: &Call) -> Outcome {
    let (fd, bytes) = (call.int(0)?, call.bytes(1)?);
    let count = repeat("write", || unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) })?;
    Ok(call.ctx.number(count as f64))
}

fn fsync(call: &Call) -> Outcome {
    let fd = call.int(0)?;
    repeat("fsync", || unsafe { libc::fsync(fd) })?;
    Ok(call.ctx.undefined())
}

fn is_terminal(call: &Call) -> Outcome {
    Ok(call.ctx.boolean(unsafe { libc::isatty(call.int(0)?) } == 1))
}

fn terminal_size(call: &Call) -> Outcome {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    let failed = unsafe { libc::ioctl(call.int(0)?, libc::TIOCGWINSZ, &mut size) } < 0;
    if failed || size.ws_col == 0 {
        return Ok(call.ctx.undefined());
    }
    let object = call.ctx.object()?;
    object.set(c"columns", call.ctx.int(i32::from(size.ws_col)))?;
    object.set(c"rows", call.ctx.int(i32::from(size.ws_row)))?;
    Ok(object)
}

#[cfg(test)]
mod tests {
    use super::native_flags;

    #[test]
    fn flags_of_x86_become_those_of_this_processor() {
        assert_eq!(native_flags(0x30000 | libc::O_CREAT), libc::O_DIRECTORY | libc::O_NOFOLLOW | libc::O_CREAT);
    }
}
