//! Whether the machine has the memory for something large, asked before the work.

/// Whether the system would grant `bytes` of memory at this moment.
///
/// The memory is asked for and given back untouched. A yes is no promise: other programs can take it.
pub fn is_granted(bytes: u64) -> bool {
    usize::try_from(bytes).is_ok_and(|bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_little_is_granted_and_more_than_an_address_space_is_not() {
        assert!(is_granted(0) && is_granted(1 << 20));
        assert!(!is_granted(1 << 60) && !is_granted(u64::MAX));
    }
}
