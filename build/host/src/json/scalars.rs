//! Strings, numbers and words.

use super::fault;
use super::reader::Reader;
use crate::js::{Outcome, Value};

const MAX_SAFE: i128 = (1 << 53) - 1;

impl<'a> Reader<'a> {
    pub fn scalar(&mut self) -> Outcome {
        match self.next() {
            Some(b'"') => match self.plain_string()? {
                Some(text) => self.ctx.string(text),
                None => self.escaped_string(),
            },
            Some(b't') => self.word("true", self.ctx.boolean(true)),
            Some(b'f') => self.word("false", self.ctx.boolean(false)),
            Some(b'n') => self.word("null", self.ctx.null()),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Outcome {
        if !self.text[self.at..].starts_with(word) {
            return Err(fault());
        }
        self.at += word.len();
        Ok(value)
    }

    /// A string without escapes, as it stands there; none, without passing anything, where it has some.
    pub fn plain_string(&mut self) -> Outcome<Option<&'a str>> {
        if self.next() != Some(b'"') {
            return Err(fault());
        }
        let start = self.at + 1;
        let bytes = &self.text.as_bytes()[start..];
        let length = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20)).ok_or_else(fault)?;
        match bytes[length] {
            b'"' => {
                self.at = start + length + 1;
                Ok(Some(&self.text[start..start + length]))
            }
            b'\\' => Ok(None),
            _ => Err(fault()),
        }
    }

    /// A string with escapes, which may be halves of surrogate pairs.
    pub fn escaped_string(&mut self) -> Outcome {
        let mut rest = self.text[self.at + 1..].chars();
        let mut units: Vec<u16> = Vec::new();
        loop {
            match rest.next().ok_or_else(fault)? {
                '"' => break,
                '\\' => units.push(escape(&mut rest).ok_or_else(fault)?),
                char if char < ' ' => return Err(fault()),
                char => units.extend_from_slice(char.encode_utf16(&mut [0; 2])),
            }
        }
        self.at = self.text.len() - rest.as_str().len();
        match String::from_utf16(&units) {
            Ok(text) => self.ctx.string(&text),
            Err(_) => self.ctx.utf16_string(&units),
        }
    }

    fn number(&mut self) -> Outcome {
        let start = self.at;
        self.at += usize::from(self.next() == Some(b'-'));
        let first = self.next();
        let whole = self.digits()?;
        if whole > 1 && first == Some(b'0') {
            return Err(fault());
        }
        let mut is_integer = true;
        if self.next() == Some(b'.') {
            self.at += 1;
            self.digits()?;
            is_integer = false;
        }
        if let Some(b'e' | b'E') = self.next() {
            self.at += 1;
            self.at += usize::from(matches!(self.next(), Some(b'+' | b'-')));
            self.digits()?;
            is_integer = false;
        }
        let literal = &self.text[start..self.at];
        if is_integer && whole >= 16 { self.long_integer(literal) } else { self.short_number(literal) }
    }

    /// Passes digits, at least one. Returns how many.
    fn digits(&mut self) -> Outcome<usize> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.next() {
            self.at += 1;
        }
        if self.at == start { Err(fault()) } else { Ok(self.at - start) }
    }

    fn short_number(&self, literal: &str) -> Outcome {
        match literal.parse::<i32>() {
            Ok(integer) if literal != "-0" => Ok(self.ctx.int(integer)),
            _ => literal.parse().map(|number| self.ctx.number(number)).map_err(|_| fault()),
        }
    }

    fn long_integer(&self, literal: &str) -> Outcome {
        match literal.parse::<i128>() {
            Ok(integer) if integer.abs() <= MAX_SAFE => Ok(self.ctx.number(integer as f64)),
            Ok(integer) if i64::try_from(integer).is_ok() => self.ctx.bigint(integer as i64),
            Ok(integer) if u64::try_from(integer).is_ok() => self.ctx.unsigned_bigint(integer as u64),
            _ => self.ctx.global()?.get(c"BigInt")?.call(&[self.ctx.string(literal)?]),
        }
    }
}

/// The unit of UTF-16 that an escape stands for, behind its backslash.
fn escape(rest: &mut std::str::Chars) -> Option<u16> {
    let unit = match rest.next()? {
        char @ ('"' | '\\' | '/') => char,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let digits = rest.as_str().get(..4)?;
            *rest = rest.as_str()[4..].chars();
            // `from_str_radix` would take a sign.
            let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            return u16::from_str_radix(digits, 16).ok().filter(|_| is_hex);
        }
        _ => return None,
    };
    Some(unit as u16)
}
