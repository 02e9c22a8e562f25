//! Arguments of host functions, checked.

use std::ffi::CString;

use rquickjs_sys as qjs;

use super::bytes::uint8_array;
use super::string::Wtf8;
use super::{Call, Outcome, Thrown, Value};

impl Call<'_> {
    /// The argument at this place; undefined if there is none.
    pub fn value(&self, at: usize) -> Value {
        self.ctx.borrow(self.arguments.get(at).copied().unwrap_or(qjs::JS_UNDEFINED))
    }

    pub fn string(&self, at: usize) -> Outcome<String> {
        let value = self.value(at);
        if value.is_string() { value.text() } else { Err(self.wrong(at, "a string")) }
    }

    /// The bytes of a string, in which a lone surrogate is written as if it were a character.
    pub fn wtf8(&self, at: usize) -> Outcome<Wtf8> {
        let value = self.value(at);
        if value.is_string() { value.wtf8() } else { Err(self.wrong(at, "a string")) }
    }

    /// A path or an argument for the kernel, which ends at the first NUL.
    pub fn c_string(&self, at: usize) -> Outcome<CString> {
        c_string(self.string(at)?)
    }

    pub fn int(&self, at: usize) -> Outcome<i32> {
        let number = self.number(at)?;
        let int = number as i32;
        if f64::from(int) == number { Ok(int) } else { Err(self.wrong(at, "a 32-bit integer")) }
    }

    /// A number of 32 bits, given as signed or unsigned.
    pub fn word(&self, at: usize) -> Outcome<u32> {
        let number = self.number(at)?;
        let word = number as i64;
        let fits = word as f64 == number && word >= i64::from(i32::MIN) && word <= i64::from(u32::MAX);
        if fits { Ok(word as u32) } else { Err(self.wrong(at, "a 32-bit integer")) }
    }

    /// A count or size: an integer from 0 to 2^53.
    pub fn size(&self, at: usize) -> Outcome<usize> {
        let number = self.number(at)?;
        let fits = (0.0..=9_007_199_254_740_992.0).contains(&number) && number.fract() == 0.0;
        if fits { Ok(number as usize) } else { Err(self.wrong(at, "a whole number that is not negative")) }
    }

    /// Milliseconds: not negative, not infinite.
    pub fn milliseconds(&self, at: usize) -> Outcome<f64> {
        let number = self.number(at)?;
        if number >= 0.0 && number.is_finite() { Ok(number) } else { Err(self.wrong(at, "a number of milliseconds")) }
    }

    pub fn number(&self, at: usize) -> Outcome<f64> {
        self.value(at).as_number().ok_or_else(|| self.wrong(at, "a number"))
    }

    pub fn boolean(&self, at: usize) -> Outcome<bool> {
        self.value(at).as_boolean().ok_or_else(|| self.wrong(at, "a boolean"))
    }

    pub fn bigint(&self, at: usize) -> Outcome<i64> {
        let value = self.value(at);
        if !value.is_bigint() {
            return Err(self.wrong(at, "a bigint"));
        }
        let mut result = 0;
        let failed = unsafe { qjs::JS_ToBigInt64(self.ctx.raw(), &mut result, value.raw()) } < 0;
        if failed { Err(Thrown::Pending) } else { Ok(result) }
    }

    pub fn function(&self, at: usize) -> Outcome {
        let value = self.value(at);
        if value.is_function() { Ok(value) } else { Err(self.wrong(at, "a function")) }
    }

    /// The bytes of a Uint8Array, where they lie. Nothing may call into the engine while they are in use.
    pub fn bytes(&self, at: usize) -> Outcome<&[u8]> {
        let found = uint8_array(&self.value(at))?.ok_or_else(|| self.wrong(at, "a Uint8Array"))?;
        Ok(unsafe { std::slice::from_raw_parts(found.start, found.length) })
    }

    /// The same, to be written into. A call has at most one such argument, and then no other bytes.
    #[allow(clippy::mut_from_ref)]
    pub fn bytes_mut(&self, at: usize) -> Outcome<&mut [u8]> {
        let found = uint8_array(&self.value(at))?.ok_or_else(|| self.wrong(at, "a Uint8Array"))?;
        if found.immutable {
            return Err(self.wrong(at, "a Uint8Array that can be written"));
        }
        Ok(unsafe { std::slice::from_raw_parts_mut(found.start, found.length) })
    }

    /// The TypeError for an argument that is not what it must be.
    pub fn wrong(&self, at: usize, what: &str) -> Thrown {
        Thrown::Type(format!("argument {} must be {what}", at + 1))
    }
}

/// A string for the kernel, which ends at the first NUL.
pub fn c_string(text: String) -> Outcome<CString> {
    CString::new(text)
        .map_err(|_| Thrown::Coded { code: "EINVAL", message: "EINVAL: a NUL character in a path or argument".into() })
}
