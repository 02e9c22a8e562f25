//! The engine's memory. It asks for pieces of up to 4 KB, and divides them itself, now and then for larger ones, and for the
//! buffers of a connection.
//!
//! Pieces are cut from chunks that the kernel fills in at once: faulting in page after page, as the C library has it, takes a
//! short call longer than all its work in the engine.

use std::ffi::c_void;
use std::ptr::{self, NonNull};

use rquickjs_sys as qjs;

/// Sizes of small pieces are multiples of this.
const STEP: usize = 64;
const SMALL: usize = 8 << 10;

/// Those of buffers are multiples of this, so that one of another length can take their place. They are the C library's, which
/// would give each back to the kernel when it is freed, and are kept.
const WIDE_STEP: usize = 4 << 10;
const MOST: usize = 64 << 10;

/// Of larger ones a few are kept: each page of a long list needs pieces for its bytes and its text again.
const KEPT: usize = 2;
const MOST_KEPT: usize = 4 << 20;

const CHUNK: usize = 128 << 10;

/// What lies before a piece; as long as the strictest alignment.
#[repr(C, align(16))]
struct Header {
    /// Bytes with this header.
    size: usize,
}

const HEADER: usize = size_of::<Header>();

const SIZES: usize = SMALL / STEP + MOST / WIDE_STEP + 1;

struct Heap {
    /// What is left of the newest chunk.
    next: *mut u8,
    left: usize,
    /// Freed pieces by size, each of which begins with the address of the next.
    free: [*mut u8; SIZES],
    /// Freed pieces of the C library, and their sizes; 0 where there is none.
    kept: [(*mut u8, usize); KEPT],
}

/// A runtime that gets its memory here; null if there is none.
pub fn new_runtime() -> *mut qjs::JSRuntime {
    let functions = qjs::JSMallocFunctions {
        js_calloc: Some(zeroed),
        js_malloc: Some(allocate),
        js_free: Some(free),
        js_realloc: Some(resize),
        js_malloc_usable_size: Some(usable_size),
    };
    let heap = Box::new(Heap::new());
    unsafe { qjs::JS_NewRuntime2(&functions, Box::into_raw(heap).cast()) }
}

impl Heap {
    fn new() -> Self {
        Heap { next: ptr::null_mut(), left: 0, free: [ptr::null_mut(); SIZES], kept: [(ptr::null_mut(), 0); KEPT] }
    }

    fn piece(&mut self, size: usize) -> Option<NonNull<u8>> {
        let first = &mut self.free[place(size)];
        if let Some(piece) = NonNull::new(*first) {
            *first = unsafe { piece.cast::<*mut u8>().read() };
            return Some(piece);
        }
        if size > SMALL {
            return NonNull::new(unsafe { libc::malloc(size) }.cast());
        }
        if self.left < size {
            self.next = chunk()?.as_ptr();
            self.left = CHUNK;
        }
        let piece = self.next;
        self.next = unsafe { piece.add(size) };
        self.left -= size;
        NonNull::new(piece)
    }

    /// A large piece and its size, which may be up to twice what is asked for.
    fn large(&mut self, size: usize) -> Option<(NonNull<u8>, usize)> {
        let fits = |(_, held): &&mut (*mut u8, usize)| (size..=size.saturating_mul(2)).contains(held);
        if let Some(kept) = self.kept.iter_mut().find(fits) {
            let (start, size) = std::mem::replace(kept, (ptr::null_mut(), 0));
            return Some((NonNull::new(start)?, size));
        }
        Some((NonNull::new(unsafe { libc::malloc(size) }.cast())?, size))
    }

    /// Takes a large piece back; the smallest of all is the C library's again.
    fn keep(&mut self, start: *mut u8, size: usize) {
        let mut freed = (start, size);
        if size <= MOST_KEPT {
            let smaller = self.kept.iter_mut().min_by_key(|(_, held)| *held).filter(|(_, held)| *held < size);
            smaller.into_iter().for_each(|kept| std::mem::swap(kept, &mut freed));
        }
        unsafe { libc::free(freed.0.cast()) };
    }
}

fn chunk() -> Option<NonNull<u8>> {
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_POPULATE;
    let start = unsafe { libc::mmap(ptr::null_mut(), CHUNK, access, flags, -1, 0) };
    if start == libc::MAP_FAILED { None } else { NonNull::new(start.cast()) }
}

/// Bytes of a piece with room for this many.
fn whole_size(size: usize) -> Option<usize> {
    let size = size.checked_add(HEADER)?;
    let step = if size <= SMALL || size > MOST { STEP } else { WIDE_STEP };
    size.checked_next_multiple_of(step)
}

/// Where the freed pieces of a size are.
fn place(size: usize) -> usize {
    if size <= SMALL { size / STEP } else { SMALL / STEP + size / WIDE_STEP }
}

