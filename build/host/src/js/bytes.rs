//! Where the bytes of a Uint8Array lie.

use std::ptr;

use rquickjs_sys as qjs;

use super::{Outcome, Thrown, Value};

pub(super) struct Bytes {
    pub start: *mut u8,
    pub length: usize,
    pub immutable: bool,
}

/// The bytes of a Uint8Array, until the engine runs again; none for other values. Throws if its buffer is detached or too short.
///
/// The engine's own JS_GetUint8Array gives the first length of a view that tracks its buffer, though that may have shrunk.
pub(super) fn uint8_array(value: &Value) -> Outcome<Option<Bytes>> {
    if unsafe { qjs::JS_GetTypedArrayType(value.raw()) } != qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_UINT8 as i32 {
        return Ok(None);
    }
    let ctx = value.ctx();
    let (mut offset, mut length, mut size) = (0, 0, 0);
    let buffer =
        unsafe { qjs::JS_GetTypedArrayBuffer(ctx.raw(), value.raw(), &mut offset, &mut length, ptr::null_mut()) };
    let buffer = ctx.own(buffer)?;
    let start = unsafe { qjs::JS_GetArrayBuffer(ctx.raw(), &mut size, buffer.raw()) };
    if start.is_null() {
        // An empty buffer may have no address; a detached one has thrown.
        let thrown = unsafe { qjs::JS_HasException(ctx.raw()) };
        return if thrown { Err(Thrown::Pending) } else { Ok(Some(empty())) };
    }
    let (offset, length) = (offset as usize, length.min(size.saturating_sub(offset)) as usize);
    if length == 0 {
        return Ok(Some(empty()));
    }
    let immutable = unsafe { qjs::JS_IsImmutableArrayBuffer(buffer.raw()) } == 1;
    Ok(Some(Bytes { start: unsafe { start.add(offset) }, length, immutable }))
}

fn empty() -> Bytes {
    Bytes { start: ptr::NonNull::dangling().as_ptr(), length: 0, immutable: false }
}

impl Value {
    /// A copy of the bytes of a Uint8Array; none for other values.
    pub fn copied_bytes(&self) -> Outcome<Option<Vec<u8>>> {
        let found = uint8_array(self)?;
        Ok(found.map(|bytes| unsafe { std::slice::from_raw_parts(bytes.start, bytes.length) }.to_vec()))
    }
}
