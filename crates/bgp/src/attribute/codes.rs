//! Type codes that were met: of attributes in an UPDATE, of TLVs in an attribute.

/// A set of type codes.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Codes([u64; 4]);

impl Codes {
    /// Codes below 64.
    pub const fn low(codes: u64) -> Codes {
        Codes([codes, 0, 0, 0])
    }

    /// Those below 64.
    pub fn lowest(&self) -> u64 {
        let Codes([low, ..]) = self;
        *low
    }

    /// Adds one; false if it was there.
    #[inline]
    pub fn insert(&mut self, code: u8) -> bool {
        let Some(word) = self.0.get_mut(usize::from(code >> 6)) else { return false };
        let bit = 1 << (code & 63);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    #[inline]
    pub fn contains(&self, code: u8) -> bool {
        self.0.get(usize::from(code >> 6)).is_some_and(|word| word & (1 << (code & 63)) != 0)
    }
}
