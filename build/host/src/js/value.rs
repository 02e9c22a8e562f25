use rquickjs_sys as qjs;

use super::{Outcome, Thrown};

/// The engine's context. There is one in a process, and one thread.
#[derive(Clone, Copy)]
pub struct Ctx(*mut qjs::JSContext);

impl Ctx {
    /// # Safety
    /// `raw` must be a live context for as long as the copy is used.
    pub unsafe fn from_raw(raw: *mut qjs::JSContext) -> Ctx {
        Ctx(raw)
    }

    pub fn raw(self) -> *mut qjs::JSContext {
        self.0
    }

    /// Takes ownership of what an engine function returned.
    pub(crate) fn own(self, raw: qjs::JSValue) -> Outcome {
        if unsafe { qjs::JS_IsException(raw) } { Err(Thrown::Pending) } else { Ok(Value { ctx: self, raw }) }
    }

    /// Another reference to a value that somebody else owns.
    pub(crate) fn borrow(self, raw: qjs::JSValue) -> Value {
        Value { ctx: self, raw: unsafe { qjs::JS_DupValue(self.0, raw) } }
    }

    /// The exception that is pending, which is thereby no longer so.
    pub fn take_exception(self) -> Value {
        Value { ctx: self, raw: unsafe { qjs::JS_GetException(self.0) } }
    }
}

/// A reference to a value of the engine, given back when dropped.
pub struct Value {
    ctx: Ctx,
    raw: qjs::JSValue,
}

impl Drop for Value {
    fn drop(&mut self) {
        unsafe { qjs::JS_FreeValue(self.ctx.0, self.raw) }
    }
}

impl Clone for Value {
    fn clone(&self) -> Value {
        self.ctx.borrow(self.raw)
    }
}

impl Value {
    pub fn ctx(&self) -> Ctx {
        self.ctx
    }

    pub fn raw(&self) -> qjs::JSValue {
        self.raw
    }

    pub fn into_raw(self) -> qjs::JSValue {
        let raw = self.raw;
        std::mem::forget(self);
        raw
    }

    pub fn is_undefined(&self) -> bool {
        unsafe { qjs::JS_IsUndefined(self.raw) }
    }

    pub fn is_null(&self) -> bool {
        unsafe { qjs::JS_IsNull(self.raw) }
    }

    pub fn is_symbol(&self) -> bool {
        unsafe { qjs::JS_IsSymbol(self.raw) }
    }

    pub fn is_bigint(&self) -> bool {
        unsafe { qjs::JS_IsBigInt(self.raw) }
    }

    pub fn is_map(&self) -> bool {
        unsafe { qjs::JS_IsMap(self.raw) }
    }

    pub fn is_function(&self) -> bool {
        unsafe { qjs::JS_IsFunction(self.ctx.0, self.raw) }
    }

    pub fn is_object(&self) -> bool {
        unsafe { qjs::JS_IsObject(self.raw) }
    }

    pub fn is_array(&self) -> bool {
        unsafe { qjs::JS_IsArray(self.raw) }
    }

    pub fn as_number(&self) -> Option<f64> {
        let raw = self.raw();
        unsafe {
            match qjs::JS_VALUE_GET_NORM_TAG(raw) {
                qjs::JS_TAG_INT => Some(f64::from(qjs::JS_VALUE_GET_INT(raw))),
                qjs::JS_TAG_FLOAT64 => Some(qjs::JS_VALUE_GET_FLOAT64(raw)),
                _ => None,
            }
        }
    }

    pub fn as_boolean(&self) -> Option<bool> {
        let raw = self.raw();
        unsafe { qjs::JS_IsBool(raw).then(|| qjs::JS_VALUE_GET_BOOL(raw)) }
    }

    /// Calls this function; the exception stays pending if it throws.
    pub fn call(&self, arguments: &[Value]) -> Outcome {
        self.call_as(qjs::JS_UNDEFINED, arguments)
    }

    /// The same as a method of `this`.
    pub fn call_on(&self, this: &Value, arguments: &[Value]) -> Outcome {
        self.call_as(this.raw, arguments)
    }

    fn call_as(&self, this: qjs::JSValue, arguments: &[Value]) -> Outcome {
        let mut raw: Vec<qjs::JSValue> = arguments.iter().map(|value| value.raw).collect();
        let count = raw.len() as i32;
        let result = unsafe { qjs::JS_Call(self.ctx.0, self.raw, this, count, raw.as_mut_ptr()) };
        self.ctx.own(result)
    }

    /// The property of this name, by way of getters.
    pub fn get(&self, name: &std::ffi::CStr) -> Outcome {
        self.ctx.own(unsafe { qjs::JS_GetPropertyStr(self.ctx.0, self.raw, name.as_ptr()) })
    }

    pub fn element(&self, index: u32) -> Outcome {
        self.ctx.own(unsafe { qjs::JS_GetPropertyUint32(self.ctx.0, self.raw, index) })
    }

    pub fn length(&self) -> Outcome<u32> {
        let mut length = 0;
        if unsafe { qjs::JS_GetLength(self.ctx.0, self.raw, &mut length) } < 0 {
            return Err(Thrown::Pending);
        }
        u32::try_from(length).map_err(|_| Thrown::Type("the array is too long".into()))
    }

    /// Defines an own property, whatever setters the prototype has.
    pub fn set(&self, name: &std::ffi::CStr, value: Value) -> Outcome<()> {
        self.define(name, value, qjs::JS_PROP_C_W_E)
    }

    /// The same for a name from outside, all in ASCII.
    pub fn define_ascii(&self, name: &[u8], value: Value) -> Outcome<()> {
        let atom = unsafe { qjs::JS_NewAtomLen(self.ctx.0, name.as_ptr().cast(), name.len() as _) };
        self.define_atom(atom, value)
    }

    /// The same for a name that is a string of the engine.
    pub fn define_named(&self, name: &Value, value: Value) -> Outcome<()> {
        self.define_atom(unsafe { qjs::JS_ValueToAtom(self.ctx.0, name.raw) }, value)
    }

    fn define_atom(&self, atom: qjs::JSAtom, value: Value) -> Outcome<()> {
        if atom == qjs::JS_ATOM_NULL {
            return Err(Thrown::Pending);
        }
        let (raw, flags) = (value.into_raw(), qjs::JS_PROP_C_W_E as i32);
        let set = unsafe { qjs::JS_DefinePropertyValue(self.ctx.0, self.raw, atom, raw, flags) };
        unsafe { qjs::JS_FreeAtom(self.ctx.0, atom) };
        if set < 0 { Err(Thrown::Pending) } else { Ok(()) }
    }

    /// The same, with flags of the engine.
    pub(super) fn define(&self, name: &std::ffi::CStr, value: Value, flags: u32) -> Outcome<()> {
        let raw = value.into_raw();
        let set = unsafe { qjs::JS_DefinePropertyValueStr(self.ctx.0, self.raw, name.as_ptr(), raw, flags as i32) };
        if set < 0 { Err(Thrown::Pending) } else { Ok(()) }
    }
}
