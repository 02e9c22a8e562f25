use rquickjs_sys as qjs;

use super::{Ctx, Outcome, Value};

/// Values that become arrays, those of the innermost array last.
pub struct Items {
    ctx: Ctx,
    raw: Vec<qjs::JSValue>,
}

impl Drop for Items {
    fn drop(&mut self) {
        for value in &self.raw {
            unsafe { qjs::JS_FreeValue(self.ctx.raw(), *value) }
        }
    }
}

impl Items {
    pub fn new(ctx: Ctx) -> Items {
        Items { ctx, raw: Vec::new() }
    }

    pub fn count(&self) -> usize {
        self.raw.len()
    }

    pub fn push(&mut self, value: Value) {
        self.raw.push(value.into_raw());
    }

    /// Takes the values from this place on as a new array.
    pub fn array_from(&mut self, start: usize) -> Outcome {
        let values = &self.raw[start..];
        let array = unsafe { qjs::JS_NewArrayFrom(self.ctx.raw(), values.len() as i32, values.as_ptr()) };
        // The engine has taken them, also where it failed.
        self.raw.truncate(start);
        self.ctx.own(array)
    }
}
