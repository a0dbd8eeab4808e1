//! A page that a forked child finds zeroed: for bytes that parent and child must never share.
//! Knows nothing of what lies in it.

use std::slice;

use crate::pages::{Pages, page_len};
use crate::wiped_vec::wipe;

/// One page of memory, out of core dumps, between guard pages, wiped when dropped.
#[derive(Debug)]
pub struct ForkWipedPage {
    pages: Pages,
}

impl ForkWipedPage {
    /// How much of the page is used, in bytes, on systems with longer pages too.
    pub const LEN_BYTES: usize = 4096;

    /// A page of zeros; `None` where the system forks and has none that a child finds wiped: macOS.
    #[must_use]
    pub fn map() -> Option<Self> {
        let pages = Pages::map(page_len()).ok()?;
        pages.wipe_on_fork().ok()?;
        Some(Self { pages })
    }

    /// The bytes. In a child, those that it has written itself since the fork, and zeros.
    pub fn bytes(&mut self) -> &mut [u8; Self::LEN_BYTES] {
        // SAFETY: a page has that many bytes at least, mapped and initialised by the system, and
        // they are this value's alone.
        let bytes =
            unsafe { slice::from_raw_parts_mut(self.pages.start().as_ptr(), Self::LEN_BYTES) };
        bytes.try_into().expect("the slice was made as long")
    }
}

impl Drop for ForkWipedPage {
    fn drop(&mut self) {
        wipe(self.bytes());
    }
}
