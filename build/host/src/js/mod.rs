//! The safe side of the engine: owned values, checked arguments, errors. Other files call QuickJS only to
//! start it, to give it memory and modules, and for the few values that it has one of: the global object, the environment.

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
