//! The pipes to a running program.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use crate::clock::{monotonic, ms_until};
use crate::errno;

/// Both ends of a pipe; ours does not block.
pub struct Pipe {
    pub ours: File,
    pub theirs: OwnedFd,
}

/// A pipe of which we write the end (`inwards`) or read it. The error's number if there is none.
pub fn pipe(inwards: bool) -> Result<Pipe, i32> {
    let mut ends = [0; 2];
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } < 0 {
        return Err(errno::last());
    }
    let [reader, writer] = ends.map(|end| unsafe { OwnedFd::from_raw_fd(end) });
    let (ours, theirs) = if inwards { (writer, reader) } else { (reader, writer) };
    unsafe { libc::fcntl(ours.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
    Ok(Pipe { ours: ours.into(), theirs })
}

/// Why the conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The program closed its output.
    Done,
    TimedOut,
    TooMuchOutput,
}

/// What is still to be exchanged with the program.
pub struct Exchange<'a> {
    pub input: Option<(File, &'a [u8])>,
    pub outputs: [Option<File>; 2],
    pub collected: [Vec<u8>; 2],
    pub most: usize,
}

impl Exchange<'_> {
    /// Writes the input and collects the outputs, until those are closed or the deadline has passed.
    pub fn run(&mut self, deadline: u64) -> Stop {
        loop {
            if self.collected.iter().any(|output| output.len() > self.most) {
                return Stop::TooMuchOutput;
            }
            if self.outputs.iter().all(Option::is_none) {
                return Stop::Done;
            }
            let mut asked = [
                question(self.input.as_ref().map(|(file, _)| file), libc::POLLOUT),
                question(self.outputs[0].as_ref(), libc::POLLIN),
                question(self.outputs[1].as_ref(), libc::POLLIN),
            ];
            let answered = unsafe { libc::poll(asked.as_mut_ptr(), 3, ms_until(deadline)) };
            if answered > 0 {
                self.move_bytes(&asked.map(|answer| answer.revents != 0));
            } else if monotonic() >= deadline {
                return Stop::TimedOut;
            }
        }
    }

    fn move_bytes(&mut self, is_ready: &[bool; 3]) {
        if is_ready[0] {
            self.write();
        }
        for at in 0..2 {
            if is_ready[at + 1] {
                self.read(at);
            }
        }
    }

    /// An error, such as a program that does not read its input, ends the input.
    fn write(&mut self) {
        let Some((mut file, rest)) = self.input.take() else { return };
        let written = match file.write(rest) {
            Ok(count) => count,
            Err(error) if is_for_later(&error) => 0,
            Err(_) => return,
        };
        if written < rest.len() {
            self.input = Some((file, &rest[written..]));
        }
    }

    fn read(&mut self, at: usize) {
        let Some(file) = &mut self.outputs[at] else { return };
        let mut buffer = [0; 16 << 10];
        match file.read(&mut buffer) {
            Ok(count) if count > 0 => self.collected[at].extend_from_slice(&buffer[..count]),
            Err(error) if is_for_later(&error) => {}
            Ok(_) | Err(_) => self.outputs[at] = None,
        }
    }
}

fn is_for_later(error: &std::io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EINTR))
}

fn question(file: Option<&File>, events: i16) -> libc::pollfd {
    let fd: RawFd = file.map_or(-1, AsRawFd::as_raw_fd);
    libc::pollfd { fd, events, revents: 0 }
}
