//! Strings on their way out of the engine.

use std::ops::Deref;

use rquickjs_sys as qjs;

use super::{Ctx, Outcome, Thrown, Value};

/// Text that the engine keeps for as long as this lives: an answer of an API server has some megabytes.
pub struct Wtf8 {
    ctx: Ctx,
    start: *const u8,
    length: usize,
}

impl Deref for Wtf8 {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}

impl Drop for Wtf8 {
    fn drop(&mut self) {
        unsafe { qjs::JS_FreeCString(self.ctx.raw(), self.start.cast()) };
    }
}

impl Value {
    pub fn is_string(&self) -> bool {
        unsafe { qjs::JS_IsString(self.raw()) }
    }

    /// The text of a value, converted to a string as JavaScript does; lone surrogates become U+FFFD.
    pub fn text(&self) -> Outcome<String> {
        Ok(valid_utf8(self.wtf8()?.to_vec()))
    }

    /// The same, with lone surrogates as if they were characters: three bytes that are not UTF-8.
    pub fn wtf8(&self) -> Outcome<Wtf8> {
        let mut length = 0;
        let start = unsafe { qjs::JS_ToCStringLen2(self.ctx().raw(), &mut length, self.raw(), false) };
        if start.is_null() {
            return Err(Thrown::Pending);
        }
        Ok(Wtf8 { ctx: self.ctx(), start: start.cast(), length: length as usize })
    }
}

/// A lone surrogate has three bytes; U+FFFD has three as well.
fn valid_utf8(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        let mut bytes = error.into_bytes();
        for at in 0..bytes.len().saturating_sub(2) {
            if bytes[at] == 0xED && bytes[at + 1] >= 0xA0 {
                bytes[at..at + 3].copy_from_slice("\u{FFFD}".as_bytes());
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::valid_utf8;

    #[test]
    fn lone_surrogates_become_replacement_characters() {
        assert_eq!(valid_utf8(b"a\xED\xA0\x80b\xED\xBF\xBF".to_vec()), "a\u{FFFD}b\u{FFFD}");
    }

    #[test]
    fn characters_below_the_surrogates_stay() {
        assert_eq!(valid_utf8("\u{D7FF}\u{E000}\u{10FFFF}".into()), "\u{D7FF}\u{E000}\u{10FFFF}");
    }
}
