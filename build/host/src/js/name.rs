use rquickjs_sys as qjs;

use super::{Ctx, Outcome, Thrown, Value};

/// The name of a property, made once for as many uses as there are.
pub struct Name {
    ctx: Ctx,
    atom: qjs::JSAtom,
}

impl Drop for Name {
    fn drop(&mut self) {
        unsafe { qjs::JS_FreeAtom(self.ctx.raw(), self.atom) }
    }
}

impl Name {
    pub fn new(ctx: Ctx, text: &str) -> Outcome<Name> {
        // The engine's shorter way is wrong for other characters.
        if !text.is_ascii() {
            return Name::of(&ctx.string(text)?);
        }
        Name::own(ctx, unsafe { qjs::JS_NewAtomLen(ctx.raw(), text.as_ptr().cast(), text.len() as _) })
    }

    /// The name that a string is.
    pub fn of(text: &Value) -> Outcome<Name> {
        let ctx = text.ctx();
        Name::own(ctx, unsafe { qjs::JS_ValueToAtom(ctx.raw(), text.raw()) })
    }

    fn own(ctx: Ctx, atom: qjs::JSAtom) -> Outcome<Name> {
        if atom == qjs::JS_ATOM_NULL { Err(Thrown::Pending) } else { Ok(Name { ctx, atom }) }
    }

    /// Gives an object an own property of this name, whatever setters its prototype has.
    pub fn define(&self, object: &Value, value: Value) -> Outcome<()> {
        let (raw, flags) = (value.into_raw(), qjs::JS_PROP_C_W_E as i32);
        let set = unsafe { qjs::JS_DefinePropertyValue(self.ctx.raw(), object.raw(), self.atom, raw, flags) };
        if set < 0 { Err(Thrown::Pending) } else { Ok(()) }
    }
}
