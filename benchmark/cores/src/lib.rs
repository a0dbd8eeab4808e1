//! The calls of the two cores that are measured without Node, behind a C ABI too; and the allocator of the addon.

mod c_abi;
pub mod calls;
mod warm;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
