//! Every domain string of the sealing construction, once (section 2 of the specification).
//!
//! The strings are normative and are never changed: a new meaning gets a new string and a new suite number (SEA-01).

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub const $name: &[u8] = $text;)*
        /// All of them, for the test that no two can be mistaken for each other.
        pub const ALL: &[(&str, &[u8])] = &[$((stringify!($name), $text)),*];
    };
}

labels! {
    /// Domain separation of H1, the hash of identities to G1.
    IDENTITY_DST = b"WAARBORG-V1-IBE-ID_BLS12381G1_XMD:SHA-256_SSWU_RO_";
    /// Domain separation of the proof of possession of a committee key (SEA-11).
    POSSESSION_DST = b"WAARBORG-V1-POP_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";
    /// Domain separation of a dealer's proof that it knows its constant term. Apart from that of SEA-11, so that a dealer's
    /// proof is never a part of a committee's.
    DEALING_DST = b"WAARBORG-V1-DEAL_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";
    /// KeyGen of a coefficient of a dealt polynomial.
    DEALING_SCALAR = b"WBG1-DEAL";
    KEY_ID = b"WBG1-KEY";
    IDENTITY = b"WBG1-ID\0";
    EPOCH_HEADER = b"WBG1-EPO";
    KEY_SCHEDULE = b"WBG1-KEM";
    LOCATOR = b"WBG1-L";
    RECORD = b"WBG1-R";
    EPOCH_SECRET = b"WBG1-EPR";
    RETENTION_ID = b"WBG1-RET";
    BUCKET = b"WBG1-RB";
    BUCKET_LEAF = b"WBG1-RC";
    SEGMENT = b"WBG1-SEG";
    SALT_MAP_KEY = b"WBG1-SMK";
    SALT_MAP_ENTRY = b"WBG1-SALT";
    ORDER_FRAME = b"WBG1-OF";
    ORDER_COMMITMENT = b"WBG1-OC";
    ORDER_LEAF = b"WBG1-ORD";
    SCOPE_LEAF = b"WBG1-SCL";
    IDENTITY_LEAF = b"WBG1-IDL";
    IDENTITY_COUNT = b"WBG1-NID";
    EVIDENCE = b"WBG1-EVD";
    NOTICE = b"WBG1-NTC";
    NOTICE_BUCKET = b"WBG1-NTB";
    RECEIPT = b"WBG1-RCP";
    DELETION = b"WBG1-DEL";
    ATTESTATION = b"WBG1-ATT";
    STATISTICS_GENERATOR = b"WBG1-STAT-H";
    STATISTICS = b"WBG1-STAT";
    /// Authenticates a cached public pairing under the node key (SEA-28). Local to one node, never exchanged.
    PAIRING_CACHE = b"WBG1-GID";
    /// Coefficients of the equation that checks many shown keys at once (SEA-85). Recomputed by each verifier, never exchanged.
    KEY_BATCH = b"WBG1-KBT";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs where the specification makes one string the beginning of another, each with what keeps them apart.
    const APART: &[(&str, &str, &str)] = &[
        ("RECORD", "RETENTION_ID", "RECORD is associated data of the AEAD, never a hash input"),
        ("RECORD", "BUCKET", "same"),
        ("RECORD", "BUCKET_LEAF", "same"),
        ("RECORD", "RECEIPT", "same"),
        ("BUCKET_LEAF", "RECEIPT", "a bucket leaf is 41 octets, a receipt 58"),
        ("STATISTICS", "STATISTICS_GENERATOR", "reserved; the generator is SHA-512 of the string alone"),
    ];

    #[test]
    fn labels_are_no_prefix_of_each_other() {
        for (a_name, a) in ALL {
            for (b_name, b) in ALL {
                if a_name != b_name && b.starts_with(a) {
                    assert!(APART.iter().any(|(x, y, _)| x == a_name && y == b_name), "{a_name} begins {b_name}");
                }
            }
        }
    }
}
