//! The services of a domain (SRV records).

use super::exchange::{Exchange, Outcome};
use super::message::{Kind, NO_SUCH_NAME, Question};
use super::name;
use super::resolv_conf::Configuration;
use crate::net::failure::Failure;
use std::os::fd::RawFd;

#[derive(Debug, PartialEq)]
pub struct Service {
    pub host: String,
    pub port: u16,
    pub priority: u16,
    pub weight: u16,
}

pub struct ServiceLookup {
    domain: String,
    exchange: Exchange,
    until: u64,
}

impl ServiceLookup {
    /// None when there can be no such domain.
    pub fn new(domain: &str, how: &Configuration, (now, until): (u64, u64), id: u16) -> Option<Self> {
        let question = Question { id, name: name::encode(domain)?, kind: Kind::Srv };
        Some(ServiceLookup {
            domain: domain.to_owned(),
            exchange: Exchange::new(question, how, 0, (now, until)),
            until,
        })
    }

    pub fn sockets(&self) -> impl Iterator<Item = (RawFd, i16)> {
        self.exchange.sockets()
    }

    pub fn deadline(&self) -> u64 {
        self.exchange.deadline().min(self.until)
    }

    /// Goes on as far as it can without waiting; the services, or why there are none, once that is known.
    pub fn advance(&mut self, now: u64) -> Option<Result<Vec<Service>, Failure>> {
        let code = match self.exchange.advance(now) {
            None if now < self.until => return None,
            None | Some(Outcome::Silent) => "ETIMEOUT",
            Some(Outcome::Unreachable) => "ECONNREFUSED",
            Some(Outcome::Refused(5)) => "EREFUSED",
            Some(Outcome::Refused(_)) => "ESERVFAIL",
            Some(Outcome::Answer(answer)) if answer.status == NO_SUCH_NAME => "ENOTFOUND",
            Some(Outcome::Answer(answer)) => {
                let found: Vec<_> = answer.services(&self.exchange.question.name).iter().filter_map(usable).collect();
                if !found.is_empty() {
                    return Some(Ok(found));
                }
                "ENODATA"
            }
        };
        Some(Err(failure(code, &self.domain)))
    }
}

/// The root as its target says that a service is not offered; other names that no host may have are none that can be used.
fn usable(service: &super::message::Service) -> Option<Service> {
    let host = name::host_of(&service.target)?;
    Some(Service { host, port: service.port, priority: service.priority, weight: service.weight })
}

/// An error as Node's resolver words it.
pub fn failure(code: &'static str, domain: &str) -> Failure {
    Failure::new(code, format!("querySrv {code} {domain}"))
}
