//! Checksums: over a value *and its key*, so that an altered letter is found, and so is a value under another's key.

/// Bytes of a checksum.
pub(super) const LENGTH: usize = 8;

/// Returns the checksum of a part of a value that stands under a key.
pub(super) fn sum(part: &str, key: &[u8], value: &[u8]) -> [u8; LENGTH] {
    let mut hasher = blake3::Hasher::new();
    for bytes in [part.as_bytes(), key] {
        hasher.update(&(bytes.len() as u32).to_le_bytes());
        hasher.update(bytes);
    }
    hasher.update(value);
    let mut sum = [0; LENGTH];
    sum.copy_from_slice(&hasher.finalize().as_bytes()[..LENGTH]);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_key_and_value_all_count() {
        let base = sum("task", b"ab", b"c");
        for other in [sum("body", b"ab", b"c"), sum("task", b"a", b"bc"), sum("task", b"ab", b"d")] {
            assert_ne!(base, other);
        }
    }
}