unsafe extern "C" fn allocate(heap: *mut c_void, size: qjs::size_t) -> *mut c_void {
    let Some(size) = whole_size(size as usize) else { return ptr::null_mut() };
    let heap = unsafe { &mut *heap.cast::<Heap>() };
    let found = if size <= MOST { heap.piece(size).map(|piece| (piece, size)) } else { heap.large(size) };
    found.map_or(ptr::null_mut(), |(piece, size)| unsafe { dress(piece, size) })
}

/// Writes the header; the address behind it.
unsafe fn dress(piece: NonNull<u8>, size: usize) -> *mut c_void {
    unsafe {
        piece.cast::<Header>().write(Header { size });
        piece.add(HEADER).as_ptr().cast()
    }
}

unsafe extern "C" fn zeroed(heap: *mut c_void, count: qjs::size_t, size: qjs::size_t) -> *mut c_void {
    let Some(size) = count.checked_mul(size) else { return ptr::null_mut() };
    if let Some(whole) = whole_size(size as usize).filter(|whole| *whole > MOST) {
        // Pages fresh from the kernel need not be touched.
        let piece = NonNull::new(unsafe { libc::calloc(1, whole) }.cast::<u8>());
        return piece.map_or(ptr::null_mut(), |piece| unsafe { dress(piece, whole) });
    }
    let piece = unsafe { allocate(heap, size) };
    if !piece.is_null() {
        unsafe { ptr::write_bytes(piece.cast::<u8>(), 0, size as usize) };
    }
    piece
}

unsafe extern "C" fn free(heap: *mut c_void, piece: *mut c_void) {
    if piece.is_null() {
        return;
    }
    unsafe {
        let (start, size) = undress(piece);
        if size > MOST {
            return (*heap.cast::<Heap>()).keep(start, size);
        }
        let first = &mut (*heap.cast::<Heap>()).free[place(size)];
        start.cast::<*mut u8>().write(*first);
        *first = start;
    }
}

/// Where the piece begins, and its size.
unsafe fn undress(piece: *const c_void) -> (*mut u8, usize) {
    let start = unsafe { piece.cast_mut().cast::<u8>().sub(HEADER) };
    (start, unsafe { (*start.cast::<Header>()).size })
}

unsafe extern "C" fn resize(heap: *mut c_void, piece: *mut c_void, size: qjs::size_t) -> *mut c_void {
    if piece.is_null() {
        return unsafe { allocate(heap, size) };
    }
    let (start, old) = unsafe { undress(piece) };
    let Some(new) = whole_size(size as usize) else { return ptr::null_mut() };
    if new == old {
        return piece;
    }
    if old > MOST && new > MOST {
        let moved = NonNull::new(unsafe { libc::realloc(start.cast(), new) }.cast::<u8>());
        return moved.map_or(ptr::null_mut(), |piece| unsafe { dress(piece, new) });
    }
    let moved = unsafe { allocate(heap, size) };
    if !moved.is_null() {
        unsafe {
            ptr::copy_nonoverlapping(piece.cast::<u8>(), moved.cast(), old.min(new) - HEADER);
            free(heap, piece);
        }
    }
    moved
}

unsafe extern "C" fn usable_size(piece: *const c_void) -> qjs::size_t {
    if piece.is_null() { 0 } else { (unsafe { undress(piece) }.1 - HEADER) as qjs::size_t }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_keep_their_content_when_resized_and_do_not_overlap() {
        let mut heap = Heap::new();
        let heap = (&raw mut heap).cast();
        let sizes = [1, 48, 49, 4096, 8176, 8177, 100_000, 65_520, 65_521, 3, 16_384, 200_000, 5_000_000, 9000, 20];
        let mut pieces: Vec<(*mut u8, usize)> = Vec::new();
        for round in 0..3 {
            for (at, size) in sizes.into_iter().enumerate() {
                let piece = unsafe { allocate(heap, size as _) }.cast::<u8>();
                assert!(unsafe { usable_size(piece.cast()) } as usize >= size);
                unsafe { ptr::write_bytes(piece, (round * sizes.len() + at) as u8, size) };
                pieces.push((piece, size));
            }
        }
        for (at, (piece, size)) in pieces.iter_mut().enumerate() {
            let new = sizes[(at + 3) % sizes.len()];
            *piece = unsafe { resize(heap, piece.cast(), new as _) }.cast();
            *size = new.min(*size);
        }
        for (at, (piece, size)) in pieces.iter().enumerate() {
            let content = unsafe { std::slice::from_raw_parts(*piece, *size) };
            assert!(content.iter().all(|byte| usize::from(*byte) == at), "piece {at}");
            unsafe { free(heap, piece.cast()) };
        }
        for size in [50, 5_000] {
            let empty = unsafe { std::slice::from_raw_parts(zeroed(heap, 10, size as _).cast::<u8>(), 10 * size) };
            assert!(empty.iter().all(|byte| *byte == 0));
        }
        assert!(unsafe { allocate(heap, qjs::size_t::MAX) }.is_null());
    }
}
