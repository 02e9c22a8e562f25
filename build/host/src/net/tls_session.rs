//! TLS between a script's bytes and a socket's.

use super::failure::Failure;
use super::socket::Socket;
use super::tls_failure::failure_of;
use rustls::Connection;
use std::io::{self, ErrorKind, Read, Write};

pub struct TlsSession {
    rustls: Connection,
    /// The other side has said that no more will come.
    closed: bool,
    /// What it has said since the last call of `data`.
    said: Vec<u8>,
}

impl TlsSession {
    pub fn new(rustls: impl Into<Connection>) -> Self {
        TlsSession { rustls: rustls.into(), closed: false, said: Vec::new() }
    }

    pub fn wants_write(&self) -> bool {
        self.rustls.wants_write()
    }

    pub fn is_open(&self) -> bool {
        !self.rustls.is_handshaking()
    }

    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// What was agreed on by ALPN.
    pub fn protocol(&self) -> Option<Vec<u8>> {
        self.rustls.alpn_protocol().map(<[u8]>::to_vec)
    }

    /// The other side's certificate, in DER.
    pub fn peer(&self) -> Option<Vec<u8>> {
        self.rustls.peer_certificates()?.first().map(|leaf| leaf.to_vec())
    }

    /// Takes bytes to send; before the connection is open they wait.
    pub fn write(&mut self, bytes: &[u8]) {
        // Memory is the only limit, so this cannot fail.
        let _ = self.rustls.writer().write_all(bytes);
    }

    /// After what was written, the other side is told that nothing more will come.
    pub fn finish(&mut self) {
        self.rustls.send_close_notify();
    }

    /// Sends as much as the kernel takes.
    pub fn send(&mut self, mut socket: &Socket) -> io::Result<()> {
        while self.rustls.wants_write() {
            match self.rustls.write_tls(&mut socket) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads what the kernel has; 0 at the end.
    pub fn receive(&mut self, mut socket: &Socket) -> io::Result<usize> {
        self.rustls.read_tls(&mut socket)
    }

    /// Works on what was received.
    pub fn process(&mut self) -> Result<(), Failure> {
        let state = self.rustls.process_new_packets().map_err(|error| failure_of(&error))?;
        self.closed = state.peer_has_closed();
        Ok(())
    }

    /// What the other side has said since the last call.
    pub fn data(&mut self) -> &[u8] {
        self.said.clear();
        // An error is an end without notice or that nothing is left: the socket says which.
        let _ = self.rustls.reader().read_to_end(&mut self.said);
        &self.said
    }
}
