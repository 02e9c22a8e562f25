//! What happens on a connection.

use super::failure::Failure;

pub enum Event {
    Open { protocol: Option<Vec<u8>>, peer: Option<Vec<u8>> },
    Data(Vec<u8>),
    End(Option<Failure>),
}

/// What was received together is one event.
pub fn add(events: &mut Vec<Event>, bytes: &[u8]) {
    match events.last_mut() {
        _ if bytes.is_empty() => {}
        Some(Event::Data(before)) => before.extend_from_slice(bytes),
        _ => events.push(Event::Data(bytes.to_vec())),
    }
}
