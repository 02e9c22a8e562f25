//! `listen`: connections that others make.

use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind};
use std::os::fd::RawFd;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use super::connection::Connection;
use super::link::{Events, Link};
use super::server_settings::server;
use super::settings;
use super::socket::{Socket, failure_of};
use super::tls_session::TlsSession;
use crate::clock::monotonic;
use crate::event_loop::{self, Key, Source};
use crate::js::{Call, Ctx, Functions, Outcome, Value, handle};
use crate::{engine, functions, uncaught};
use rustls::{ServerConfig, ServerConnection};

pub static FUNCTIONS: Functions = functions![c"listen" 3 listen];

static METHODS: Functions = functions![
    c"port" 0 port,
    c"close" 0 close,
];

/// So many are taken before others get their turn.
const AT_ONCE: usize = 16;
/// How long nothing is taken after the kernel has refused to give a connection: it lacks memory or descriptors.
const PAUSE: u64 = 500_000_000;

/// A socket that takes connections, and the program's callback for each. The loop owns it; the program's object only knows it.
struct Listener {
    socket: RefCell<Option<Socket>>,
    tls: Option<Arc<ServerConfig>>,
    accept: Value,
    port: u16,
    key: Cell<Option<Key>>,
    paused_until: Cell<Option<u64>>,
}

fn listen(call: &Call) -> Outcome {
    let address = settings::address(call)?;
    let tls = server(call)?;
    let accept = call.function(2)?;
    let failed = |error: io::Error| settings::refusal(failure_of(&error, "listen", &address.text()));
    let socket = Socket::listening(&address).map_err(failed)?;
    let port = socket.own_address().map_err(failed)?.1;
    let (key, paused_until) = (Cell::new(None), Cell::new(None));
    let listener = Rc::new(Listener { socket: RefCell::new(Some(socket)), tls, accept, port, key, paused_until });
    let object = handle(call.ctx, Rc::new(Rc::downgrade(&listener)), &METHODS)?;
    listener.key.set(Some(event_loop::add(listener.clone())));
    Ok(object)
}

/// 0 once it is closed.
fn port(call: &Call) -> Outcome {
    Ok(call.ctx.int(listener(call)?.map_or(0, |listener| i32::from(listener.port))))
}

fn close(call: &Call) -> Outcome {
    if let Some(listener) = listener(call)? {
        listener.socket.take();
        if let Some(key) = listener.key.take() {
            event_loop::remove(key);
        }
    }
    Ok(call.ctx.undefined())
}

/// None when it is closed.
fn listener(call: &Call) -> Outcome<Option<Rc<Listener>>> {
    Ok(call.held::<Weak<Listener>>()?.upgrade())
}

impl Listener {
    /// The next connection; None when there is none, or the program has closed the listener.
    fn next(&self) -> Option<Socket> {
        match self.socket.borrow().as_ref()?.accept() {
            Ok(socket) => Some(socket),
            Err(error) => {
                let gone = [ErrorKind::WouldBlock, ErrorKind::Interrupted, ErrorKind::ConnectionAborted];
                if !gone.contains(&error.kind()) {
                    self.paused_until.set(Some(monotonic().saturating_add(PAUSE)));
                }
                None
            }
        }
    }

    /// Asks the program for its callbacks; without any the connection is dropped.
    fn take(&self, ctx: Ctx, socket: Socket) -> Outcome<()> {
        let session = match &self.tls {
            None => None,
            Some(config) => {
                let Ok(mut session) = ServerConnection::new(config.clone()) else { return Ok(()) };
                // As with clients: what is written waits, however much it is.
                session.set_buffer_limit(None);
                Some(TlsSession::new(session))
            }
        };
        socket.without_delay();
        let link = Link::new(Connection::accepted(socket, session));
        let answer = self.accept.call(&[link.object(ctx)?])?;
        if let Some(events) = Events::read(&answer)? {
            link.begin(events);
        }
        Ok(())
    }
}

impl Source for Listener {
    fn interest(&self) -> Option<(RawFd, i16)> {
        let socket = self.socket.borrow();
        socket.as_ref().filter(|_| self.paused_until.get().is_none()).map(|socket| (socket.fd(), libc::POLLIN))
    }

    fn deadline(&self) -> Option<u64> {
        self.paused_until.get()
    }

    fn ready(&self, ctx: Ctx, _: i16) {
        self.paused_until.set(None);
        for _ in 0..AT_ONCE {
            let Some(socket) = self.next() else { return };
            if self.take(ctx, socket).is_err() {
                uncaught::report(ctx, ctx.take_exception());
            }
            engine::run_jobs(ctx);
        }
    }
}
