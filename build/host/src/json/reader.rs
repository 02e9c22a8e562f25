use super::{DEEPEST, fault, too_deep};
use crate::js::{Ctx, Items, Name, Outcome, Value};

/// What is open around a value.
enum Open {
    /// The array's items begin at this place of the list of all items.
    Array(usize),
    /// The object, and the name of the member whose value comes next.
    Object(Value, Name),
}

/// Reads a text from its beginning to its end.
pub struct Reader<'a> {
    pub ctx: Ctx,
    pub text: &'a str,
    pub at: usize,
    open: Vec<Open>,
    items: Items,
}

impl<'a> Reader<'a> {
    pub fn new(ctx: Ctx, text: &'a str) -> Reader<'a> {
        Reader { ctx, text, at: 0, open: Vec::new(), items: Items::new(ctx) }
    }

    /// The value that the text is. Does not call itself for what is nested, as the text may come from anybody.
    pub fn whole(mut self) -> Outcome {
        loop {
            if self.open.len() > DEEPEST {
                return Err(too_deep());
            }
            let Some(value) = self.value()? else { continue };
            let Some(whole) = self.put(value)? else { continue };
            self.skip_space();
            return if self.at == self.text.len() { Ok(whole) } else { Err(fault()) };
        }
    }

    /// A complete value; none after an opening bracket, when a value inside it comes next.
    fn value(&mut self) -> Outcome<Option<Value>> {
        self.skip_space();
        let value = match self.next() {
            Some(b'[') => {
                self.at += 1;
                if !self.takes(b']') {
                    self.open.push(Open::Array(self.items.count()));
                    return Ok(None);
                }
                self.ctx.array([])
            }
            Some(b'{') => {
                self.at += 1;
                let object = self.ctx.object()?;
                if !self.takes(b'}') {
                    let name = self.name()?;
                    self.open.push(Open::Object(object, name));
                    return Ok(None);
                }
                Ok(object)
            }
            _ => self.scalar(),
        };
        value.map(Some)
    }

    /// Puts a value where it belongs, and closes what ends behind it. Returns the outermost value once that is complete.
    fn put(&mut self, mut value: Value) -> Outcome<Option<Value>> {
        while let Some(innermost) = self.open.pop() {
            value = match innermost {
                Open::Array(start) => {
                    self.items.push(value);
                    if self.takes(b',') {
                        self.open.push(Open::Array(start));
                        return Ok(None);
                    }
                    self.must_take(b']')?;
                    self.items.array_from(start)?
                }
                Open::Object(object, name) => {
                    name.define(&object, value)?;
                    if self.takes(b',') {
                        let name = self.name()?;
                        self.open.push(Open::Object(object, name));
                        return Ok(None);
                    }
                    self.must_take(b'}')?;
                    object
                }
            }
        }
        Ok(Some(value))
    }

    /// The name of a member, with its colon.
    fn name(&mut self) -> Outcome<Name> {
        self.skip_space();
        let name = match self.plain_string()? {
            Some(text) => Name::new(self.ctx, text),
            None => Name::of(&self.escaped_string()?),
        }?;
        self.must_take(b':')?;
        Ok(name)
    }

    pub fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.next() {
            self.at += 1;
        }
    }

    /// Whether this character is the next one, which is then passed.
    fn takes(&mut self, wanted: u8) -> bool {
        self.skip_space();
        let is_next = self.next() == Some(wanted);
        self.at += usize::from(is_next);
        is_next
    }

    fn must_take(&mut self, wanted: u8) -> Outcome<()> {
        if self.takes(wanted) { Ok(()) } else { Err(fault()) }
    }
}
