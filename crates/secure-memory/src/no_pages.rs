//! Where pages can't be had yet: every request is refused, so that secrets lie on the heap.

use std::io;
use std::ptr::NonNull;

/// Pages that never are.
#[derive(Debug)]
pub(crate) enum Pages {}

impl Pages {
    /// Always refuses.
    ///
    /// # Errors
    /// [`io::ErrorKind::Unsupported`].
    pub(crate) fn map(_len: usize) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn protect(&self) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn wipe_on_fork(&self) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn start(&self) -> NonNull<u8> {
        match *self {}
    }

    pub(crate) fn len(&self) -> usize {
        match *self {}
    }
}

/// The usual length, in bytes.
pub(crate) fn page_len() -> usize {
    4096
}

/// Nothing can be locked.
pub(crate) fn lock_limit() -> Option<usize> {
    Some(0)
}
