//! Arrays and objects that the program gives.

use std::ptr;

use rquickjs_sys as qjs;

use super::{Call, Outcome, Thrown, Value};

impl Call<'_> {
    /// An array of strings.
    pub fn strings(&self, at: usize) -> Outcome<Vec<String>> {
        let array = self.value(at);
        if !array.is_array() {
            return Err(self.wrong(at, "an array of strings"));
        }
        (0..array.length()?)
            .map(|index| {
                let item = array.element(index)?;
                if item.is_string() { item.text() } else { Err(self.wrong(at, "an array of strings")) }
            })
            .collect()
    }
}

impl Value {
    /// The object's own properties with names, in their order.
    pub fn entries(&self) -> Outcome<Vec<(String, Value)>> {
        self.members()?.into_iter().map(|(name, value)| Ok((name.text()?, value))).collect()
    }

    /// The same, with names as the engine has them.
    pub fn members(&self) -> Outcome<Vec<(Value, Value)>> {
        if !self.is_object() {
            return Err(Thrown::Type("an object is needed".into()));
        }
        let ctx = self.ctx();
        let (mut table, mut count) = (ptr::null_mut(), 0);
        let flags = (qjs::JS_GPN_STRING_MASK | qjs::JS_GPN_ENUM_ONLY) as i32;
        if unsafe { qjs::JS_GetOwnPropertyNames(ctx.raw(), &mut table, &mut count, self.raw(), flags) } < 0 {
            return Err(Thrown::Pending);
        }
        let members = (0..count as usize).map(|at| self.member(unsafe { (*table.add(at)).atom })).collect();
        unsafe { qjs::JS_FreePropertyEnum(ctx.raw(), table, count) };
        members
    }

    fn member(&self, name: qjs::JSAtom) -> Outcome<(Value, Value)> {
        let ctx = self.ctx();
        let text = ctx.own(unsafe { qjs::JS_AtomToString(ctx.raw(), name) })?;
        Ok((text, ctx.own(unsafe { qjs::JS_GetProperty(ctx.raw(), self.raw(), name) })?))
    }

    /// The keys and values of a Map whose keys are strings, in their order.
    pub fn map_members(&self) -> Outcome<Vec<(Value, Value)>> {
        let ctx = self.ctx();
        let global = ctx.own(unsafe { qjs::JS_GetGlobalObject(ctx.raw()) })?;
        let pairs = global.get(c"Array")?.get(c"from")?.call_on(&global.get(c"Array")?, std::slice::from_ref(self))?;
        (0..pairs.length()?)
            .map(|at| {
                let pair = pairs.element(at)?;
                Ok((pair.element(0)?, pair.element(1)?))
            })
            .collect()
    }
}
