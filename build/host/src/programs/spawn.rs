//! Starting a program.

use std::ffi::{CString, c_char};
use std::mem::MaybeUninit;
use std::os::fd::RawFd;
use std::ptr;

use crate::signals::{OF_WRITES, set_of};

unsafe extern "C" {
    static environ: *const *mut c_char;
}

/// What to start, and with what.
pub struct Program<'a> {
    pub path: &'a CString,
    /// With the program's name first.
    pub arguments: &'a [CString],
    /// `NAME=value`; our own environment if none.
    pub environment: Option<&'a [CString]>,
    /// What becomes its standard streams.
    pub streams: [RawFd; 3],
    /// Whether it leads a session of its own, so that it outlives ours.
    pub own_session: bool,
}

const POSIX_SPAWN_SETSID: i16 = 0x80;

/// The process id, or the error's number.
pub fn spawn(program: &Program) -> Result<libc::pid_t, i32> {
    let arguments = pointers(program.arguments);
    let environment = program.environment.map(pointers);
    let environment = environment.as_ref().map_or(unsafe { environ }, |list| list.as_ptr());
    // A process that was started with SIGCHLD ignored would not learn how its children end.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
    let (mut actions, mut attributes, mut pid) = (MaybeUninit::uninit(), MaybeUninit::uninit(), 0);
    let error = unsafe {
        libc::posix_spawn_file_actions_init(actions.as_mut_ptr());
        for (number, fd) in (0..).zip(program.streams) {
            libc::posix_spawn_file_actions_adddup2(actions.as_mut_ptr(), fd, number);
        }
        prepare(attributes.as_mut_ptr(), program.own_session);
        let error = libc::posix_spawn(
            &mut pid,
            program.path.as_ptr(),
            actions.as_ptr(),
            attributes.as_ptr(),
            arguments.as_ptr(),
            environment,
        );
        libc::posix_spawn_file_actions_destroy(actions.as_mut_ptr());
        libc::posix_spawnattr_destroy(attributes.as_mut_ptr());
        error
    };
    if error == 0 { Ok(pid) } else { Err(error) }
}

/// The program gets all signals, and dies of a write that cannot be done, whatever we do.
unsafe fn prepare(attributes: *mut libc::posix_spawnattr_t, own_session: bool) {
    let (none, of_writes) = (set_of([]), set_of(OF_WRITES));
    let signals = (libc::POSIX_SPAWN_SETSIGMASK | libc::POSIX_SPAWN_SETSIGDEF) as i16;
    unsafe {
        libc::posix_spawnattr_init(attributes);
        libc::posix_spawnattr_setsigmask(attributes, &none);
        libc::posix_spawnattr_setsigdefault(attributes, &of_writes);
        libc::posix_spawnattr_setflags(attributes, signals | if own_session { POSIX_SPAWN_SETSID } else { 0 });
    }
}

fn pointers(strings: &[CString]) -> Vec<*mut c_char> {
    strings.iter().map(|text| text.as_ptr().cast_mut()).chain([ptr::null_mut()]).collect()
}
