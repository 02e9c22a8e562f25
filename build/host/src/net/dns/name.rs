//! Names as DNS messages carry them: labels with their lengths. Letters are kept small, so that names can be compared.

/// Labels as in a message, in small letters, with the empty label at the end.
pub type Name = Vec<u8>;

const MOST: usize = 255;
const MOST_LABEL: usize = 63;

/// Encodes a host name; None when a label or the whole is empty or too long, or it has bytes that no host name has.
pub fn encode(host: &str) -> Option<Name> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let mut name = Name::new();
    for label in host.split('.') {
        let is_label = (1..=MOST_LABEL).contains(&label.len()) && label.bytes().all(is_printable);
        if !is_label {
            return None;
        }
        name.push(label.len() as u8);
        name.extend(label.bytes().map(|byte| byte.to_ascii_lowercase()));
    }
    name.push(0);
    (name.len() <= MOST).then_some(name)
}

fn is_printable(byte: u8) -> bool {
    byte.is_ascii_graphic()
}

/// Reads the name at `at`, and where the message goes on. Pointers must lead backwards, so that reading ends.
pub fn decode(message: &[u8], at: usize) -> Option<(Name, usize)> {
    let mut name = Name::new();
    let (mut at, mut start, mut after) = (at, at, None);
    loop {
        let length = usize::from(*message.get(at)?);
        match length {
            0 => {
                name.push(0);
                return (name.len() <= MOST).then_some((name, after.unwrap_or(at + 1)));
            }
            1..=MOST_LABEL => {
                let label = message.get(at + 1..at + 1 + length)?;
                name.push(length as u8);
                name.extend(label.iter().map(u8::to_ascii_lowercase));
                at += 1 + length;
            }
            0xc0.. => {
                let to = (length & 0x3f) << 8 | usize::from(*message.get(at + 1)?);
                if to >= start {
                    return None;
                }
                after.get_or_insert(at + 2);
                (at, start) = (to, to);
            }
            _ => return None,
        }
        if name.len() > MOST {
            return None;
        }
    }
}

/// The name as text without a final dot; None for the root, and for names that no host may have.
pub fn host_of(name: &[u8]) -> Option<String> {
    let mut labels = Vec::new();
    let mut left = name;
    while let Some((&length, rest)) = left.split_first().filter(|(length, _)| **length > 0) {
        let (label, rest) = rest.split_at_checked(usize::from(length))?;
        let is_host = label.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte));
        if !is_host {
            return None;
        }
        labels.push(std::str::from_utf8(label).ok()?);
        left = rest;
    }
    (!labels.is_empty()).then(|| labels.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_what_can_be_a_host() {
        assert_eq!(encode("Etcd-0.Example."), Some(b"\x06etcd-0\x07example\0".to_vec()));
        let (label, long) = ("a".repeat(63), format!("{0}.{0}.{0}.{1}", "a".repeat(63), "a".repeat(61)));
        assert!(encode(&label).is_some() && encode(&long).is_some());
        for host in ["", ".", "a..b", ".a", "a b", "ä", "a\0b", &format!("{label}a"), &format!("{long}a")] {
            assert_eq!(encode(host), None, "{host:?}");
        }
    }

    #[test]
    fn follows_pointers_backwards_only() {
        let message = b"\x01b\0\x01A\xc0\x00\xc0\x03x";
        assert_eq!(decode(message, 3), Some((b"\x01a\x01b\0".to_vec(), 7)));
        assert_eq!(decode(message, 7), Some((b"\x01a\x01b\0".to_vec(), 9)));
        for hostile in
            [&b"\xc0\x00"[..], b"\x01a\xc0\x00", b"\xc0\x02\xc0\x00", b"\xc0", b"\x05ab", b"\x40a", b"", b"\x01a"]
        {
            assert_eq!(decode(hostile, 0), None, "{hostile:?}");
        }
        let endless: Vec<u8> = [1, b'a'].repeat(200);
        assert_eq!(decode(&endless, 0), None);
    }

    #[test]
    fn gives_no_text_that_a_host_may_not_have() {
        assert_eq!(host_of(b"\x06etcd-0\x02_x\0"), Some("etcd-0._x".to_owned()));
        for name in [&b"\0"[..], b"\x03a.b\0", b"\x03a\nb\0", b"\x02a/\0"] {
            assert_eq!(host_of(name), None, "{name:?}");
        }
    }
}
