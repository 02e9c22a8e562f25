//! Copying from file to file.

use std::ptr;

use libc::c_int;

use crate::functions;
use crate::js::{Call, Functions, Outcome};
use crate::system_call::{failed_with, repeat};

pub static FUNCTIONS: Functions = functions![c"copyRange" 3 copy_range];

/// Bytes at once where the kernel does not copy by itself.
const CHUNK: usize = 256 << 10;

/// Errors for files, file systems and kernels that cannot do it; EPERM comes from a seccomp profile.
const CANNOT: [i32; 6] = [libc::ENOSYS, libc::EXDEV, libc::EINVAL, libc::EOPNOTSUPP, libc::EPERM, libc::EBADF];

fn copy_range(call: &Call) -> Outcome {
    let (from, to, length) = (call.int(0)?, call.int(1)?, call.size(2)?);
    let copied = repeat("copy_file_range", || unsafe {
        libc::copy_file_range(from, ptr::null_mut(), to, ptr::null_mut(), length, 0)
    });
    let count = match copied {
        // Also for files whose size the kernel does not know, as in /proc.
        Ok(0) => read_and_write(from, to, length)?,
        Ok(count) => count as usize,
        Err(thrown) if failed_with(&thrown, &CANNOT) => read_and_write(from, to, length)?,
        Err(thrown) => return Err(thrown),
    };
    Ok(call.ctx.number(count as f64))
}

fn read_and_write(from: c_int, to: c_int, length: usize) -> Outcome<usize> {
    let mut buffer = vec![0u8; length.min(CHUNK)];
    let (start, length) = (buffer.as_mut_ptr(), buffer.len());
    let count = repeat("read", || unsafe { libc::read(from, start.cast(), length) })? as usize;
    let mut rest = &buffer[..count];
    while !rest.is_empty() {
        let written = repeat("write", || unsafe { libc::write(to, rest.as_ptr().cast(), rest.len()) })?;
        rest = &rest[written as usize..];
    }
    Ok(count)
}
