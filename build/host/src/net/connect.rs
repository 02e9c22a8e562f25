//! `connect`: connections as programs have them.

use super::connection::Connection;
use super::link::{Events, Link};
use super::settings;
use super::tls_session::TlsSession;
use super::tls_settings::client;
use crate::functions;
use crate::js::{Call, Functions, Outcome};

pub static FUNCTIONS: Functions = functions![c"connect" 3 connect];

fn connect(call: &Call) -> Outcome {
    let address = settings::address(call)?;
    let tls = settings::tls(call, &address)?;
    let events = Events::read(&call.value(2))?
        .ok_or_else(|| call.wrong(2, "an object with the functions open, data and end"))?;
    let session = match tls {
        None => None,
        Some(settings) => Some(TlsSession::new(client(&settings).map_err(settings::refusal)?)),
    };
    let link = Link::new(Connection::new(&address, session));
    let object = link.object(call.ctx)?;
    link.begin(events);
    Ok(object)
}
