//! Questions to name servers, and their answers (RFC 1035, section 4; RFC 2782).

use super::name::{self, Name};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Kind {
    A = 1,
    Aaaa = 28,
    Srv = 33,
}

const CNAME: u16 = 5;
const INTERNET: u16 = 1;
const HEADER: usize = 12;
/// So many aliases may lead to an address.
const MOST_ALIASES: usize = 16;

pub struct Question {
    pub id: u16,
    pub name: Name,
    pub kind: Kind,
}

#[derive(Debug, PartialEq)]
pub struct Answer {
    /// How it went, by the server's account; `MALFORMED` if the rest cannot be read.
    pub status: u8,
    /// The answer did not fit; ask again over TCP.
    pub truncated: bool,
    records: Vec<(Name, Record)>,
}

pub const DONE: u8 = 0;
pub const NO_SUCH_NAME: u8 = 3;
const MALFORMED: u8 = 255;

#[derive(Debug, PartialEq)]
enum Record {
    Address(IpAddr),
    Alias(Name),
    Service(Service),
    Other,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    pub priority: u16,
    pub weight: u16,
    pub port: u16,
    pub target: Name,
}

impl Question {
    /// The bytes that ask it, of a server that asks others in turn.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER + self.name.len() + 4);
        bytes.extend(self.id.to_be_bytes());
        bytes.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        bytes.extend(&self.name);
        bytes.extend((self.kind as u16).to_be_bytes());
        bytes.extend(INTERNET.to_be_bytes());
        bytes
    }

    /// The answer in a message; None when the message answers another question.
    pub fn answer(&self, message: &[u8]) -> Option<Answer> {
        let word = |at: usize| Some(u16::from_be_bytes(message.get(at..at + 2)?.try_into().ok()?));
        let flags = word(2)?;
        let is_answer = flags & 0x8000 != 0 && flags & 0x7800 == 0;
        if word(0)? != self.id || !is_answer || word(4)? != 1 {
            return None;
        }
        let (name, after) = name::decode(message, HEADER)?;
        if name != self.name || word(after)? != self.kind as u16 || word(after + 2)? != INTERNET {
            return None;
        }
        let truncated = flags & 0x0200 != 0;
        let status = (flags & 0xf) as u8;
        let records = read_records(message, after + 4, word(6)?);
        // What is cut off need not be readable.
        let status = if records.is_none() && !truncated { MALFORMED } else { status };
        Some(Answer { status, truncated, records: records.unwrap_or_default() })
    }
}

fn read_records(message: &[u8], start: usize, count: u16) -> Option<Vec<(Name, Record)>> {
    let mut records = Vec::new();
    let mut at = start;
    for _ in 0..count {
        let (name, after) = name::decode(message, at)?;
        let head = message.get(after..after + 10)?;
        let word = |at: usize| u16::from_be_bytes([head[at], head[at + 1]]);
        let start = after + 10;
        let end = start + usize::from(word(8));
        let data = message.get(start..end)?;
        let record = if word(2) == INTERNET { read_record(message, start, word(0), data)? } else { Record::Other };
        records.push((name, record));
        at = end;
    }
    Some(records)
}

fn read_record(message: &[u8], start: usize, kind: u16, data: &[u8]) -> Option<Record> {
    const A: u16 = Kind::A as u16;
    const AAAA: u16 = Kind::Aaaa as u16;
    const SRV: u16 = Kind::Srv as u16;
    Some(match kind {
        A => Record::Address(Ipv4Addr::from(<[u8; 4]>::try_from(data).ok()?).into()),
        AAAA => Record::Address(Ipv6Addr::from(<[u8; 16]>::try_from(data).ok()?).into()),
        CNAME => Record::Alias(name::decode(message, start)?.0),
        SRV => {
            let head: [u8; 6] = data.get(..6)?.try_into().ok()?;
            let word = |at: usize| u16::from_be_bytes([head[at], head[at + 1]]);
            let target = name::decode(message, start + 6)?.0;
            Record::Service(Service { priority: word(0), weight: word(2), port: word(4), target })
        }
        _ => Record::Other,
    })
}

impl Answer {
    /// The addresses of the name or of what it is an alias for.
    pub fn addresses(&self, name: &Name) -> Vec<IpAddr> {
        let records = self.records_of(name);
        records.filter_map(|record| if let Record::Address(ip) = record { Some(*ip) } else { None }).collect()
    }

    /// The services of the name or of what it is an alias for.
    pub fn services(&self, name: &Name) -> Vec<Service> {
        let records = self.records_of(name);
        records
            .filter_map(|record| if let Record::Service(found) = record { Some(found.clone()) } else { None })
            .collect()
    }

    fn records_of<'a>(&'a self, name: &'a Name) -> impl Iterator<Item = &'a Record> {
        let owner = self.owner(name);
        self.records.iter().filter(move |(name, _)| name == owner).map(|(_, record)| record)
    }

    fn owner<'a>(&'a self, name: &'a Name) -> &'a Name {
        let mut owner = name;
        for _ in 0..MOST_ALIASES {
            let alias = self.records.iter().find_map(|(name, record)| match record {
                Record::Alias(target) if name == owner => Some(target),
                _ => None,
            });
            match alias {
                Some(target) => owner = target,
                None => break,
            }
        }
        owner
    }
}
