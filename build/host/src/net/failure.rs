//! Why a connection or a lookup failed, before it becomes an error of the program.

use std::borrow::Cow;
use std::fmt;

/// A failure with the code that programs decide by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Failure {
    pub code: Cow<'static, str>,
    pub message: String,
}

impl Failure {
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Failure { code: code.into(), message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Failure {}
