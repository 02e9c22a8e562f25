//! Rust's own memory is the C library's. Without it the process ends with its last words.

use std::alloc::{GlobalAlloc, Layout, System};

use crate::{last_words, process};

struct Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        or_end(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        or_end(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        or_end(unsafe { System.realloc(piece, layout, size) })
    }

    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        unsafe { System.dealloc(piece, layout) }
    }
}

fn or_end(piece: *mut u8) -> *mut u8 {
    if piece.is_null() {
        process::write_error("out of memory\n");
        last_words::speak_and_exit();
    }
    piece
}
