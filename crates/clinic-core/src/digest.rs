//! Content hashes: the one way in which this project names bytes.

use sha2::{Digest, Sha256};

/// SHA-256 over parts, in hex. Each part's length is hashed too, so that parts cannot run together;
/// a single part gives the plain SHA-256 of its bytes.
pub fn hex(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        if parts.len() > 1 {
            hasher.update((part.len() as u64).to_le_bytes());
        }
        hasher.update(part);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first eight bytes of the hash as a number, for seeds that follow from content.
pub fn number(parts: &[&[u8]]) -> u64 {
    u64::from_str_radix(&hex(parts)[..16], 16).expect("hex digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_part_is_plain_sha256_and_parts_do_not_run_together() {
        assert_eq!(
            hex(&[b"abc"]),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_ne!(hex(&[b"ab", b"c"]), hex(&[b"a", b"bc"]));
    }
}
