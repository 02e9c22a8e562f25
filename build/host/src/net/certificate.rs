//! What certificates say of themselves.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::x509::Certificate;
use crate::functions;
use crate::js::{Call, Ctx, Functions, Outcome, Thrown};

pub static FUNCTIONS: Functions = functions![c"certificate" 1 certificate];

fn certificate(call: &Call) -> Outcome {
    let given = call.value(0);
    let ders = match given.copied_bytes()? {
        Some(der) => vec![CertificateDer::from(der)],
        None => {
            let pem = call.string(0)?;
            CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(|_| unreadable())?
        }
    };
    if ders.is_empty() {
        return Err(unreadable());
    }
    call.ctx.array(ders.iter().map(|der| described(call.ctx, der)))
}

fn described(ctx: Ctx, der: &[u8]) -> Outcome {
    let certificate = Certificate::read(der).ok_or_else(unreadable)?;
    let object = ctx.object()?;
    object.set(c"notAfter", ctx.number(certificate.not_after as f64 * 1_000.0))?;
    Ok(object)
}

fn unreadable() -> Thrown {
    Thrown::Coded { code: "BAD_CERTIFICATE", message: "no certificate that can be read".into() }
}
