//! The adapter: parses arguments, calls a core, converts the result. No cryptography, SQL or
//! algorithm, and no default value that a core has. Its other half is `lib/`, which checks what
//! users pass before it comes here.

#![cfg_attr(
    test,
    allow(
        dead_code,
        reason = "napi registers no export in test builds, so nothing calls them"
    )
)]

mod bytes;
mod cancel;
mod cpu;
mod diagnostics;
mod diff;
mod envelope;
mod error;
#[cfg(feature = "fault-injection")]
mod fault;
mod guard;
mod promise;
mod runtime;
mod text;

/// musl's own allocator is 6 to 14 times slower; on glibc small allocations take half the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[napi_derive::module_init]
fn init() {
    guard::silence_panics();
}
