use crate::functions; use crate::js::Functions; pub static FUNCTIONS: Functions = functions![];
