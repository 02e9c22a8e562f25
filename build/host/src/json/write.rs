//! Values written as JSON, as Go escapes it.

use std::fmt::Write;

use super::DEEPEST;
use crate::js::{Ctx, Outcome, Thrown, Value};

/// The compact JSON of a value. What has none is left out of objects, and is null elsewhere, as with JSON.stringify.
pub fn write(ctx: Ctx, value: &Value) -> Outcome {
    let mut writer = Writer { text: String::new(), depth: 0 };
    writer.value(value)?;
    ctx.string(&writer.text)
}

struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    fn value(&mut self, value: &Value) -> Outcome<()> {
        if value.is_string() {
            self.string(&value.wtf8()?);
        } else if let Some(flag) = value.as_boolean() {
            self.text.push_str(if flag { "true" } else { "false" });
        } else if let Some(number) = value.as_number() {
            self.number(value, number)?;
        } else if value.is_bigint() {
            self.text.push_str(&value.text()?);
        } else if has_none(value) {
            self.text.push_str("null");
        } else {
            self.nested(value)?;
        }
        Ok(())
    }

    fn number(&mut self, value: &Value, number: f64) -> Outcome<()> {
        let integer = number as i64;
        if !number.is_finite() {
            self.text.push_str("null");
        } else if integer as f64 == number && integer.unsigned_abs() < 1 << 53 {
            let _ = write!(self.text, "{integer}");
        } else {
            self.text.push_str(&value.text()?);
        }
        Ok(())
    }

    fn nested(&mut self, value: &Value) -> Outcome<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Thrown::Coded { code: "EINVAL", message: "the value is nested too deeply for JSON".into() });
        }
        if value.is_array() {
            self.list(value)?;
        } else {
            let members = if value.is_map() { value.map_members()? } else { value.members()? };
            self.object(members)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn list(&mut self, list: &Value) -> Outcome<()> {
        self.text.push('[');
        for index in 0..list.length()? {
            if index > 0 {
                self.text.push(',');
            }
            self.value(&list.element(index)?)?;
        }
        self.text.push(']');
        Ok(())
    }

    fn object(&mut self, members: Vec<(Value, Value)>) -> Outcome<()> {
        self.text.push('{');
        let mut is_first = true;
        for (name, value) in members.iter().filter(|(_, value)| value.is_null() || !has_none(value)) {
            if !std::mem::take(&mut is_first) {
                self.text.push(',');
            }
            self.string(&name.wtf8()?);
            self.text.push(':');
            self.value(value)?;
        }
        self.text.push('}');
        Ok(())
    }

    fn string(&mut self, bytes: &[u8]) {
        self.text.push('"');
        let mut rest = bytes;
        while let Some(at) = lone_surrogate(rest) {
            self.characters(&String::from_utf8_lossy(&rest[..at]));
            let unit = 0xD000 | u32::from(rest[at + 1] & 0x3F) << 6 | u32::from(rest[at + 2] & 0x3F);
            let _ = write!(self.text, "\\u{unit:04x}");
            rest = &rest[at + 3..];
        }
        self.characters(&String::from_utf8_lossy(rest));
        self.text.push('"');
    }

    fn characters(&mut self, text: &str) {
        let mut done = 0;
        for (at, char) in text.char_indices().filter(|(_, char)| is_escaped(*char)) {
            self.text.push_str(&text[done..at]);
            done = at + char.len_utf8();
            let short = match char {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\u{8}' => "\\b",
                '\u{c}' => "\\f",
                _ => "",
            };
            self.text.push_str(short);
            if short.is_empty() {
                let _ = write!(self.text, "\\u{:04x}", u32::from(char));
            }
        }
        self.text.push_str(&text[done..]);
    }
}

/// Where the first lone surrogate begins, which the engine writes as if it were a character.
fn lone_surrogate(bytes: &[u8]) -> Option<usize> {
    bytes.windows(3).position(|three| three[0] == 0xED && three[1] >= 0xA0)
}

/// What JSON or Go writes otherwise.
fn is_escaped(char: char) -> bool {
    matches!(char, '\0'..' ' | '"' | '\\' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}')
}

fn has_none(value: &Value) -> bool {
    value.is_null() || value.is_undefined() || value.is_function() || value.is_symbol()
}
