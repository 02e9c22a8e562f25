//! Addresses of names, from the hosts file and name servers, without a thread: the event loop carries the questions on.

mod address_order;
mod exchange;
mod hosts;
mod lookup;
mod message;
#[cfg(test)]
mod message_test;
mod name;
mod resolv_conf;
mod services;
mod system;
mod tcp_question;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::RawFd;

use super::failure::Failure;
use lookup::Lookup;
pub use services::Service;
use services::ServiceLookup;

/// What a program asked for, until it has the answer.
pub enum Question {
    Known(Option<Result<Found, Failure>>),
    Addresses(Lookup),
    Services(ServiceLookup),
}

pub enum Found {
    Addresses(Vec<IpAddr>),
    Services(Vec<Service>),
}

/// The addresses of a host, within a time that is given by its start and end.
pub fn addresses_of(host: &str, (_, until): (u64, u64)) -> Question {
    match known(host) {
        Some(found) => Question::Known(Some(Ok(Found::Addresses(address_order::in_order(found))))),
        None => Question::Addresses(Lookup::new(host, system::configuration(), until, &mut system::random)),
    }
}

/// The services of a domain, whose name is not completed.
pub fn services_of(domain: &str, time: (u64, u64)) -> Question {
    match ServiceLookup::new(domain, &system::configuration(), time, system::random()) {
        Some(lookup) => Question::Services(lookup),
        None => Question::Known(Some(Err(services::failure("EBADNAME", domain)))),
    }
}

/// What needs no server: addresses themselves, the hosts file, and this host.
fn known(host: &str) -> Option<Vec<IpAddr>> {
    if let Ok(ip) = host.parse() {
        return Some(vec![ip]);
    }
    let listed = hosts::addresses(&system::hosts_file(), host);
    if !listed.is_empty() {
        return Some(listed);
    }
    // Never asked of servers (RFC 6761, section 6.3).
    let plain = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let is_local = plain == "localhost" || plain.ends_with(".localhost");
    is_local.then(|| vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()])
}

impl Question {
    /// What it waits for.
    pub fn sockets(&self) -> Vec<(RawFd, i16)> {
        match self {
            Question::Known(_) => Vec::new(),
            Question::Addresses(lookup) => lookup.sockets().collect(),
            Question::Services(lookup) => lookup.sockets().collect(),
        }
    }

    pub fn deadline(&self) -> u64 {
        match self {
            Question::Known(_) => 0,
            Question::Addresses(lookup) => lookup.deadline(),
            Question::Services(lookup) => lookup.deadline(),
        }
    }

    /// Goes on as far as it can without waiting; the answer once it is known.
    pub fn advance(&mut self, now: u64) -> Option<Result<Found, Failure>> {
        match self {
            Question::Known(answer) => answer.take(),
            Question::Addresses(lookup) => {
                let found = lookup.advance(now, &mut system::random)?;
                Some(found.map(|all| Found::Addresses(address_order::in_order(all))))
            }
            Question::Services(lookup) => Some(lookup.advance(now)?.map(Found::Services)),
        }
    }
}
