//! This executable's own file, and the modules in it.

use std::ffi::{CStr, OsStr};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::archive::{self, Archive, FOOTER};

/// The modules in this executable; none in the tool.
pub fn archive() -> io::Result<Option<Archive<'static>>> {
    let file = open()?;
    let size = file.metadata()?.len();
    let mut last = [0; FOOTER];
    file.read_exact_at(&mut last, size.saturating_sub(FOOTER as u64))?;
    let Some(footer) = archive::footer(&last, size).map_err(io::Error::other)? else { return Ok(None) };
    let tail = map(&file, footer.start, size)?;
    Archive::read(&footer, tail).map(Some).map_err(io::Error::other)
}

/// Maps the file from this offset to its end, for as long as the process lives.
fn map(file: &File, start: u64, size: u64) -> io::Result<&'static [u8]> {
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as u64;
    let aligned = start / page * page;
    let length = (size - aligned) as usize;
    let flags = libc::MAP_PRIVATE;
    let mapped = unsafe {
        libc::mmap(std::ptr::null_mut(), length, libc::PROT_READ, flags, file.as_raw_fd(), aligned as libc::off_t)
    };
    if mapped == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    let whole = unsafe { std::slice::from_raw_parts(mapped.cast::<u8>(), length) };
    Ok(&whole[(start - aligned) as usize..])
}

fn open() -> io::Result<File> {
    File::open("/proc/self/exe").or_else(|error| called_path().map_or(Err(error), File::open))
}

/// The file's path.
pub fn path() -> PathBuf {
    let linked = std::fs::read_link("/proc/self/exe").ok();
    let called = || called_path().map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    linked.or_else(called).unwrap_or_default()
}

/// The path that the kernel was given, for a system without /proc.
fn called_path() -> Option<&'static Path> {
    let start = unsafe { libc::getauxval(libc::AT_EXECFN) } as *const libc::c_char;
    if start.is_null() {
        return None;
    }
    let path = unsafe { CStr::from_ptr(start) };
    Some(Path::new(OsStr::from_bytes(path.to_bytes())))
}
