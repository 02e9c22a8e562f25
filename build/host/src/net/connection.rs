//! One connection: called when its socket is ready, it returns what has happened.

use super::event::{self, Event};
use super::failure::Failure;
use super::sent::Unsent;
use super::socket::{Address, Socket, failure_of};
use super::tls_session::TlsSession;
use std::io::{self, ErrorKind, Read};
use std::os::fd::RawFd;

pub struct Connection {
    socket: Option<Socket>,
    address: String,
    stage: Stage,
    tls: Option<Box<TlsSession>>,
    unsent: Unsent,
    sending: Sending,
    /// Known before the kernel was asked, or while sending: reported when it is the turn of events.
    failed: Option<Failure>,
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Connecting,
    Handshaking,
    Open,
    Over,
}

#[derive(Clone, Copy, PartialEq)]
enum Sending {
    Open,
    /// Nothing more is taken.
    Finishing,
    /// The end is sent once all before it is.
    LastBytes,
    Over,
}

/// So much is read before others get their turn.
const PIECES: usize = 3;
const PIECE: usize = 16_384;
/// So much rustls reads at once.
const TLS_PIECE: usize = 4_096;

impl Connection {
    /// Begins to connect. Failures are events, too.
    pub fn new(address: &Address, tls: Option<TlsSession>) -> Self {
        let (socket, failed) = match begin(address) {
            Ok(socket) => (Some(socket), None),
            Err(error) => (None, Some(failure_of(&error, "connect", &address.text()))),
        };
        let (stage, tls) = (Stage::Connecting, tls.map(Box::new));
        Connection {
            socket,
            address: address.text(),
            stage,
            tls,
            unsent: Unsent::default(),
            sending: Sending::Open,
            failed,
        }
    }

    /// A connection that another side has made. It is open once the loop has come to it.
    pub fn accepted(socket: Socket, tls: Option<TlsSession>) -> Self {
        let (stage, tls) = (Stage::Connecting, tls.map(Box::new));
        Connection {
            socket: Some(socket),
            address: String::new(),
            stage,
            tls,
            unsent: Unsent::default(),
            sending: Sending::Open,
            failed: None,
        }
    }

    pub fn fd(&self) -> Option<RawFd> {
        self.socket.as_ref().map(Socket::fd)
    }

    /// The events of poll(2) that it waits for.
    pub fn interest(&self) -> i16 {
        let sends = match self.stage {
            Stage::Connecting => return libc::POLLOUT,
            Stage::Over => return 0,
            _ => self.failed.is_none() && self.has_unsent(),
        };
        if sends { libc::POLLIN | libc::POLLOUT } else { libc::POLLIN }
    }

    /// Whether there is an event without anything being heard of the socket.
    pub fn is_due(&self) -> bool {
        (self.socket.is_none() || self.failed.is_some()) && self.stage != Stage::Over
    }

    fn has_unsent(&self) -> bool {
        self.sending == Sending::Finishing
            || !self.unsent.is_empty()
            || self.tls.as_ref().is_some_and(|tls| tls.wants_write())
    }

    /// Sends bytes, now or when the connection is open and the other side takes them.
    pub fn write(&mut self, bytes: &[u8]) {
        if self.sending != Sending::Open {
            return;
        }
        match &mut self.tls {
            Some(tls) => tls.write(bytes),
            None => self.unsent.add(bytes),
        }
        if self.stage == Stage::Open {
            self.flush();
        }
    }

    /// Sends nothing after what was written, and tells the other side. What it says is still heard.
    pub fn finish(&mut self) {
        if self.sending != Sending::Open {
            return;
        }
        self.sending = Sending::Finishing;
        if self.stage == Stage::Open {
            self.flush();
        }
    }

    /// What has happened; called when the socket is ready, or an event is due.
    pub fn advance(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        let was_connecting = self.stage == Stage::Connecting;
        if was_connecting {
            self.connected(&mut events);
        }
        if matches!(self.stage, Stage::Handshaking | Stage::Open) {
            self.flush();
        }
        // There is nothing to read yet, or poll(2) says so at once.
        if !was_connecting && matches!(self.stage, Stage::Handshaking | Stage::Open) {
            self.read(&mut events);
        }
        if self.stage == Stage::Over {
            self.close();
        }
        events
    }

