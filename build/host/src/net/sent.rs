//! Bytes that wait until the kernel takes them.

use super::socket::Socket;
use std::io::{self, ErrorKind, Write};

#[derive(Default)]
pub struct Unsent {
    bytes: Vec<u8>,
    /// How many of them the kernel has.
    taken: usize,
}

impl Unsent {
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub fn add(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Sends as much as the kernel takes.
    pub fn send(&mut self, mut socket: &Socket) -> io::Result<()> {
        while self.taken < self.bytes.len() {
            match socket.write(&self.bytes[self.taken..]) {
                Ok(count) => self.taken += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        *self = Unsent::default();
        Ok(())
    }
}
