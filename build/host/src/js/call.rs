//! How JavaScript calls the host.

use std::ffi::CStr;

use rquickjs_sys as qjs;

use super::{Ctx, Outcome, Thrown, Value};

/// One call of a host function: its receiver and arguments.
pub struct Call<'a> {
    pub ctx: Ctx,
    pub(super) this: qjs::JSValue,
    pub(super) arguments: &'a [qjs::JSValue],
}

/// What a host function looks like.
pub type Function = fn(&Call) -> Outcome;

/// A table of functions, in the engine's form: they become objects only when first used.
pub struct Functions(pub &'static [qjs::JSCFunctionListEntry]);

// The table is constant.
unsafe impl Sync for Functions {}

impl Functions {
    /// Adds the functions to an object, unchangeable.
    pub fn install(&self, object: &Value) -> Outcome<()> {
        let (table, count) = (self.0.as_ptr(), self.0.len() as i32);
        let added = unsafe { qjs::JS_SetPropertyFunctionList(object.ctx().raw(), object.raw(), table, count) };
        if added < 0 { Err(Thrown::Pending) } else { Ok(()) }
    }
}

/// Calls `body` for the engine.
///
/// # Safety
/// For the functions that `functions!` makes, with the engine's own arguments.
pub unsafe fn enter(
    ctx: *mut qjs::JSContext,
    this: qjs::JSValue,
    count: i32,
    arguments: *mut qjs::JSValue,
    body: Function,
) -> qjs::JSValue {
    let ctx = unsafe { Ctx::from_raw(ctx) };
    let arguments = match usize::try_from(count) {
        Ok(count) if count > 0 => unsafe { std::slice::from_raw_parts(arguments, count) },
        _ => &[],
    };
    match body(&Call { ctx, this, arguments }) {
        Ok(value) => value.into_raw(),
        Err(thrown) => {
            thrown.raise(ctx);
            qjs::JS_EXCEPTION
        }
    }
}

pub type Raw = unsafe extern "C" fn(*mut qjs::JSContext, qjs::JSValue, i32, *mut qjs::JSValue) -> qjs::JSValue;

/// One line of a table of functions.
pub const fn entry(name: &'static CStr, length: u8, function: Raw) -> qjs::JSCFunctionListEntry {
    qjs::JSCFunctionListEntry {
        name: name.as_ptr(),
        prop_flags: qjs::JS_PROP_ENUMERABLE as u8,
        def_type: qjs::JS_DEF_CFUNC as u8,
        magic: 0,
        u: qjs::JSCFunctionListEntry__bindgen_ty_1 {
            func: qjs::JSCFunctionListEntry__bindgen_ty_1__bindgen_ty_1 {
                length,
                cproto: qjs::JSCFunctionEnum_JS_CFUNC_generic as u8,
                cfunc: qjs::JSCFunctionType { generic: Some(function) },
            },
        },
    }
}

/// `functions![c"name" 2 body, …]`: a table of host functions with their JavaScript names and argument counts.
#[macro_export]
macro_rules! functions {
    ($($name:literal $length:literal $body:path),* $(,)?) => {
        $crate::js::Functions(const { &[$($crate::js::entry($name, $length, {
            unsafe extern "C" fn call(
                ctx: *mut rquickjs_sys::JSContext,
                this: rquickjs_sys::JSValue,
                count: i32,
                arguments: *mut rquickjs_sys::JSValue,
            ) -> rquickjs_sys::JSValue {
                unsafe { $crate::js::enter(ctx, this, count, arguments, $body) }
            }
            call
        })),*] })
    };
}
