//! Calls of the kernel, repeated when a signal interrupts them.

use std::ffi::CStr;

use crate::errno;
use crate::js::{Outcome, Thrown, system_error};

/// The result of a call that reports failure as a negative number.
pub fn repeat<T: Copy + Default + PartialOrd>(name: &'static str, call: impl Fn() -> T) -> Outcome<T> {
    loop {
        let result = call();
        if result >= T::default() {
            return Ok(result);
        }
        if errno::last() != libc::EINTR {
            return Err(system_error(name));
        }
    }
}

/// The same for a call about a path, which the error then has.
pub fn repeat_at<T: Copy + Default + PartialOrd>(
    name: &'static str,
    path: &CStr,
    call: impl Fn(*const libc::c_char) -> T,
) -> Outcome<T> {
    repeat(name, || call(path.as_ptr())).map_err(|thrown| thrown.at(path))
}

/// Whether a call failed with one of these errors.
pub fn failed_with(thrown: &Thrown, errors: &[i32]) -> bool {
    matches!(thrown, Thrown::System(error) if errors.contains(&error.errno))
}
