//! Where modules come from: the executable, the disk, or the tool's list of files to pack.

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char, c_void};
use std::path::{Component, Path, PathBuf};
use std::ptr;

use rquickjs_sys as qjs;

use crate::archive::Archive;
use crate::js::{Call, Ctx, Functions, Outcome, Thrown, Value};
use crate::{functions, uncaught};

pub static FUNCTIONS: Functions = functions![c"loadNow" 1 load_now];

/// Where modules are looked for.
pub enum Origin {
    /// In the executable, by name.
    Archive(Archive<'static>),
    /// On the disk, relative to the importing module.
    Disk,
    /// Source files by the names that they will have in the executable.
    Packing(Vec<(String, PathBuf)>),
}

thread_local! {
    static ORIGIN: RefCell<Origin> = const { RefCell::new(Origin::Disk) };
    /// What `load_now` has loaded: names and exports.
    static LOADED: RefCell<Vec<(String, Value)>> = const { RefCell::new(Vec::new()) };
}

/// Makes the runtime ask here for modules.
pub fn listen(runtime: *mut qjs::JSRuntime, origin: Origin) {
    ORIGIN.set(origin);
    unsafe { qjs::JS_SetModuleLoaderFunc(runtime, Some(normalize), Some(load), ptr::null_mut()) };
}

/// Loads the program's module with all it imports and starts it; the result is the promise of its end.
pub fn load_program(ctx: Ctx, name: &str) -> Outcome {
    let module = read(ctx, name)?;
    start(ctx, module)
}

/// Links a module with all it imports and runs it; the result is the promise of its end.
fn start(ctx: Ctx, module: Value) -> Outcome {
    if unsafe { qjs::JS_ResolveModule(ctx.raw(), module.raw()) } < 0 {
        // The engine has freed it, whoever refers to it.
        std::mem::forget(module);
        return Err(Thrown::Pending);
    }
    ctx.own(unsafe { qjs::JS_EvalFunction(ctx.raw(), module.into_raw()) })
}

/// The exports of a module that nothing imports, which is loaded at the first call. Whatever it imports must have been run to its
/// end: the engine would run it again.
fn load_now(call: &Call) -> Outcome {
    let (ctx, name) = (call.ctx, call.string(0)?);
    let known = LOADED.with_borrow(|all| all.iter().find(|(one, _)| *one == name).map(|(_, exports)| exports.clone()));
    if let Some(exports) = known {
        return Ok(exports);
    }
    let module = read(ctx, &name)?;
    let definition = unsafe { qjs::JS_VALUE_GET_PTR(module.raw()) }.cast();
    let end = start(ctx, module)?;
    uncaught::is_handled(&end);
    match unsafe { qjs::JS_PromiseState(ctx.raw(), end.raw()) } {
        qjs::JSPromiseStateEnum_JS_PROMISE_FULFILLED => {}
        qjs::JSPromiseStateEnum_JS_PROMISE_REJECTED => {
            unsafe { qjs::JS_Throw(ctx.raw(), qjs::JS_PromiseResult(ctx.raw(), end.raw())) };
            return Err(Thrown::Pending);
        }
        _ => return Err(call.wrong(0, "a module that waits for nothing")),
    }
    let exports = ctx.own(unsafe { qjs::JS_GetModuleNamespace(ctx.raw(), definition) })?;
    LOADED.with_borrow_mut(|all| all.push((name, exports.clone())));
    Ok(exports)
}

/// A module that is not yet linked.
pub fn read(ctx: Ctx, name: &str) -> Outcome {
    ORIGIN.with_borrow(|origin| match origin {
        Origin::Archive(archive) => match archive.find(name) {
            Some(entry) => from_bytecode(ctx, entry.bytes),
            None => Err(missing(name, "it is not in this executable")),
        },
        Origin::Disk => {
            let module = compile_file(ctx, name, Path::new(name))?;
            let url = ctx.string(&format!("file://{name}"))?;
            let meta = unsafe { qjs::JS_GetImportMeta(ctx.raw(), qjs::JS_VALUE_GET_PTR(module.raw()).cast()) };
            ctx.own(meta)?.set(c"url", url)?;
            Ok(module)
        }
        Origin::Packing(files) => match files.iter().find(|(known, _)| known == name) {
            Some((_, path)) => compile_file(ctx, name, path),
            None => Err(missing(name, "it is not among the files to pack")),
        },
    })
}

fn from_bytecode(ctx: Ctx, bytes: &[u8]) -> Outcome {
    let flags = qjs::JS_READ_OBJ_BYTECODE as i32;
    ctx.own(unsafe { qjs::JS_ReadObject(ctx.raw(), bytes.as_ptr(), bytes.len() as _, flags) })
}

fn compile_file(ctx: Ctx, name: &str, path: &Path) -> Outcome {
    let mut source = std::fs::read(path).map_err(|error| missing(name, &error.to_string()))?;
    let length = source.len();
    source.push(0);
    let name = CString::new(name).map_err(|_| missing(name, "NUL in its name"))?;
    let flags = (qjs::JS_EVAL_TYPE_MODULE | qjs::JS_EVAL_FLAG_COMPILE_ONLY) as i32;
    ctx.own(unsafe { qjs::JS_Eval(ctx.raw(), source.as_ptr().cast(), length as _, name.as_ptr(), flags) })
}

fn missing(name: &str, why: &str) -> Thrown {
    Thrown::Coded { code: "ERR_MODULE_NOT_FOUND", message: format!("cannot load the module {name}: {why}") }
}

/// The full name of a module, given the importing module and what that wrote.
fn full_name(base: &str, name: &str) -> String {
    let on_disk = ORIGIN.with_borrow(|origin| matches!(origin, Origin::Disk));
    if on_disk { on_disk_path(base, name) } else { name.strip_prefix("./").unwrap_or(name).to_owned() }
}

fn on_disk_path(base: &str, name: &str) -> String {
    let path = name.strip_prefix("file://").unwrap_or(name);
    let mut whole = PathBuf::new();
    for part in Path::new(base).parent().unwrap_or(Path::new("")).join(path).components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            Component::CurDir => {}
            other => whole.push(other),
        }
    }
    whole.to_string_lossy().into_owned()
}

