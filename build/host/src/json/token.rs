//! Strings of a JSON text: escapes and lone surrogates as UTF-16.

use crate::js::{Ctx, Thrown, Value};

/// A string as it stands in the text, without its quotes.
pub struct Token<'a> {
    pub bytes: &'a [u8],
    /// Whether it is other than its bytes.
    pub is_written_differently: bool,
}

impl Token<'_> {
    /// The string; nothing thrown is a faulty escape.
    pub fn value(&self, ctx: Ctx) -> Result<Value, Option<Thrown>> {
        if !self.is_written_differently {
            return ctx.utf8(self.bytes).map_err(Some);
        }
        ctx.utf16(&self.units().ok_or(None)?).map_err(Some)
    }

    /// UTF-16, which may have lone surrogates.
    fn units(&self) -> Option<Vec<u16>> {
        let mut units = Vec::with_capacity(self.bytes.len());
        let mut rest = self.bytes;
        while let Some((&byte, after)) = rest.split_first() {
            let length = match byte {
                b'\\' => escape(after, &mut units)? + 1,
                0..0x80 => {
                    units.push(u16::from(byte));
                    1
                }
                _ => character(rest, &mut units)?,
            };
            rest = &rest[length..];
        }
        Some(units)
    }
}

/// What stands after a backslash; returns how many bytes it takes.
fn escape(after: &[u8], units: &mut Vec<u16>) -> Option<usize> {
    let plain = match after.first()? {
        b'u' => {
            let digits = std::str::from_utf8(after.get(1..5)?).ok()?;
            let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            units.push(is_hex.then(|| u16::from_str_radix(digits, 16).ok()).flatten()?);
            return Some(5);
        }
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        other @ (b'"' | b'\\' | b'/') => *other,
        _ => return None,
    };
    units.push(u16::from(plain));
    Some(1)
}

/// A character beyond ASCII, or a lone surrogate written like one; returns how many bytes it takes.
fn character(bytes: &[u8], units: &mut Vec<u16>) -> Option<usize> {
    let (length, first) = match bytes[0] {
        0xC0..0xE0 => (2, u32::from(bytes[0] & 0x1F)),
        0xE0..0xF0 => (3, u32::from(bytes[0] & 0x0F)),
        _ => (4, u32::from(bytes[0] & 0x07)),
    };
    let code = bytes.get(1..length)?.iter().fold(first, |code, byte| code << 6 | u32::from(byte & 0x3F));
    match char::from_u32(code) {
        Some(char) => units.extend_from_slice(char.encode_utf16(&mut [0; 2])),
        None => units.push(u16::try_from(code).ok()?),
    }
    Some(length)
}
