//! Writing wire bytes into a `Vec<u8>`: numbers, and lengths that are filled in afterwards.

/// Writes behind whatever the buffer holds.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut Vec<u8>,
}

/// The value did not fit the length field it was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLong;

/// Where a length has to be filled in: made by [`Writer::len8`] or [`Writer::len16`], given back to [`Writer::fill`].
#[derive(Debug)]
#[must_use = "the length has to be filled in"]
pub struct Length {
    at: usize,
    wide: bool,
}

impl<'a> Writer<'a> {
    /// Appends to `out`.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Writer { out }
    }

    /// Octets in the buffer, including what was there before.
    pub fn position(&self) -> usize {
        self.out.len()
    }

    /// One octet.
    pub fn u8(&mut self, v: u8) {
        self.out.push(v);
    }

    /// Two octets, big endian.
    pub fn u16(&mut self, v: u16) {
        self.out.extend_from_slice(&v.to_be_bytes());
    }

    /// Four octets, big endian.
    pub fn u32(&mut self, v: u32) {
        self.out.extend_from_slice(&v.to_be_bytes());
    }

    /// Eight octets, big endian.
    pub fn u64(&mut self, v: u64) {
        self.out.extend_from_slice(&v.to_be_bytes());
    }

    /// Octets as they are.
    pub fn bytes(&mut self, v: &[u8]) {
        self.out.extend_from_slice(v);
    }

    /// Leaves room for a one-octet length.
    pub fn len8(&mut self) -> Length {
        self.out.push(0);
        Length { at: self.out.len(), wide: false }
    }

    /// Leaves room for a two-octet length.
    pub fn len16(&mut self) -> Length {
        self.out.extend_from_slice(&[0, 0]);
        Length { at: self.out.len(), wide: true }
    }

    /// Fills in how many octets were written since `length` was made.
    pub fn fill(&mut self, length: Length) -> Result<(), TooLong> {
        let n = self.out.len().saturating_sub(length.at);
        if length.wide {
            let n = u16::try_from(n).map_err(|_| TooLong)?;
            if let Some(field) = self.out.get_mut(length.at.saturating_sub(2)..length.at) {
                field.copy_from_slice(&n.to_be_bytes());
            }
        } else {
            let n = u8::try_from(n).map_err(|_| TooLong)?;
            if let Some(field) = self.out.get_mut(length.at.saturating_sub(1)..length.at) {
                field.copy_from_slice(&[n]);
            }
        }
        Ok(())
    }
}
