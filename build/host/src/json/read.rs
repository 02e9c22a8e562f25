//! JSON text read into values.

use super::DEEPEST;
use super::leave_out::{LeaveOut, Member};
use super::token::Token;
use crate::js::{Ctx, Outcome, Thrown, Value};

/// The value of a whole text. Strings of the text may have lone surrogates, written as if they were characters.
pub fn read(ctx: Ctx, text: &[u8], leave_out: &LeaveOut) -> Outcome {
    let mut reader = Reader { ctx, text, at: 0, depth: 0 };
    let value = reader.value(leave_out)?;
    reader.space();
    if reader.at == text.len() { Ok(value) } else { Err(reader.refused()) }
}

struct Reader<'a> {
    ctx: Ctx,
    text: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, leave_out: &LeaveOut) -> Outcome {
        self.space();
        match self.peek() {
            b'"' => self.string()?.value(self.ctx).map_err(|fault| fault.unwrap_or_else(|| self.refused())),
            b'{' => self.nested(|reader| reader.object(leave_out)),
            b'[' => self.nested(|reader| reader.list(leave_out)),
            b't' => self.word(b"true", self.ctx.boolean(true)),
            b'f' => self.word(b"false", self.ctx.boolean(false)),
            b'n' => self.word(b"null", self.ctx.null()),
            _ => self.number(),
        }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Thrown::Coded { code: "EINVAL", message: "JSON is nested too deeply".into() });
        }
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self, leave_out: &LeaveOut) -> Outcome {
        let object = self.ctx.object()?;
        let mut is_first = true;
        while self.goes_on(b'}', &mut is_first)? {
            self.space();
            let name = self.string()?;
            self.space();
            self.take(b':')?;
            match leave_out.member(name.bytes) {
                Some(Member::Whole) => self.pass_over()?,
                Some(Member::Within(inner)) => self.member(&object, &name, inner)?,
                None => self.member(&object, &name, &LeaveOut::default())?,
            }
        }
        Ok(object)
    }

    fn member(&mut self, object: &Value, name: &Token, leave_out: &LeaveOut) -> Outcome<()> {
        let value = self.value(leave_out)?;
        if !name.is_written_differently && name.bytes.is_ascii() {
            return object.define_ascii(name.bytes, value);
        }
        let name = name.value(self.ctx).map_err(|fault| fault.unwrap_or_else(|| self.refused()))?;
        object.define_named(&name, value)
    }

    /// Goes behind a value without making it, nor looking whether all within it is as it must be.
    fn pass_over(&mut self) -> Outcome<()> {
        self.space();
        let mut open = 0_usize;
        loop {
            match self.peek() {
                b'"' => _ = self.string()?,
                b'{' | b'[' => {
                    open += 1;
                    self.at += 1;
                }
                b'}' | b']' if open > 0 => {
                    open -= 1;
                    self.at += 1;
                }
                b',' | b':' if open > 0 => self.at += 1,
                b' ' | b'\n' | b'\t' | b'\r' => self.space(),
                b'-' | b'0'..=b'9' | b'a'..=b'z' => self.scalar(),
                _ => return Err(self.refused()),
            }
            if open == 0 {
                return Ok(());
            }
        }
    }

    fn scalar(&mut self) {
        while matches!(self.peek(), b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'E') {
            self.at += 1;
        }
    }

    fn list(&mut self, leave_out: &LeaveOut) -> Outcome {
        let mut items = Vec::new();
        let mut is_first = true;
        while self.goes_on(b']', &mut is_first)? {
            items.push(self.value(leave_out)?);
        }
        self.ctx.array_of(items)
    }

    /// Whether another item follows; takes the comma before it, or the end.
    fn goes_on(&mut self, end: u8, is_first: &mut bool) -> Outcome<bool> {
        self.space();
        if self.peek() == end {
            self.at += 1;
            return Ok(false);
        }
        if !std::mem::take(is_first) {
            self.take(b',')?;
            self.space();
            // No item follows this comma.
            if self.peek() == end {
                return Err(self.refused());
            }
        }
        Ok(true)
    }

    fn string(&mut self) -> Outcome<Token<'a>> {
        self.take(b'"')?;
        let start = self.at;
        let mut is_written_differently = false;
        loop {
            match self.peek() {
                b'"' => break,
                b'\\' => {
                    is_written_differently = true;
                    self.at += 2;
                }
                // Perhaps a lone surrogate.
                0xED => {
                    is_written_differently = true;
                    self.at += 1;
                }
                0..0x20 => return Err(self.refused()),
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Ok(Token { bytes: &self.text[start..self.at - 1], is_written_differently })
    }

    fn word(&mut self, word: &[u8], value: Value) -> Outcome {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.refused());
        }
        self.at += word.len();
        Ok(value)
    }

    fn number(&mut self) -> Outcome {
        let start = self.at;
        self.at += usize::from(self.peek() == b'-');
        let first = self.peek();
        if self.digits()? > 1 && first == b'0' {
            return Err(self.refused());
        }
        let is_integer = !matches!(self.peek(), b'.' | b'e' | b'E');
        if self.peek() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), b'+' | b'-'));
            self.digits()?;
        }
        let literal = std::str::from_utf8(&self.text[start..self.at]).map_err(|_| self.refused())?;
        let number: f64 = literal.parse().map_err(|_| self.refused())?;
        if is_integer { self.ctx.integer(literal, number) } else { Ok(self.ctx.number(number)) }
    }

    /// Takes digits, at least one. Returns how many.
    fn digits(&mut self) -> Outcome<usize> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        if self.at == start { Err(self.refused()) } else { Ok(self.at - start) }
    }

    fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\t' | b'\r') && self.at < self.text.len() {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Outcome<()> {
        if self.peek() != byte {
            return Err(self.refused());
        }
        self.at += 1;
        Ok(())
    }

    /// The next byte; 0, which is allowed nowhere, at the end.
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn refused(&self) -> Thrown {
        Thrown::Coded { code: "EINVAL", message: format!("not JSON at byte {}", self.at.min(self.text.len())) }
    }
}
