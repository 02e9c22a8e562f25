//! What is read of a certificate besides what webpki reads: dates, names, and whether it is a CA's.

use super::der::{BIT_STRING, BOOLEAN, INTEGER, OBJECT_ID, OCTET_STRING, Reader, SEQUENCE, SET, Value};
use super::x509_time::seconds_of;

/// A certificate of any X.509 version, as far as it matters here.
#[derive(Default)]
pub struct Certificate<'a> {
    pub der: &'a [u8],
    /// What is signed, with its length.
    pub signed: &'a [u8],
    pub algorithm: &'a [u8],
    pub signature: &'a [u8],
    pub version: u8,
    pub issuer: &'a [u8],
    pub subject: &'a [u8],
    /// SubjectPublicKeyInfo, with its length.
    pub key: &'a [u8],
    /// Seconds since 1970.
    pub not_before: i64,
    pub not_after: i64,
    pub names: Vec<Name<'a>>,
    pub is_ca: bool,
    /// Whether it may be used to sign certificates, as far as its key usage says.
    pub may_sign: bool,
    pub has_name_constraints: bool,
    pub key_id: Option<&'a [u8]>,
    pub issuer_key_id: Option<&'a [u8]>,
    /// None: for every purpose.
    pub is_for_servers: Option<bool>,
}

/// A subject alternative name.
pub enum Name<'a> {
    Dns(&'a [u8]),
    Ip(&'a [u8]),
    Other,
}

impl<'a> Certificate<'a> {
    /// None when the bytes are no certificate.
    pub fn read(der: &'a [u8]) -> Option<Self> {
        let mut outer = Reader::new(der).expect(SEQUENCE)?.inside();
        let signed = outer.expect(SEQUENCE)?;
        let algorithm = outer.expect(SEQUENCE)?.content;
        let signature = outer.expect(BIT_STRING)?.content.strip_prefix(&[0])?;
        let mut certificate = Certificate {
            der,
            signed: signed.whole,
            algorithm,
            signature,
            version: 1,
            may_sign: true,
            ..Default::default()
        };
        certificate.read_signed(signed.inside())?;
        Some(certificate)
    }

    fn read_signed(&mut self, mut fields: Reader<'a>) -> Option<()> {
        if let Some(version) = fields.optional(0xa0) {
            self.version = version.inside().expect(INTEGER)?.content.first()?.checked_add(1)?;
        }
        fields.expect(INTEGER)?;
        fields.expect(SEQUENCE)?;
        self.issuer = fields.expect(SEQUENCE)?.content;
        let mut validity = fields.expect(SEQUENCE)?.inside();
        self.not_before = seconds_of(validity.next()?)?;
        self.not_after = seconds_of(validity.next()?)?;
        self.subject = fields.expect(SEQUENCE)?.content;
        self.key = fields.expect(SEQUENCE)?.whole;
        fields.optional(0x81);
        fields.optional(0x82);
        let Some(extensions) = fields.optional(0xa3) else { return Some(()) };
        let mut extensions = extensions.inside().expect(SEQUENCE)?.inside();
        while !extensions.is_empty() {
            let mut extension = extensions.expect(SEQUENCE)?.inside();
            let id = extension.expect(OBJECT_ID)?.content;
            extension.optional(BOOLEAN);
            self.read_extension(id, Reader::new(extension.expect(OCTET_STRING)?.content))?;
        }
        Some(())
    }

    fn read_extension(&mut self, id: &[u8], mut value: Reader<'a>) -> Option<()> {
        match id {
            [0x55, 0x1d, 14] => self.key_id = Some(value.expect(OCTET_STRING)?.content),
            [0x55, 0x1d, 15] => {
                let bits = value.expect(BIT_STRING)?.content;
                self.may_sign = bits.get(1).is_some_and(|first| first & 4 != 0);
            }
            [0x55, 0x1d, 17] => self.names = names_in(value.expect(SEQUENCE)?.inside())?,
            [0x55, 0x1d, 19] => {
                let flag = value.expect(SEQUENCE)?.inside().optional(BOOLEAN);
                self.is_ca = flag.is_some_and(|flag| flag.content != [0]);
            }
            [0x55, 0x1d, 30] => self.has_name_constraints = true,
            [0x55, 0x1d, 35] => {
                self.issuer_key_id = value.expect(SEQUENCE)?.inside().optional(0x80).map(|id| id.content);
            }
            [0x55, 0x1d, 37] => self.is_for_servers = Some(is_for_servers(value.expect(SEQUENCE)?.inside())?),
            _ => {}
        }
        Some(())
    }

    /// The subject's last common name, as OpenSSL and Go take it; empty without one.
    pub fn common_name(&self) -> String {
        let mut found = String::new();
        let mut sets = Reader::new(self.subject);
        while let Some(set) = sets.expect(SET) {
            let mut pairs = set.inside();
            while let Some(pair) = pairs.expect(SEQUENCE) {
                let mut pair = pair.inside();
                let is_name = pair.expect(OBJECT_ID).is_some_and(|id| id.content == [0x55, 0x04, 3]);
                if let Some(value) = pair.next().filter(|_| is_name) {
                    found = text_of(value);
                }
            }
        }
        found
    }

    /// Whether it names its own issuer; its signature is another question.
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// Whether it may sign others: version 1 does not say, and is accepted as a root, as OpenSSL does.
    pub fn may_issue(&self) -> bool {
        self.version < 3 || (self.is_ca && self.may_sign)
    }
}

fn names_in<'a>(mut values: Reader<'a>) -> Option<Vec<Name<'a>>> {
    let mut names = Vec::new();
    while !values.is_empty() {
        let value = values.next()?;
        match value.tag {
            0x82 => names.push(Name::Dns(value.content)),
            0x87 => names.push(Name::Ip(value.content)),
            _ => names.push(Name::Other),
        }
    }
    Some(names)
}

const SERVER_AUTH: [u8; 8] = [0x2b, 6, 1, 5, 5, 7, 3, 1];
const ANY: [u8; 4] = [0x55, 0x1d, 37, 0];

fn is_for_servers(mut purposes: Reader) -> Option<bool> {
    let mut found = false;
    while !purposes.is_empty() {
        let id = purposes.expect(OBJECT_ID)?.content;
        found |= id == SERVER_AUTH || id == ANY;
    }
    Some(found)
}

/// A string of any of ASN.1's kinds; those of two bytes for each character are decoded, too.
fn text_of(value: Value) -> String {
    const BMP: u8 = 0x1e;
    if value.tag != BMP {
        return String::from_utf8_lossy(value.content).into_owned();
    }
    let units: Vec<u16> = value.content.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}
