use super::message::{DONE, Kind, NO_SUCH_NAME, Question};
use super::name::encode;

fn question(kind: Kind) -> Question {
    Question { id: 0x1234, name: encode("a.example").unwrap(), kind }
}

/// An answer to the question with these records, of which each is a name, a kind and data.
fn answer(question: &Question, flags: u16, records: &[(&[u8], u16, &[u8])]) -> Vec<u8> {
    let mut bytes = question.bytes();
    bytes[2..4].copy_from_slice(&flags.to_be_bytes());
    bytes[6..8].copy_from_slice(&(records.len() as u16).to_be_bytes());
    for (name, kind, data) in records {
        bytes.extend(*name);
        bytes.extend(kind.to_be_bytes());
        bytes.extend([0, 1, 0, 0, 0, 60]);
        bytes.extend((data.len() as u16).to_be_bytes());
        bytes.extend(*data);
    }
    bytes
}

const ITSELF: &[u8] = &[0xc0, 12];
const OK: u16 = 0x8180;

#[test]
fn asks_as_rfc_1035_wants_it() {
    assert_eq!(question(Kind::A).bytes(), b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\x07example\0\0\x01\0\x01");
}

#[test]
fn reads_addresses_by_way_of_aliases() {
    let asked = question(Kind::A);
    let records: &[(&[u8], u16, &[u8])] = &[
        (b"\x01c\0", 1, &[10, 0, 0, 2]),
        (b"\x01b\0", 5, b"\x01C\0"),
        (ITSELF, 5, b"\x01b\0"),
        (b"\x01x\0", 1, &[6, 6, 6, 6]),
        (b"\x01c\0", 16, b"text"),
    ];
    let found = asked.answer(&answer(&asked, OK, records)).unwrap();
    assert_eq!(found.status, DONE);
    assert_eq!(found.addresses(&asked.name), ["10.0.0.2".parse::<std::net::IpAddr>().unwrap()]);
}

#[test]
fn aliases_in_a_circle_end() {
    let asked = question(Kind::A);
    let records: &[(&[u8], u16, &[u8])] = &[(ITSELF, 5, b"\x01b\0"), (b"\x01b\0", 5, ITSELF)];
    assert!(asked.answer(&answer(&asked, OK, records)).unwrap().addresses(&asked.name).is_empty());
}

#[test]
fn reads_services() {
    let asked = question(Kind::Srv);
    let found = asked.answer(&answer(&asked, OK, &[(ITSELF, 33, b"\0\x01\0\x02\x09\x4b\xc0\x0c")])).unwrap();
    let service = &found.services(&asked.name)[0];
    assert_eq!((service.priority, service.weight, service.port), (1, 2, 2379));
    assert_eq!(service.target, asked.name);
}

#[test]
fn takes_no_answer_to_another_question() {
    let asked = question(Kind::A);
    let good = answer(&asked, OK, &[]);
    let changed = |at: usize, by: u8| {
        let mut bytes = good.clone();
        bytes[at] ^= by;
        asked.answer(&bytes)
    };
    assert!(asked.answer(&good).is_some());
    // The id, that it is an answer, to a question, of one, for this name, kind and class.
    for (at, by) in
        [(0, 1), (1, 1), (2, 0x80), (2, 8), (5, 3), (13, 1), (15, 1), (good.len() - 3, 1), (good.len() - 1, 1)]
    {
        assert!(changed(at, by).is_none(), "{at}");
    }
    assert!(changed(13, 0x20).is_some(), "servers may answer in other letters");
    assert_eq!(changed(3, 3).unwrap().status, NO_SUCH_NAME);
}

#[test]
fn an_answer_that_cannot_be_read_is_a_fault_of_the_server_unless_it_was_cut() {
    let asked = question(Kind::A);
    for (kind, data) in
        [(1, &[1, 2, 3][..]), (28, &[0; 4]), (5, &[0xc0]), (5, &[0xc0, 0xff]), (33, &[0; 6]), (33, &[0; 3])]
    {
        let bytes = answer(&asked, OK, &[(ITSELF, kind, data)]);
        assert!(asked.answer(&bytes).unwrap().status > 15, "{kind}");
    }
    let whole = answer(&asked, OK | 0x0200, &[(ITSELF, 1, &[10, 0, 0, 1])]);
    let cut = asked.answer(&whole[..whole.len() - 2]).unwrap();
    assert!(cut.truncated && cut.status == DONE);
}

#[test]
fn no_bytes_make_it_panic_or_take_long() {
    let asked = question(Kind::Srv);
    let service: &[u8] = b"\0\x01\0\x02\x09\x4b\x03abc\xc0\x0c";
    let good = answer(&asked, OK, &[(ITSELF, 33, service), (ITSELF, 5, b"\x01b\0"), (b"\x01b\0", 1, &[1, 2, 3, 4])]);
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize
    };
    for _ in 0..200_000 {
        let mut bytes = good.clone();
        for _ in 0..1 + random() % 4 {
            let at = 12 + random() % (bytes.len() - 12);
            bytes[at] = [random() as u8, 0xc0, 0, 255][random() % 4];
        }
        bytes.truncate(bytes.len() - (random() % 3) * (random() % 20));
        bytes[6..8].copy_from_slice(&[random() as u8 % 2, 3]);
        if let Some(found) = asked.answer(&bytes) {
            let _ = (found.addresses(&asked.name), found.services(&asked.name));
        }
    }
}
