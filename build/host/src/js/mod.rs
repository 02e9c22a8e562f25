//! The safe side of the engine: owned values, checked arguments, errors. Nothing outside this folder calls QuickJS,
//! save `engine` and `modules`, which start it and feed it.

mod arguments;
mod bytes;
mod call;
mod collections;
mod error;
mod handle;
mod make;
mod string;
mod value;

pub use arguments::c_string;
pub use call::{Call, Functions, enter};
pub use error::{Outcome, SystemError, Thrown, system_error};
pub use handle::{handle, register_class};
pub use value::{Ctx, Value};

pub(crate) use call::entry;
