//! `connect`: connections as programs have them.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::os::fd::RawFd;
use std::rc::{Rc, Weak};

use super::connection::{Connection, Event};
use super::failure::Failure;
use super::settings;
use super::tls_session::TlsSession;
use super::tls_settings::client;
use crate::event_loop::{self, Key, Source};
use crate::js::{Call, Ctx, Functions, Outcome, Thrown, Value, handle};
use crate::{engine, functions, uncaught};

pub static FUNCTIONS: Functions = functions![c"connect" 3 connect];

static METHODS: Functions = functions![
    c"write" 1 write,
    c"destroy" 0 destroy,
    c"unref" 0 unref,
];

/// A connection and the callbacks for its events. The loop owns it; the program's object only knows it, and may be gone before.
struct Link {
    connection: RefCell<Connection>,
    open: Value,
    data: Value,
    end: Value,
    key: Cell<Option<Key>>,
    keeps_alive: Cell<bool>,
}

fn connect(call: &Call) -> Outcome {
    let address = settings::address(call)?;
    let tls = settings::tls(call, &address)?;
    let events = call.value(2);
    let callback = |name| {
        let found = if events.is_object() { Some(events.get(name)?) } else { None };
        found.filter(Value::is_function).ok_or_else(|| call.wrong(2, "an object with the functions open, data and end"))
    };
    let (open, data, end) = (callback(c"open")?, callback(c"data")?, callback(c"end")?);
    let session = match tls {
        None => None,
        Some(settings) => Some(TlsSession::new(client(&settings).map_err(thrown)?)),
    };
    let connection = RefCell::new(Connection::new(&address, session));
    let link = Rc::new(Link { connection, open, data, end, key: Cell::new(None), keeps_alive: Cell::new(true) });
    let object = handle(call.ctx, Rc::new(Rc::downgrade(&link)), &METHODS)?;
    link.key.set(Some(event_loop::add(link.clone())));
    Ok(object)
}

fn write(call: &Call) -> Outcome {
    if let Some(link) = link(call)? {
        link.connection.borrow_mut().write(call.bytes(0)?);
    }
    Ok(call.ctx.undefined())
}

fn destroy(call: &Call) -> Outcome {
    if let Some(link) = link(call)? {
        link.connection.borrow_mut().close();
        link.leave();
    }
    Ok(call.ctx.undefined())
}

fn unref(call: &Call) -> Outcome {
    if let Some(link) = link(call)? {
        link.keeps_alive.set(false);
    }
    Ok(call.ctx.undefined())
}

/// None when the connection has ended.
fn link(call: &Call) -> Outcome<Option<Rc<Link>>> {
    Ok(call.held::<Weak<Link>>()?.upgrade().filter(|link| link.key.get().is_some()))
}

impl Link {
    fn leave(&self) {
        if let Some(key) = self.key.take() {
            event_loop::remove(key);
        }
    }

    fn report(&self, ctx: Ctx, event: Event) -> Outcome<()> {
        match event {
            Event::Open { protocol, peer } => {
                let info = ctx.object()?;
                if let Some(protocol) = protocol {
                    info.set(c"protocol", ctx.foreign_string(&protocol)?)?;
                }
                if let Some(peer) = peer {
                    info.set(c"peer", ctx.bytes(&peer)?)?;
                }
                engine::call_back(ctx, &self.open, &[info]);
            }
            Event::Data(bytes) => engine::call_back(ctx, &self.data, &[ctx.bytes(&bytes)?]),
            Event::End(failure) => {
                self.leave();
                let error = match failure {
                    None => ctx.undefined(),
                    Some(failure) => error_of(ctx, failure)?,
                };
                engine::call_back(ctx, &self.end, &[error]);
            }
        }
        Ok(())
    }
}

impl Source for Link {
    fn interest(&self) -> Option<(RawFd, i16)> {
        let connection = self.connection.borrow();
        connection.fd().map(|fd| (fd, connection.interest()))
    }

    fn deadline(&self) -> Option<u64> {
        self.connection.borrow().is_due().then_some(0)
    }

    fn keeps_alive(&self) -> bool {
        self.keeps_alive.get()
    }

    fn ready(&self, ctx: Ctx, _: i16) {
        let events = self.connection.borrow_mut().advance();
        for event in events {
            // A callback may have destroyed the connection.
            if self.key.get().is_none() {
                return;
            }
            if self.report(ctx, event).is_err() {
                uncaught::report(ctx, ctx.take_exception());
            }
        }
    }
}

/// A failure that is known at once. Their codes are all constants.
fn thrown(Failure { code, message }: Failure) -> Thrown {
    let code = if let Cow::Borrowed(code) = code { code } else { "EPROTO" };
    Thrown::Coded { code, message }
}

/// A failure as programs see it.
pub fn error_of(ctx: Ctx, failure: Failure) -> Outcome {
    let error = Thrown::Coded { code: "", message: failure.message }.into_value(ctx);
    error.set(c"code", ctx.string(&failure.code)?)?;
    Ok(error)
}