unsafe extern "C" fn normalize(
    ctx: *mut qjs::JSContext,
    base: *const c_char,
    name: *const c_char,
    _: *mut c_void,
) -> *mut c_char {
    let (base, name) = unsafe { (CStr::from_ptr(base).to_string_lossy(), CStr::from_ptr(name).to_string_lossy()) };
    let full = full_name(&base, &name);
    unsafe { qjs::js_strndup(ctx, full.as_ptr().cast(), full.len() as _) }
}

unsafe extern "C" fn load(ctx: *mut qjs::JSContext, name: *const c_char, _: *mut c_void) -> *mut qjs::JSModuleDef {
    let ctx = unsafe { Ctx::from_raw(ctx) };
    let name = unsafe { CStr::from_ptr(name) }.to_string_lossy();
    match read(ctx, &name) {
        // The context keeps the module.
        Ok(module) => unsafe { qjs::JS_VALUE_GET_PTR(module.raw()).cast() },
        Err(thrown) => {
            thrown.raise(ctx);
            ptr::null_mut()
        }
    }
}

/// The bytecode of a module, without its source text.
pub fn bytecode(module: &Value) -> Outcome<Vec<u8>> {
    let ctx = module.ctx();
    let (mut length, flags) = (0, (qjs::JS_WRITE_OBJ_BYTECODE | qjs::JS_WRITE_OBJ_STRIP_SOURCE) as i32);
    let start = unsafe { qjs::JS_WriteObject(ctx.raw(), &mut length, module.raw(), flags) };
    if start.is_null() {
        return Err(Thrown::Pending);
    }
    let bytes = unsafe { std::slice::from_raw_parts(start, length as usize) }.to_vec();
    unsafe { qjs::js_free(ctx.raw(), start.cast()) };
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::on_disk_path;

    #[test]
    fn names_on_disk_are_relative_to_the_importing_module() {
        assert_eq!(on_disk_path("/a/b/main.mjs", "./c.mjs"), "/a/b/c.mjs");
        assert_eq!(on_disk_path("/a/b/main.mjs", "../c.mjs"), "/a/c.mjs");
        assert_eq!(on_disk_path("/a/b/main.mjs", "/c.mjs"), "/c.mjs");
        assert_eq!(on_disk_path("/a/b/main.mjs", "file:///c.mjs"), "/c.mjs");
    }
}
