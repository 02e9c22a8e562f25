//! The arguments of `connect` and `listen`.

use std::borrow::Cow;
use std::ffi::CStr;

use super::failure::Failure;
use super::socket::Address;
use super::tls_settings::TlsSettings;
use crate::js::{Call, Outcome, Thrown, Value};

/// Where to connect to, or to listen at.
pub fn address(call: &Call) -> Outcome<Address> {
    let to = call.value(0);
    if !to.is_object() {
        return Err(call.wrong(0, "an object with address and port, or with unix"));
    }
    if let Some(path) = text(&to, c"unix")? {
        return Ok(Address::Unix(path.into_bytes()));
    }
    let literal = text(&to, c"address")?.ok_or_else(|| call.wrong(0, "an object with an address"))?;
    let port = to.get(c"port")?.as_number().filter(|port| (0.0..=65_535.0).contains(port) && port.fract() == 0.0);
    let port = port.ok_or_else(|| call.wrong(0, "an object with a port"))? as u16;
    Address::read(&literal, port)
        .ok_or_else(|| Thrown::Coded { code: "EINVAL", message: format!("EINVAL: {literal:?} is not an IP address") })
}

/// How TLS is to be spoken; None without TLS. `address` is what the certificate is for when no name is given.
pub fn tls(call: &Call, address: &Address) -> Outcome<Option<TlsSettings>> {
    let given = call.value(1);
    if given.is_undefined() {
        return Ok(None);
    }
    let wrong = || call.wrong(1, "the settings of TLS");
    if !given.is_object() {
        return Err(wrong());
    }
    let ip = match address {
        Address::Ip { ip, .. } => ip.to_string(),
        Address::Unix(_) => String::new(),
    };
    let only_13 = match text(&given, c"minVersion")?.as_deref() {
        None | Some("TLSv1.2") => false,
        Some("TLSv1.3") => true,
        Some(_) => return Err(wrong()),
    };
    Ok(Some(TlsSettings {
        protocols: texts(&given, c"protocols")?.ok_or_else(wrong)?,
        verify: given.get(c"verify")?.as_boolean().ok_or_else(wrong)?,
        server_name: text(&given, c"serverName")?.unwrap_or(ip),
        ca: text(&given, c"ca")?,
        cert: text(&given, c"cert")?,
        key: text(&given, c"key")?,
        only_13,
        ciphers: texts(&given, c"ciphers")?,
    }))
}

pub fn text(object: &Value, name: &CStr) -> Outcome<Option<String>> {
    let value = object.get(name)?;
    if value.is_undefined() {
        return Ok(None);
    }
    string(&value, name).map(Some)
}

pub fn texts(object: &Value, name: &CStr) -> Outcome<Option<Vec<String>>> {
    let list = object.get(name)?;
    if list.is_undefined() {
        return Ok(None);
    }
    let count = if list.is_array() { list.length()? } else { return Err(not(name, "an array")) };
    (0..count).map(|at| string(&list.element(at)?, name)).collect::<Outcome<_>>().map(Some)
}

fn string(value: &Value, name: &CStr) -> Outcome<String> {
    if value.is_string() { value.text() } else { Err(not(name, "a string")) }
}

fn not(name: &CStr, what: &str) -> Thrown {
    Thrown::Type(format!("{} must be {what}", name.to_string_lossy()))
}

/// A failure that is known at once. Their codes are all constants.
pub fn refusal(Failure { code, message }: Failure) -> Thrown {
    let code = if let Cow::Borrowed(code) = code { code } else { "EPROTO" };
    Thrown::Coded { code, message }
}
