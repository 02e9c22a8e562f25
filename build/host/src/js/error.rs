use std::ffi::CStr;

use rquickjs_sys as qjs;

use super::{Ctx, Value};
use crate::errno;

pub type Outcome<T = Value> = Result<T, Thrown>;

/// What a host function throws.
pub enum Thrown {
    /// The engine has the exception already.
    Pending,
    /// A TypeError: wrong kind of argument.
    Type(String),
    /// An Error with a `code` of ours.
    Coded { code: &'static str, message: String },
    /// A system call failed.
    System(SystemError),
}

pub struct SystemError {
    pub errno: i32,
    pub syscall: &'static str,
    pub path: Option<String>,
    /// The second path, of calls that have two.
    pub to: Option<String>,
}

/// The failure of the last system call.
pub fn system_error(syscall: &'static str) -> Thrown {
    Thrown::System(SystemError { errno: errno::last(), syscall, path: None, to: None })
}

impl Thrown {
    /// Adds the path that the call was about.
    pub fn at(self, path: &CStr) -> Thrown {
        match self {
            Thrown::System(error) => Thrown::System(SystemError { path: Some(shown(path)), ..error }),
            other => other,
        }
    }

    /// Adds the second path, of calls that have two.
    pub fn to(self, path: &CStr) -> Thrown {
        match self {
            Thrown::System(error) => Thrown::System(SystemError { to: Some(shown(path)), ..error }),
            other => other,
        }
    }

    /// The error as a value, for those who hand it to a callback.
    pub fn into_value(self, ctx: Ctx) -> Value {
        let made = match self {
            Thrown::Pending => return ctx.take_exception(),
            Thrown::Type(message) => type_error(ctx, &message),
            Thrown::Coded { code, message } => coded_error(ctx, code, &message),
            Thrown::System(error) => error.into_value(ctx),
        };
        // Out of memory while making an error: that is then the error.
        made.unwrap_or_else(|_| ctx.take_exception())
    }

    /// Makes it the engine's pending exception.
    pub fn raise(self, ctx: Ctx) {
        if !matches!(self, Thrown::Pending) {
            let error = self.into_value(ctx).into_raw();
            unsafe { qjs::JS_Throw(ctx.raw(), error) };
        }
    }
}

impl SystemError {
    fn into_value(self, ctx: Ctx) -> Outcome {
        let name = errno::name(self.errno);
        let mut message = format!("{name}: {}, {}", errno::text(self.errno), self.syscall);
        for (mark, path) in [(" ", &self.path), (" -> ", &self.to)] {
            if let Some(path) = path {
                message.push_str(&format!("{mark}'{path}'"));
            }
        }
        let error = coded_error(ctx, &name, &message)?;
        error.set(c"errno", ctx.int(self.errno))?;
        error.set(c"syscall", ctx.string(self.syscall)?)?;
        if let Some(path) = self.path {
            error.set(c"path", ctx.string(&path)?)?;
        }
        Ok(error)
    }
}

fn shown(path: &CStr) -> String {
    path.to_string_lossy().into_owned()
}

fn coded_error(ctx: Ctx, code: &str, message: &str) -> Outcome {
    let error = plain_error(ctx, message)?;
    error.set(c"code", ctx.string(code)?)?;
    Ok(error)
}

fn plain_error(ctx: Ctx, message: &str) -> Outcome {
    with_message(ctx, message, |text| unsafe { qjs::JS_NewPlainError(ctx.raw(), c"%s".as_ptr(), text) })
}

fn type_error(ctx: Ctx, message: &str) -> Outcome {
    with_message(ctx, message, |text| unsafe { qjs::JS_NewTypeError(ctx.raw(), c"%s".as_ptr(), text) })
}

/// The engine cuts the texts of its own errors at 256 bytes, so the message is set once more, whole.
fn with_message(ctx: Ctx, message: &str, make: impl Fn(*const libc::c_char) -> qjs::JSValue) -> Outcome {
    let error = ctx.own(make(c"".as_ptr()))?;
    error.define(c"message", ctx.string(message)?, qjs::JS_PROP_CONFIGURABLE | qjs::JS_PROP_WRITABLE)?;
    Ok(error)
}
