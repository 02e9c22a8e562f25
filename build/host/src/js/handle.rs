//! Objects of the host that JavaScript holds: a Rust value behind an object with methods.

use std::any::Any;
use std::cell::Cell;
use std::ptr;
use std::rc::Rc;

use rquickjs_sys as qjs;

use super::{Call, Ctx, Functions, Outcome, Thrown, Value};

thread_local! {
    static CLASS: Cell<qjs::JSClassID> = const { Cell::new(0) };
}

type Held = Rc<dyn Any>;

/// Registers the class of all such objects. Once for a runtime.
pub fn register_class(runtime: *mut qjs::JSRuntime) -> bool {
    let mut class = 0;
    let definition = qjs::JSClassDef {
        class_name: c"HostObject".as_ptr(),
        finalizer: Some(finalize),
        gc_mark: None,
        call: None,
        exotic: ptr::null_mut(),
    };
    unsafe {
        qjs::JS_NewClassID(runtime, &mut class);
        CLASS.set(class);
        qjs::JS_NewClass(runtime, class, &definition) == 0
    }
}

unsafe extern "C" fn finalize(_: *mut qjs::JSRuntime, object: qjs::JSValue) {
    let held = unsafe { qjs::JS_GetOpaque(object, CLASS.get()) };
    if !held.is_null() {
        drop(unsafe { Box::from_raw(held.cast::<Held>()) });
    }
}

/// An object that holds `content` and has these methods. Content dies with the object, so it must not hold values that lead back
/// to it: the collector does not look inside.
pub fn handle(ctx: Ctx, content: Rc<dyn Any>, methods: &Functions) -> Outcome {
    let object = ctx.own(unsafe { qjs::JS_NewObjectClass(ctx.raw(), CLASS.get()) })?;
    let held: Box<Held> = Box::new(content);
    unsafe { qjs::JS_SetOpaque(object.raw(), Box::into_raw(held).cast()) };
    methods.install(&object)?;
    Ok(object)
}

impl Call<'_> {
    /// What the object holds whose method this is; throws for a method called on another object.
    pub fn held<T: Any>(&self) -> Outcome<Rc<T>> {
        let held = unsafe { qjs::JS_GetOpaque(self.this, CLASS.get()) };
        let wrong = || Thrown::Type("the method was called on another object".into());
        if held.is_null() {
            return Err(wrong());
        }
        let content: Held = unsafe { &*held.cast::<Held>() }.clone();
        content.downcast::<T>().map_err(|_| wrong())
    }
}

impl Value {
    /// Adds an unchangeable property.
    pub fn fix(&self, name: &std::ffi::CStr, value: Value) -> Outcome<()> {
        self.define(name, value, qjs::JS_PROP_ENUMERABLE)
    }

    pub fn prevent_extensions(&self) -> Outcome<()> {
        let done = unsafe { qjs::JS_PreventExtensions(self.ctx().raw(), self.raw()) };
        if done < 0 { Err(Thrown::Pending) } else { Ok(()) }
    }
}
