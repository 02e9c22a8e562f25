//! The stack: how much of it scripts may use, so that too deep a recursion is an exception and not the end.

/// Runs `work` where the stack suffices.
pub fn with_enough(work: impl FnOnce() -> i32) -> i32 {
    work()
}

/// Bytes of the stack that scripts may use.
pub fn for_scripts() -> usize {
    1 << 20
}
