//! A reader of DER, the encoding of certificates: every length is checked against what is there.

pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;
pub const OBJECT_ID: u8 = 0x06;
pub const INTEGER: u8 = 0x02;
pub const BOOLEAN: u8 = 0x01;
pub const BIT_STRING: u8 = 0x03;
pub const OCTET_STRING: u8 = 0x04;

/// What is left of some DER.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    left: &'a [u8],
}

/// One value: its tag, its content, and both with the length before it.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    pub tag: u8,
    pub content: &'a [u8],
    pub whole: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { left: bytes }
    }

    pub fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// The next value; None at the end and when the bytes are no DER.
    pub fn next(&mut self) -> Option<Value<'a>> {
        let (&tag, rest) = self.left.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (digits.iter().fold(0, |sum, &digit| sum << 8 | usize::from(digit)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        let whole = &self.left[..self.left.len() - rest.len()];
        self.left = rest;
        Some(Value { tag, content, whole })
    }

    /// The next value, which must have this tag.
    pub fn expect(&mut self, tag: u8) -> Option<Value<'a>> {
        self.next().filter(|value| value.tag == tag)
    }

    /// The next value if it has this tag; else nothing is taken.
    pub fn optional(&mut self, tag: u8) -> Option<Value<'a>> {
        if self.left.first() == Some(&tag) { self.next() } else { None }
    }
}

impl<'a> Value<'a> {
    pub fn inside(&self) -> Reader<'a> {
        Reader::new(self.content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_short_and_long_lengths() {
        let mut long = vec![OCTET_STRING, 0x81, 200];
        long.extend([7; 200]);
        long.extend([BOOLEAN, 1, 0xff]);
        let mut reader = Reader::new(&long);
        assert_eq!(reader.expect(OCTET_STRING).unwrap().content.len(), 200);
        assert_eq!(reader.next().unwrap().content, [0xff]);
        assert!(reader.is_empty() && reader.next().is_none());
    }

    #[test]
    fn refuses_what_is_cut_off_or_of_indefinite_length() {
        for bytes in [
            &[0x30][..],
            &[0x30, 1],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x84, 255, 255, 255, 255],
            &[0x30, 0x85, 0, 0, 0, 0, 0],
        ] {
            assert!(Reader::new(bytes).next().is_none(), "{bytes:?}");
        }
    }
}
