//! A question over TCP, for answers that do not fit in a datagram (RFC 7766).

use super::message::{Answer, Question};
use crate::net::sent::Unsent;
use crate::net::socket::{Address, Socket};
use std::io::{self, ErrorKind, Read};
use std::os::fd::RawFd;

pub struct TcpQuestion {
    socket: Socket,
    unsent: Unsent,
    received: Vec<u8>,
}

impl TcpQuestion {
    pub fn ask(address: &Address, question: &Question) -> io::Result<Self> {
        let socket = Socket::to(address, libc::SOCK_STREAM)?;
        let bytes = question.bytes();
        let mut unsent = Unsent::default();
        unsent.add(&(bytes.len() as u16).to_be_bytes());
        unsent.add(&bytes);
        Ok(TcpQuestion { socket, unsent, received: Vec::new() })
    }

    pub fn interest(&self) -> (RawFd, i16) {
        (self.socket.fd(), if self.unsent.is_empty() { libc::POLLIN } else { libc::POLLIN | libc::POLLOUT })
    }

    /// The answer once it is whole. Fails when the server ends the connection before, or answers something else.
    pub fn listen(&mut self, question: &Question) -> io::Result<Option<Answer>> {
        self.unsent.send(&self.socket)?;
        let mut buffer = [0; 4_096];
        while self.whole().is_none() {
            match (&mut &self.socket).read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.received.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock || is_under_way(&error) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        let answer = self.whole().and_then(|message| question.answer(message));
        answer.map(Some).ok_or_else(|| ErrorKind::InvalidData.into())
    }

    fn whole(&self) -> Option<&[u8]> {
        let (length, rest) = self.received.split_first_chunk::<2>()?;
        rest.get(..usize::from(u16::from_be_bytes(*length)))
    }
}

/// The connection is not there yet.
fn is_under_way(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ENOTCONN)
}
