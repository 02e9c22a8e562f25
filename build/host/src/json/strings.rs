//! Strings as Go writes them.

/// Writes a string, whose lone surrogates have three bytes each, with its quotes.
pub fn write(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let mut done = 0;
    let mut at = 0;
    while at < text.len() {
        let Some((length, escape)) = special(&text[at..]) else {
            at += 1;
            continue;
        };
        out.extend_from_slice(&text[done..at]);
        match escape {
            Escape::Short(char) => out.extend_from_slice(&[b'\\', char]),
            Escape::Unit(unit) => out.extend_from_slice(format!("\\u{unit:04x}").as_bytes()),
        }
        at += length;
        done = at;
    }
    out.extend_from_slice(&text[done..]);
    out.push(b'"');
}

enum Escape {
    Short(u8),
    Unit(u16),
}

/// Whether a character is escaped: how many bytes it has, and how it is written.
fn special(text: &[u8]) -> Option<(usize, Escape)> {
    let short = |char| Some((1, Escape::Short(char)));
    match *text {
        [b'"', ..] => short(b'"'),
        [b'\\', ..] => short(b'\\'),
        [8, ..] => short(b'b'),
        [9, ..] => short(b't'),
        [10, ..] => short(b'n'),
        [12, ..] => short(b'f'),
        [13, ..] => short(b'r'),
        [byte @ (..0x20 | b'<' | b'>' | b'&'), ..] => Some((1, Escape::Unit(byte.into()))),
        // U+2028 and U+2029.
        [0xE2, 0x80, last @ (0xA8 | 0xA9), ..] => Some((3, Escape::Unit(0x2000 | u16::from(last & 0x3F)))),
        [0xED, middle @ 0xA0..=0xFF, last, ..] => {
            Some((3, Escape::Unit(0xD000 | u16::from(middle & 0x3F) << 6 | u16::from(last & 0x3F))))
        }
        _ => None,
    }
}
