//! Reading the parts of a value that is made of others.

use super::super::error::ValueError;

/// The bytes of a value that are still to be read.
pub(super) struct Unread<'a> {
    bytes: &'a [u8],
    /// What the value is, for errors.
    what: &'static str,
}

impl<'a> Unread<'a> {
    pub(super) const fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { bytes, what }
    }

    /// The error for bytes that are not such a value.
    pub(super) const fn damaged(&self) -> ValueError {
        ValueError::Content { what: self.what }
    }

    #[inline]
    fn take<const N: usize>(&mut self) -> Result<[u8; N], ValueError> {
        let (bytes, rest) = self
            .bytes
            .split_first_chunk()
            .ok_or_else(|| self.damaged())?;
        self.bytes = rest;
        Ok(*bytes)
    }

    pub(super) fn byte(&mut self) -> Result<u8, ValueError> {
        self.take().map(u8::from_be_bytes)
    }

    #[inline]
    pub(super) fn int(&mut self) -> Result<i32, ValueError> {
        self.take().map(i32::from_be_bytes)
    }

    #[inline]
    pub(super) fn oid(&mut self) -> Result<u32, ValueError> {
        self.take().map(u32::from_be_bytes)
    }

    /// Returns the bytes of the next part, which is preceded by its length; `None` for NULL.
    #[inline]
    pub(super) fn part(&mut self) -> Result<Option<&'a [u8]>, ValueError> {
        let length = self.int()?;
        if length == -1 {
            return Ok(None);
        }
        let length = usize::try_from(length).map_err(|_| self.damaged())?;
        let (bytes, rest) = self
            .bytes
            .split_at_checked(length)
            .ok_or_else(|| self.damaged())?;
        self.bytes = rest;
        Ok(Some(bytes))
    }

    /// Checks that nothing is left after the last part.
    pub(super) const fn finish(self) -> Result<(), ValueError> {
        if self.bytes.is_empty() {
            Ok(())
        } else {
            Err(self.damaged())
        }
    }
}
