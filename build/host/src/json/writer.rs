use std::vec::IntoIter;

use super::{DEEPEST, strings, too_deep};
use crate::js::{Outcome, Thrown, Value};

/// What is open around the value that is written next.
enum Open {
    Array { array: Value, next: u32, length: u32 },
    Object { rest: IntoIter<(Value, Value)>, is_first: bool },
}

/// Writes one value, compactly, as Go does.
pub struct Writer {
    out: Vec<u8>,
    open: Vec<Open>,
}

impl Writer {
    pub fn new() -> Writer {
        Writer { out: Vec::new(), open: Vec::new() }
    }

    /// The text. Does not call itself for what is nested.
    pub fn whole(mut self, value: Value) -> Outcome<String> {
        if is_absent(&value) {
            return Err(Thrown::Type("there is no JSON for it".into()));
        }
        self.begin(value)?;
        while let Some(innermost) = self.open.pop() {
            if self.open.len() > DEEPEST {
                return Err(too_deep());
            }
            self.proceed(innermost)?;
        }
        String::from_utf8(self.out).map_err(|_| Thrown::Type("a string is not Unicode".into()))
    }

    /// Writes a scalar, or opens an array or object.
    fn begin(&mut self, value: Value) -> Outcome<()> {
        if value.is_string() {
            let out = &mut self.out;
            value.with_text(|text| strings::write(text, out))?;
        } else if value.is_array() {
            self.out.push(b'[');
            let length = value.length()?;
            self.open.push(Open::Array { array: value, next: 0, length });
        } else if value.is_object() {
            self.out.push(b'{');
            let members = if value.is_map() { value.map_members() } else { value.members() }?;
            self.open.push(Open::Object { rest: members.into_iter(), is_first: true });
        } else if value.as_number().is_some_and(|number| !number.is_finite()) {
            self.out.extend_from_slice(b"null");
        } else {
            value.with_text(|text| self.out.extend_from_slice(text))?;
        }
        Ok(())
    }

    /// Writes the next item or member of what is open, or closes it.
    fn proceed(&mut self, innermost: Open) -> Outcome<()> {
        match innermost {
            Open::Array { next, length, .. } if next == length => self.out.push(b']'),
            Open::Array { array, next, length } => {
                self.comma(next > 0);
                let item = array.element(next)?;
                self.open.push(Open::Array { array, next: next + 1, length });
                self.begin(if is_absent(&item) { item.ctx().null() } else { item })?;
            }
            Open::Object { mut rest, is_first } => match rest.find(|(_, value)| !is_absent(value)) {
                None => self.out.push(b'}'),
                Some((name, value)) => {
                    self.comma(!is_first);
                    let out = &mut self.out;
                    name.with_text(|text| strings::write(text, out))?;
                    out.push(b':');
                    self.open.push(Open::Object { rest, is_first: false });
                    self.begin(value)?;
                }
            },
        }
        Ok(())
    }

    fn comma(&mut self, is_wanted: bool) {
        if is_wanted {
            self.out.push(b',');
        }
    }
}

/// What JSON leaves out.
fn is_absent(value: &Value) -> bool {
    value.is_undefined() || value.is_function() || value.is_symbol()
}
