//! The environment.

use std::ffi::{CStr, c_char};

use rquickjs_sys as qjs;

use crate::js::{Ctx, Outcome, Thrown, Value};

unsafe extern "C" {
    static environ: *const *const c_char;
}

/// An immutable object of all variables. Of equal names the first counts, as for getenv(3).
pub fn environment(ctx: Ctx) -> Outcome {
    let object = ctx.dictionary()?;
    let mut next = unsafe { environ };
    while !next.is_null() && !unsafe { *next }.is_null() {
        let variable = unsafe { CStr::from_ptr(*next) }.to_bytes();
        if let Some(at) = variable.iter().position(|byte| *byte == b'=') {
            add(&object, &variable[..at], &variable[at + 1..])?;
        }
        next = unsafe { next.add(1) };
    }
    object.prevent_extensions()?;
    Ok(object)
}

fn add(object: &Value, name: &[u8], value: &[u8]) -> Outcome<()> {
    let ctx = object.ctx();
    let name = String::from_utf8_lossy(name);
    let value = ctx.foreign_string(value)?.into_raw();
    let flags = qjs::JS_PROP_ENUMERABLE as i32;
    unsafe {
        let atom = qjs::JS_NewAtomLen(ctx.raw(), name.as_ptr().cast(), name.len() as _);
        let known = qjs::JS_HasProperty(ctx.raw(), object.raw(), atom);
        let done = if known == 0 {
            qjs::JS_DefinePropertyValue(ctx.raw(), object.raw(), atom, value, flags)
        } else {
            qjs::JS_FreeValue(ctx.raw(), value);
            known
        };
        qjs::JS_FreeAtom(ctx.raw(), atom);
        if done < 0 { Err(Thrown::Pending) } else { Ok(()) }
    }
}
