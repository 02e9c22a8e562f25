//! The addresses of a name, or the services of a domain: what to ask for, and when to stop.

use super::exchange::{Exchange, Outcome};
use super::message::{Answer, Kind, NO_SUCH_NAME, Question};
use super::name::{self, Name};
use super::resolv_conf::Configuration;
use crate::net::failure::Failure;
use std::net::IpAddr;
use std::os::fd::RawFd;

/// When one family has addresses, the other has so much longer, in nanoseconds.
const GRACE: u64 = 500_000_000;

/// The search for a name's addresses.
pub struct Lookup {
    host: String,
    how: Configuration,
    /// Names still to be tried, the next one last.
    names: Vec<Name>,
    until: u64,
    first: usize,
    asked: Vec<Asked>,
    has_faulty: bool,
}

struct Asked {
    exchange: Exchange,
    outcome: Option<Outcome>,
}

/// Random numbers: an id for each question, and which server is first.
pub type Random<'a> = &'a mut dyn FnMut() -> u16;

impl Lookup {
    pub fn new(host: &str, how: Configuration, until: u64, random: Random) -> Self {
        let mut names: Vec<_> = how.candidates(host).iter().filter_map(|name| name::encode(name)).collect();
        names.reverse();
        let first = if how.rotate { usize::from(random()) } else { 0 };
        Lookup { host: host.to_owned(), how, names, until, first, asked: Vec::new(), has_faulty: false }
    }

    pub fn sockets(&self) -> impl Iterator<Item = (RawFd, i16)> {
        self.asked.iter().filter(|asked| asked.outcome.is_none()).flat_map(|asked| asked.exchange.sockets())
    }

    pub fn deadline(&self) -> u64 {
        if self.asked.is_empty() {
            return 0;
        }
        let waiting = self.asked.iter().filter(|asked| asked.outcome.is_none());
        waiting.map(|asked| asked.exchange.deadline()).fold(self.until, u64::min)
    }

    /// Goes on as far as it can without waiting; the addresses, or why there are none, once that is known.
    pub fn advance(&mut self, now: u64, random: Random) -> Option<Result<Vec<IpAddr>, Failure>> {
        loop {
            for asked in self.asked.iter_mut().filter(|asked| asked.outcome.is_none()) {
                asked.outcome = asked.exchange.advance(now);
            }
            let found = self.addresses();
            let is_complete = self.asked.iter().all(|asked| asked.outcome.is_some());
            if !found.is_empty() {
                self.until = self.until.min(now + GRACE);
                if is_complete || now >= self.until {
                    return Some(Ok(found));
                }
                return None;
            }
            let is_silent =
                self.asked.iter().any(|asked| matches!(asked.outcome, Some(Outcome::Silent | Outcome::Unreachable)));
            if now >= self.until || (is_complete && is_silent) {
                return Some(Err(failure("EAI_AGAIN", &self.host)));
            }
            if !is_complete && !self.asked.iter().any(Asked::has_no_such_name) {
                return None;
            }
            self.has_faulty |= self.asked.iter().any(|asked| matches!(asked.outcome, Some(Outcome::Refused(_))));
            if !self.ask_next(now, random) {
                let code = if self.has_faulty { "EAI_AGAIN" } else { "ENOTFOUND" };
                return Some(Err(failure(code, &self.host)));
            }
        }
    }

    fn addresses(&self) -> Vec<IpAddr> {
        self.asked
            .iter()
            .flat_map(|asked| asked.answer().map(|answer| answer.addresses(&asked.exchange.question.name)))
            .flatten()
            .collect()
    }

    fn ask_next(&mut self, now: u64, random: Random) -> bool {
        let Some(name) = self.names.pop() else { return false };
        let kinds: &[_] = if self.how.no_aaaa { &[Kind::A] } else { &[Kind::A, Kind::Aaaa] };
        let ask = |kind: &Kind| {
            let question = Question { id: random(), name: name.clone(), kind: *kind };
            let exchange = Exchange::new(question, &self.how, self.first, (now, self.until));
            Asked { exchange, outcome: None }
        };
        self.asked = kinds.iter().map(ask).collect();
        true
    }
}

impl Asked {
    fn answer(&self) -> Option<&Answer> {
        if let Some(Outcome::Answer(answer)) = &self.outcome { Some(answer) } else { None }
    }

    /// There is no such name, so it has no addresses of any family.
    fn has_no_such_name(&self) -> bool {
        self.answer().is_some_and(|answer| answer.status == NO_SUCH_NAME)
    }
}

fn failure(code: &'static str, host: &str) -> Failure {
    Failure::new(code, format!("getaddrinfo {code} {host}"))
}
