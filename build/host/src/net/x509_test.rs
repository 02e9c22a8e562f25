use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::certificate_names::{misnamed, names_of};
use super::x509::Certificate;

const PEM: &str = "\
-----BEGIN CERTIFICATE-----
MIIBmTCCAT+gAwIBAgICEAQwCgYIKoZIzj0EAwIwDTELMAkGA1UEAwwCY2EwHhcN
MjUwMTAxMDAwMDAwWhcNNDAwMTAxMDAwMDAwWjAPMQ0wCwYDVQQDDARnb29kMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKXroA2U+E51H421V2i8s1+lzNpVVmVT9
vuWnz5bt/qAWn6n8PG/gPNOxNSFyLoRO5owMlgvUYpktt4F8+CqVHqOBjDCBiTAo
BgNVHREEITAfggxnb29kLmV4YW1wbGWCCWxvY2FsaG9zdIcEfwAAATAdBgNVHSUE
FjAUBggrBgEFBQcDAQYIKwYBBQUHAwIwHwYDVR0jBBgwFoAUv6eyQPEGVu2qs1Uc
3y8ROqtDZegwHQYDVR0OBBYEFJwa4oi3zy/aiwHgAzwLplGeGjwdMAoGCCqGSM49
BAMCA0gAMEUCIQCi6gkqWHAVINr36+cQhvsrqd411ubBlaPgP2ZqaFrOaAIgMa2l
FeE7gec3oBamCNvQn2wb00bFnryAvt1cIxdY+nM=
-----END CERTIFICATE-----";

fn der() -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(PEM.as_bytes()).unwrap()
}

#[test]
fn reads_what_a_certificate_says() {
    let der = der();
    let read = Certificate::read(&der).unwrap();
    assert_eq!((read.version, read.is_ca, read.is_for_servers, read.may_issue()), (3, false, Some(true), false));
    assert_eq!((read.not_before, read.not_after), (1_735_689_600, 2_208_988_800));
    assert_eq!(read.common_name(), "good");
    assert_eq!(names_of(&read), ["DNS:good.example", "DNS:localhost", "IP:127.0.0.1"]);
    assert!(!read.is_self_issued() && read.issuer_key_id.is_some_and(|id| id.len() == 20));
}

#[test]
fn says_for_whom_it_is_not() {
    let der = der();
    let read = Certificate::read(&der).unwrap();
    let message = |host| misnamed(&read, host).message;
    assert!(message("x").ends_with("Host: x. is not in the cert's altnames: DNS:good.example, DNS:localhost"));
    assert!(message("10.0.0.1").ends_with("IP: 10.0.0.1 is not in the cert's list: 127.0.0.1"));
    let bare = Certificate { names: Vec::new(), ..read };
    assert!(misnamed(&bare, "GOOD").message.starts_with("the certificate has no subjectAltName for GOOD: "));
    assert!(misnamed(&bare, "x").message.ends_with("Host: x. is not cert's CN: good"));
}

#[test]
fn no_bytes_make_it_panic() {
    let good = der().to_vec();
    for at in 0..good.len() {
        for with in [0, 1, 0x30, 0x7f, 0x80, 0x84, 0xff] {
            let mut bytes = good.clone();
            bytes[at] = with;
            if let Some(read) = Certificate::read(&bytes) {
                let _ = (names_of(&read), misnamed(&read, "x"));
            }
        }
        assert!(Certificate::read(&good[..at]).is_none(), "cut at {at}");
    }
}
