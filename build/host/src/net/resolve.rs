//! `lookup` and `lookupSrv`: addresses and services of names.

use std::cell::RefCell;
use std::net::IpAddr;
use std::os::fd::RawFd;
use std::rc::Rc;

use super::dns::{self, Question};
use super::failure::Failure;
use super::link::error_of;
use crate::clock::{from_ms, monotonic};
use crate::event_loop::{self, Key, Source};
use crate::js::{Call, Ctx, Functions, Outcome, Value};
use crate::{engine, functions, uncaught};

pub static FUNCTIONS: Functions = functions![
    c"lookup" 3 lookup,
    c"lookupSrv" 3 lookup_srv,
];

fn lookup(call: &Call) -> Outcome {
    begin(call, dns::addresses_of)
}

fn lookup_srv(call: &Call) -> Outcome {
    begin(call, dns::services_of)
}

fn begin(call: &Call, ask: fn(&str, (u64, u64)) -> Question) -> Outcome {
    let name = call.string(0)?;
    let now = monotonic();
    let until = now.saturating_add(from_ms(call.milliseconds(1)?));
    let resolution = Rc::new(Resolution {
        question: RefCell::new(ask(&name, (now, until))),
        done: call.function(2)?,
        keys: RefCell::default(),
    });
    wait(&resolution);
    Ok(call.ctx.undefined())
}

/// A question of the program, until it is answered.
struct Resolution {
    question: RefCell<Question>,
    done: Value,
    keys: RefCell<Vec<Key>>,
}

/// One of the things that a resolution waits for: a socket, or without one its time.
struct Waiting {
    resolution: Rc<Resolution>,
    socket: Option<(RawFd, i16)>,
}

impl Source for Waiting {
    fn interest(&self) -> Option<(RawFd, i16)> {
        self.socket
    }

    fn deadline(&self) -> Option<u64> {
        if self.socket.is_some() { None } else { Some(self.resolution.question.borrow().deadline()) }
    }

    fn ready(&self, ctx: Ctx, _: i16) {
        go_on(&self.resolution, ctx);
    }
}

fn wait(resolution: &Rc<Resolution>) {
    let sockets = resolution.question.borrow().sockets();
    let all = sockets.into_iter().map(Some).chain([None]);
    let sources = all.map(|socket| event_loop::add(Rc::new(Waiting { resolution: resolution.clone(), socket })));
    *resolution.keys.borrow_mut() = sources.collect();
}

fn go_on(resolution: &Rc<Resolution>, ctx: Ctx) {
    let answer = resolution.question.borrow_mut().advance(monotonic());
    resolution.keys.take().into_iter().for_each(event_loop::remove);
    match answer {
        None => wait(resolution),
        Some(answer) => match arguments(ctx, answer) {
            Ok(arguments) => engine::call_back(ctx, &resolution.done, &arguments),
            Err(_) => uncaught::report(ctx, ctx.take_exception()),
        },
    }
}

fn arguments(ctx: Ctx, answer: Result<dns::Found, Failure>) -> Outcome<[Value; 2]> {
    Ok(match answer {
        Ok(dns::Found::Addresses(found)) => [ctx.undefined(), ctx.strings(found.iter().map(IpAddr::to_string))?],
        Ok(dns::Found::Services(found)) => [ctx.undefined(), ctx.array(found.iter().map(|one| record(ctx, one)))?],
        Err(failure) => [error_of(ctx, failure)?, ctx.array([])?],
    })
}

fn record(ctx: Ctx, service: &dns::Service) -> Outcome {
    let object = ctx.object()?;
    object.set(c"name", ctx.string(&service.host)?)?;
    for (name, number) in [(c"port", service.port), (c"priority", service.priority), (c"weight", service.weight)] {
        object.set(name, ctx.int(i32::from(number)))?;
    }
    Ok(object)
}
