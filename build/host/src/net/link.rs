//! A connection as programs have it: their object with its methods, and their callbacks.

use std::cell::{Cell, RefCell};
use std::os::fd::RawFd;
use std::rc::{Rc, Weak};

use super::connection::Connection;
use super::event::Event;
use super::failure::Failure;
use crate::event_loop::{self, Key, Source};
use crate::js::{Call, Ctx, Functions, Outcome, Thrown, Value, handle};
use crate::{engine, functions, uncaught};

static METHODS: Functions = functions![
    c"write" 1 write,
    c"finish" 0 finish,
    c"destroy" 0 destroy,
    c"unref" 0 unref,
];

/// What a program wants to be told of a connection.
#[derive(Clone)]
pub struct Events {
    open: Value,
    data: Value,
    end: Value,
}

impl Events {
    /// None when it is no object with these three functions.
    pub fn read(events: &Value) -> Outcome<Option<Self>> {
        if !events.is_object() {
            return Ok(None);
        }
        let [open, data, end] = [events.get(c"open")?, events.get(c"data")?, events.get(c"end")?];
        let all = open.is_function() && data.is_function() && end.is_function();
        Ok(all.then_some(Events { open, data, end }))
    }
}

/// A connection and the callbacks for its events. The loop owns it; the program's object only knows it, and may be gone before.
pub struct Link {
    connection: RefCell<Connection>,
    events: RefCell<Option<Events>>,
    key: Cell<Option<Key>>,
    keeps_alive: Cell<bool>,
}

impl Link {
    pub fn new(connection: Connection) -> Rc<Self> {
        Rc::new(Link {
            connection: RefCell::new(connection),
            events: RefCell::default(),
            key: Cell::new(None),
            keeps_alive: Cell::new(true),
        })
    }

    /// The program's object.
    pub fn object(self: &Rc<Self>, ctx: Ctx) -> Outcome {
        handle(ctx, Rc::new(Rc::downgrade(self)), &METHODS)
    }

    /// Has the loop wait for the connection.
    pub fn begin(self: &Rc<Self>, events: Events) {
        self.events.replace(Some(events));
        self.key.set(Some(event_loop::add(self.clone())));
    }

    fn leave(&self) {
        if let Some(key) = self.key.take() {
            event_loop::remove(key);
        }
    }

    fn report(&self, ctx: Ctx, event: Event) -> Outcome<()> {
        let Some(events) = self.events.borrow().clone() else { return Ok(()) };
        match event {
            Event::Open { protocol, peer } => {
                let info = ctx.object()?;
                if let Some(protocol) = protocol {
                    info.set(c"protocol", ctx.foreign_string(&protocol)?)?;
                }
                if let Some(peer) = peer {
                    info.set(c"peer", ctx.bytes(&peer)?)?;
                }
                engine::call_back(ctx, &events.open, &[info]);
            }
            Event::Data(bytes) => engine::call_back(ctx, &events.data, &[ctx.bytes(&bytes)?]),
            Event::End(failure) => {
                self.leave();
                let error = match failure {
                    None => ctx.undefined(),
                    Some(failure) => error_of(ctx, failure)?,
                };
                engine::call_back(ctx, &events.end, &[error]);
            }
        }
        Ok(())
    }
}

fn write(call: &Call) -> Outcome {
    if let Some(link) = link(call)? {
        link.connection.borrow_mut().write(call.bytes(0)?);
    }
    Ok(call.ctx.undefined())
}

fn finish(call: &Call) -> Outcome {
    if let Some(link) = link(call)? {
        link.connection.borrow_mut().finish();
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

/// A failure as programs see it.
pub fn error_of(ctx: Ctx, failure: Failure) -> Outcome {
    let error = Thrown::Coded { code: "", message: failure.message }.into_value(ctx);
    error.set(c"code", ctx.string(&failure.code)?)?;
    Ok(error)
}
