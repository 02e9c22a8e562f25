//! The safe side of the engine: owned values, checked arguments, errors. Nothing outside this folder calls QuickJS,
//! save `engine` and `modules`, which start it and feed it.

mod arguments;
mod bytes;
mod call;
mod error;
mod handle;
mod make;
mod string;
mod value;

pub use call::{Call, Function, Functions, enter};
pub use error::{Outcome, SystemError, Thrown, system_error};
pub use handle::{handle, register_class};
pub use string::valid_utf8;
pub use value::{Ctx, Value};

pub(crate) use call::entry;
