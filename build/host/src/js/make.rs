//! New values.

use rquickjs_sys as qjs;

use super::{Ctx, Outcome, Thrown, Value};

impl Ctx {
    pub fn undefined(self) -> Value {
        self.plain(qjs::JS_UNDEFINED)
    }

    pub fn null(self) -> Value {
        self.plain(qjs::JS_NULL)
    }

    pub fn boolean(self, value: bool) -> Value {
        self.plain(if value { qjs::JS_TRUE } else { qjs::JS_FALSE })
    }

    pub fn number(self, value: f64) -> Value {
        self.plain(qjs::JS_NewFloat64(value))
    }

    pub fn int(self, value: i32) -> Value {
        self.plain(qjs::JS_MKVAL(qjs::JS_TAG_INT, value))
    }

    pub fn bigint(self, value: i64) -> Outcome {
        self.own(unsafe { qjs::JS_NewBigInt64(self.raw(), value) })
    }

    pub fn unsigned_bigint(self, value: u64) -> Outcome {
        self.own(unsafe { qjs::JS_NewBigUint64(self.raw(), value) })
    }

    /// An integer by its decimal literal and the number nearest to it: that number if it is exact and below 2^53, else a bigint.
    pub fn integer(self, literal: &str, nearest: f64) -> Outcome {
        if nearest.abs() < 9_007_199_254_740_992.0 {
            return Ok(self.number(nearest));
        }
        if let Ok(integer) = literal.parse() {
            return self.bigint(integer);
        }
        if let Ok(integer) = literal.parse() {
            return self.unsigned_bigint(integer);
        }
        let global = self.own(unsafe { qjs::JS_GetGlobalObject(self.raw()) })?;
        global.get(c"BigInt")?.call(&[self.string(literal)?])
    }

    pub fn string(self, text: &str) -> Outcome {
        self.utf8(text.as_bytes())
    }

    /// A string of bytes that must be UTF-8.
    pub fn utf8(self, text: &[u8]) -> Outcome {
        self.own(unsafe { qjs::JS_NewStringLen(self.raw(), text.as_ptr().cast(), text.len() as _) })
    }

    /// A string of UTF-16, which may have lone surrogates.
    pub fn utf16(self, units: &[u16]) -> Outcome {
        self.own(unsafe { qjs::JS_NewStringUTF16(self.raw(), units.as_ptr(), units.len() as _) })
    }

    /// Text that came from outside: what is not UTF-8 becomes U+FFFD.
    pub fn foreign_string(self, text: &[u8]) -> Outcome {
        self.string(&String::from_utf8_lossy(text))
    }

    /// A new Uint8Array with a copy of the bytes.
    pub fn bytes(self, bytes: &[u8]) -> Outcome {
        self.own(unsafe { qjs::JS_NewUint8ArrayCopy(self.raw(), bytes.as_ptr(), bytes.len() as _) })
    }

    pub fn object(self) -> Outcome {
        self.own(unsafe { qjs::JS_NewObject(self.raw()) })
    }

    /// An object without prototype, for names from outside.
    pub fn dictionary(self) -> Outcome {
        self.own(unsafe { qjs::JS_NewObjectProto(self.raw(), qjs::JS_NULL) })
    }

    pub fn array(self, items: impl IntoIterator<Item = Outcome>) -> Outcome {
        let array = self.own(unsafe { qjs::JS_NewArray(self.raw()) })?;
        for (index, item) in items.into_iter().enumerate() {
            let flags = qjs::JS_PROP_C_W_E as i32;
            let raw = item?.into_raw();
            let set = unsafe { qjs::JS_DefinePropertyValueUint32(self.raw(), array.raw(), index as u32, raw, flags) };
            if set < 0 {
                return Err(Thrown::Pending);
            }
        }
        Ok(array)
    }

    /// The same of values that exist, at once.
    pub fn array_of(self, items: Vec<Value>) -> Outcome {
        let raw: Vec<qjs::JSValue> = items.into_iter().map(Value::into_raw).collect();
        self.own(unsafe { qjs::JS_NewArrayFrom(self.raw(), raw.len() as i32, raw.as_ptr()) })
    }

    pub fn strings<T: AsRef<[u8]>>(self, items: impl IntoIterator<Item = T>) -> Outcome {
        self.array(items.into_iter().map(|item| self.foreign_string(item.as_ref())))
    }

    fn plain(self, raw: qjs::JSValue) -> Value {
        self.own(raw).unwrap_or_else(|_| unreachable!("not an exception"))
    }
}

impl Value {
    /// Makes the object immutable.
    pub fn freeze(self) -> Outcome {
        let frozen = unsafe { qjs::JS_FreezeObject(self.ctx().raw(), self.raw()) };
        if frozen < 0 { Err(Thrown::Pending) } else { Ok(self) }
    }
}
