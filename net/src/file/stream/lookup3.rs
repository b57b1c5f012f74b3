//! The checksum of HDF5's metadata: Bob Jenkins' lookup3 (`hashlittle`, 2006, in the public domain).
//!
//! Twelve bytes at a time are added to three words, which are stirred after each addition. Cost: `O(n)`.
//! Source: <https://burtleburtle.net/bob/c/lookup3.c>; the HDF5 file format specification, version 3.0,
//! names it for superblocks and object headers.

/// The checksum of `bytes`.
pub(super) fn lookup3(bytes: &[u8]) -> u32 {
    hash(bytes, 0)
}

fn hash(bytes: &[u8], start: u32) -> u32 {
    // The length enters modulo 2³², by definition.
    let mut state = [0xdead_beef_u32.wrapping_add(bytes.len() as u32).wrapping_add(start); 3];
    let Some(last) = bytes.len().checked_sub(1) else { return state[2] };
    // The last block has 1 to 12 bytes and is stirred in another way.
    let (blocks, tail) = bytes.split_at(last / 12 * 12);
    for block in blocks.chunks_exact(12) {
        add(&mut state, block);
        for (i, turns) in [4, 6, 8, 16, 19, 4].into_iter().enumerate() {
            let (a, b, c) = (i % 3, (i + 1) % 3, (i + 2) % 3);
            state[a] = state[a].wrapping_sub(state[c]) ^ state[c].rotate_left(turns);
            state[c] = state[c].wrapping_add(state[b]);
        }
    }
    add(&mut state, tail);
    for (i, turns) in [14, 11, 25, 16, 4, 14, 24].into_iter().enumerate() {
        let (to, from) = ((i + 2) % 3, (i + 1) % 3);
        state[to] = (state[to] ^ state[from]).wrapping_sub(state[from].rotate_left(turns));
    }
    state[2]
}

/// Adds up to twelve bytes, as little-endian words that are filled up with zeros.
fn add(state: &mut [u32; 3], block: &[u8]) {
    for (word, bytes) in state.iter_mut().zip(block.chunks(4)) {
        let mut padded = [0; 4];
        padded[..bytes.len()].copy_from_slice(bytes);
        *word = word.wrapping_add(u32::from_le_bytes(padded));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values that `driver5` of lookup3.c prints.
    #[test]
    fn the_authors_own_values_come_out() {
        assert_eq!(hash(b"", 0), 0xdead_beef);
        assert_eq!(hash(b"", 0xdead_beef), 0xbd5b_7dde);
        assert_eq!(hash(b"Four score and seven years ago", 0), 0x1777_0551);
        assert_eq!(hash(b"Four score and seven years ago", 1), 0xcd62_8161);
    }
}
