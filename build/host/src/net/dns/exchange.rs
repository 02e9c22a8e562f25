//! One question to the name servers: each is asked in turn until one answers, and is asked again if none does.

use super::message::{Answer, DONE, NO_SUCH_NAME, Question};
use super::resolv_conf::Configuration;
use super::tcp_question::TcpQuestion;
use crate::net::socket::{Address, Socket};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::RawFd;

const PORT: u16 = 53;
const MOST_BYTES: usize = 4_096;
/// A server has so long, in nanoseconds, however little time the caller has.
const LEAST: u64 = 200_000_000;

/// How a question ended.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// The name has these records, perhaps none; or there is no such name.
    Answer(Answer),
    /// Servers answer, but not the question: the last one's status.
    Refused(u8),
    /// No server can be reached.
    Unreachable,
    /// No server has answered in time.
    Silent,
}

pub struct Exchange {
    pub question: Question,
    servers: Vec<Server>,
    over_tcp: bool,
    /// How many times servers may still be asked, and which is next.
    left: usize,
    turn: usize,
    /// Nanoseconds that one has to answer before the next is asked, and when that is.
    patience: u64,
    next_at: u64,
}

struct Server {
    address: Address,
    asked: Option<Asked>,
    /// It need not be asked again.
    failed: Option<Outcome>,
}

enum Asked {
    Udp(Socket),
    Tcp(TcpQuestion),
}

impl Exchange {
    /// A question that must be answered between two times; `first` says which server is asked first.
    pub fn new(question: Question, how: &Configuration, first: usize, (now, until): (u64, u64)) -> Self {
        let addresses = how.servers.iter().filter_map(|text| Address::read(text, PORT));
        let servers: Vec<_> = addresses.map(|address| Server { address, asked: None, failed: None }).collect();
        let left = servers.len() * how.attempts;
        let share = until.saturating_sub(now) / left.max(1) as u64;
        let patience = share.clamp(LEAST, (how.timeout * 1_000_000).max(LEAST));
        Exchange { question, servers, over_tcp: how.over_tcp, left, turn: first, patience, next_at: now }
    }

    /// What it waits for.
    pub fn sockets(&self) -> impl Iterator<Item = (RawFd, i16)> {
        self.servers.iter().filter_map(|server| match &server.asked {
            Some(Asked::Udp(socket)) => Some((socket.fd(), libc::POLLIN)),
            Some(Asked::Tcp(stream)) => Some(stream.interest()),
            None => None,
        })
    }

    pub fn deadline(&self) -> u64 {
        self.next_at
    }

    /// Goes on as far as it can without waiting.
    pub fn advance(&mut self, now: u64) -> Option<Outcome> {
        for server in &mut self.servers {
            if let Some(answer) = server.listen(&self.question) {
                return Some(Outcome::Answer(answer));
            }
        }
        loop {
            if self.servers.iter().all(|server| server.failed.is_some()) {
                return Some(
                    self.servers
                        .iter_mut()
                        .rev()
                        .find_map(|server| server.failed.take())
                        .unwrap_or(Outcome::Unreachable),
                );
            }
            let is_waiting = self.servers[self.last()].asked.is_some();
            if now < self.next_at && is_waiting {
                return None;
            }
            if self.left == 0 {
                return Some(Outcome::Silent);
            }
            self.ask_next(now);
        }
    }

    fn last(&self) -> usize {
        (self.turn + self.servers.len() - 1) % self.servers.len()
    }

    fn ask_next(&mut self, now: u64) {
        let at = self.turn % self.servers.len();
        self.turn = (at + 1) % self.servers.len();
        self.left -= 1;
        let server = &mut self.servers[at];
        if server.failed.is_none() {
            server.ask(&self.question, self.over_tcp);
            self.next_at = now + self.patience;
        }
    }
}

impl Server {
    fn ask(&mut self, question: &Question, over_tcp: bool) {
        let asked = match self.asked.take() {
            Some(Asked::Tcp(stream)) => Ok(Asked::Tcp(stream)),
            Some(Asked::Udp(socket)) => send(&socket, question).map(|()| Asked::Udp(socket)),
            None if over_tcp => TcpQuestion::ask(&self.address, question).map(Asked::Tcp),
            None => {
                // The kernel lets nothing through to it but what this server sends; its own port is random.
                let socket = Socket::to(&self.address, libc::SOCK_DGRAM);
                socket.and_then(|socket| send(&socket, question).map(|()| Asked::Udp(socket)))
            }
        };
        self.keep(asked);
    }

    fn keep(&mut self, asked: io::Result<Asked>) {
        match asked {
            Ok(asked) => self.asked = Some(asked),
            Err(_) => self.fail(Outcome::Unreachable),
        }
    }

    fn fail(&mut self, outcome: Outcome) {
        self.asked = None;
        self.failed = Some(outcome);
    }

    /// The server's answer, if it has come; a refusal makes the server one that need not be asked again.
    fn listen(&mut self, question: &Question) -> Option<Answer> {
        let heard = match &mut self.asked {
            None => return None,
            Some(Asked::Tcp(stream)) => stream.listen(question),
            Some(Asked::Udp(socket)) => hear(socket, question),
        };
        match heard {
            Ok(None) => None,
            Ok(Some(answer)) if answer.truncated && matches!(self.asked, Some(Asked::Udp(_))) => {
                self.keep(TcpQuestion::ask(&self.address, question).map(Asked::Tcp));
                None
            }
            Ok(Some(answer)) if [DONE, NO_SUCH_NAME].contains(&answer.status) => Some(answer),
            Ok(Some(answer)) => {
                self.fail(Outcome::Refused(answer.status));
                None
            }
            Err(_) => {
                self.fail(Outcome::Unreachable);
                None
            }
        }
    }
}

fn send(mut socket: &Socket, question: &Question) -> io::Result<()> {
    match socket.write(&question.bytes()) {
        // It is sent again when its time is over.
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
        other => other.map(|_| ()),
    }
}

/// The answer among what has arrived; what answers another question is passed over.
fn hear(mut socket: &Socket, question: &Question) -> io::Result<Option<Answer>> {
    let mut buffer = [0; MOST_BYTES];
    loop {
        match socket.read(&mut buffer) {
            Ok(count) => {
                if let Some(answer) = question.answer(&buffer[..count]) {
                    return Ok(Some(answer));
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error),
        }
    }
}
