//! How programs end.

use std::borrow::Cow;
use std::time::Duration;

use libc::pid_t;

use crate::clock::{monotonic, ms_until};
use crate::errno;

/// By itself, or by a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Exited(i32),
    Killed(i32),
}

/// Waits until a deadline of `clock::monotonic`.
pub fn wait_until(pid: pid_t, deadline: u64) -> Option<Ended> {
    if let Some(fd) = open_process(pid) {
        let mut process = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
        while unsafe { libc::poll(&mut process, 1, ms_until(deadline)) } < 0 && errno::last() == libc::EINTR {}
        unsafe { libc::close(fd) };
        return look(pid);
    }
    loop {
        let ended = look(pid);
        if ended.is_some() || monotonic() >= deadline {
            return ended;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A file that becomes readable when the process ends; kernels before 5.3 and some seccomp profiles have none.
fn open_process(pid: pid_t) -> Option<i32> {
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    i32::try_from(fd).ok().filter(|fd| *fd >= 0)
}

/// How the program ended; none while it runs.
pub fn look(pid: pid_t) -> Option<Ended> {
    let mut status = 0;
    loop {
        match unsafe { libc::waitpid(pid, &mut status, libc::WNOHANG) } {
            0 => return None,
            1.. if libc::WIFSIGNALED(status) => return Some(Ended::Killed(libc::WTERMSIG(status))),
            1.. => return Some(Ended::Exited(libc::WEXITSTATUS(status))),
            _ if errno::last() == libc::EINTR => {}
            // Nothing of this process is left that says how it ended.
            _ => return Some(Ended::Exited(-1)),
        }
    }
}

/// `SIGKILL` for 9.
pub fn signal_name(signal: i32) -> Cow<'static, str> {
    const NAMES: [&str; 31] = [
        "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1",
        "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP",
        "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR",
        "SIGSYS",
    ];
    let name = usize::try_from(signal - 1).ok().and_then(|at| NAMES.get(at));
    name.map_or_else(|| format!("SIG{signal}").into(), |name| (*name).into())
}

#[cfg(test)]
mod tests {
    use super::signal_name;

    #[test]
    fn signals_have_names() {
        let names = [libc::SIGHUP, libc::SIGKILL, libc::SIGSYS, 34, 0].map(signal_name);
        assert_eq!(names, ["SIGHUP", "SIGKILL", "SIGSYS", "SIG34", "SIG0"]);
    }
}
