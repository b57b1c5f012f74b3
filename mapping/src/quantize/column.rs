//! One byte a synapse, or one for all.

/// One byte a synapse, or one for all of a projection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    /// The same for all.
    Shared(u8),
    /// One each.
    Each(Vec<u8>),
}

impl Column {
    /// The byte of synapse `i`.
    pub fn get(&self, i: usize) -> u8 {
        match self {
            Self::Shared(byte) => *byte,
            Self::Each(bytes) => bytes[i],
        }
    }

    /// The greatest byte; 0 if there is none.
    pub fn max(&self) -> u8 {
        match self {
            Self::Shared(byte) => *byte,
            Self::Each(bytes) => bytes.iter().copied().max().unwrap_or(0),
        }
    }
}