    /// Ends the connection; no event follows.
    pub fn close(&mut self) {
        self.stage = Stage::Over;
        self.socket = None;
    }

    fn connected(&mut self, events: &mut Vec<Event>) {
        if let Some(socket) = &self.socket {
            self.failed = socket.outcome().err().map(|error| failure_of(&error, "connect", &self.address));
        }
        if self.failed.is_some() {
            return self.end(events);
        }
        self.stage = if self.tls.is_some() { Stage::Handshaking } else { Stage::Open };
        if self.tls.is_none() {
            events.push(Event::Open { protocol: None, peer: None });
        }
    }

    fn end(&mut self, events: &mut Vec<Event>) {
        self.stage = Stage::Over;
        events.push(Event::End(self.failed.take()));
    }

    /// A failure to send is reported after what the other side has still said: the reason may be among it.
    fn flush(&mut self) {
        let (Some(socket), None) = (&self.socket, &self.failed) else { return };
        if self.sending == Sending::Finishing && self.stage == Stage::Open {
            self.sending = Sending::LastBytes;
            if let Some(tls) = &mut self.tls {
                tls.finish();
            }
        }
        let sent = match &mut self.tls {
            Some(tls) => tls.send(socket),
            None => self.unsent.send(socket),
        };
        self.failed = sent.err().map(|error| failure_of(&error, "write", ""));
        if self.sending == Sending::LastBytes && self.failed.is_none() && !self.has_unsent() {
            self.sending = Sending::Over;
            socket.end_of_sending();
        }
    }

    fn read(&mut self, events: &mut Vec<Event>) {
        let mut buffer = [0; PIECE];
        for _ in 0..PIECES {
            match self.read_piece(&mut buffer, events) {
                Ok(true) => {}
                Ok(false) => return self.end(events),
                Err(Stop::Empty) if self.failed.is_some() => return self.end(events),
                Err(Stop::Empty) => return,
                Err(Stop::Failed(failure)) => {
                    self.failed = Some(failure);
                    return self.end(events);
                }
            }
        }
    }

    /// False at the end of what the other side sends.
    fn read_piece(&mut self, buffer: &mut [u8], events: &mut Vec<Event>) -> Result<bool, Stop> {
        let socket = self.socket.as_ref().ok_or(Stop::Empty)?;
        let Some(tls) = &mut self.tls else {
            let count = (&mut &*socket).read(buffer).map_err(stop)?;
            event::add(events, &buffer[..count]);
            return if is_all(count, buffer.len()) { Err(Stop::Empty) } else { Ok(count > 0) };
        };
        let count = tls.receive(socket).map_err(stop)?;
        let was_open = self.stage == Stage::Open;
        let processed = tls.process();
        if !was_open && processed.is_ok() && tls.is_open() {
            self.stage = Stage::Open;
            events.push(Event::Open { protocol: tls.protocol(), peer: tls.peer() });
        }
        event::add(events, tls.data());
        let sent = tls.send(socket);
        processed.map_err(Stop::Failed)?;
        if count == 0 || tls.is_closed() {
            return if self.stage == Stage::Open { Ok(false) } else { Err(Stop::Failed(cut_short())) };
        }
        if let Err(error) = sent {
            self.failed = Some(failure_of(&error, "write", ""));
            // The other side may have said why since we last read.
            return Ok(true);
        }
        if is_all(count, TLS_PIECE) { Err(Stop::Empty) } else { Ok(true) }
    }
}

/// Whether the kernel had no more than that: asking again would find nothing, and if more comes, poll(2) says so.
fn is_all(count: usize, asked: usize) -> bool {
    (1..asked).contains(&count)
}

enum Stop {
    Empty,
    Failed(Failure),
}

fn stop(error: io::Error) -> Stop {
    match error.kind() {
        ErrorKind::WouldBlock => Stop::Empty,
        _ => Stop::Failed(failure_of(&error, "read", "")),
    }
}

fn cut_short() -> Failure {
    Failure::new("ECONNRESET", "Client network socket disconnected before secure TLS connection was established")
}

fn begin(address: &Address) -> io::Result<Socket> {
    let socket = Socket::to(address, libc::SOCK_STREAM)?;
    if matches!(address, Address::Ip { .. }) {
        socket.without_delay();
    }
    Ok(socket)
}
