//! CRC-32 of ZIP (reflected polynomial 0xEDB88320), four octets at a time.

/// `TABLES[k][b]`: what octet `b` does to the sum, seen `k` octets later.
const TABLES: [[u32; 256]; 4] = tables();

const fn tables() -> [[u32; 256]; 4] {
    let mut tables = [[0u32; 256]; 4];
    let mut b = 0;
    while b < 256 {
        let mut sum = b as u32;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 };
            bit += 1;
        }
        tables[0][b] = sum;
        b += 1;
    }
    let mut k = 1;
    while k < 4 {
        let mut b = 0;
        while b < 256 {
            let before = tables[k - 1][b];
            tables[k][b] = (before >> 8) ^ tables[0][(before & 0xFF) as usize];
            b += 1;
        }
        k += 1;
    }
    tables
}

/// A running CRC-32. It finds accidents only; who wants to deceive is found by the digests.
pub struct Crc32(u32);

impl Crc32 {
    pub fn new() -> Crc32 {
        Crc32(!0)
    }

    pub fn update(&mut self, bytes: &[u8]) {
        let mut sum = self.0;
        let mut words = bytes.chunks_exact(4);
        for word in &mut words {
            let [a, b, c, d] = sum.to_le_bytes();
            sum = TABLES[3][usize::from(a ^ word[0])]
                ^ TABLES[2][usize::from(b ^ word[1])]
                ^ TABLES[1][usize::from(c ^ word[2])]
                ^ TABLES[0][usize::from(d ^ word[3])];
        }
        for byte in words.remainder() {
            sum = (sum >> 8) ^ TABLES[0][((sum ^ u32::from(*byte)) & 0xFF) as usize];
        }
        self.0 = sum;
    }

    pub fn finish(&self) -> u32 {
        !self.0
    }
}

impl Default for Crc32 {
    fn default() -> Crc32 {
        Crc32::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Crc32;

    #[test]
    fn the_known_value_and_any_division_into_parts() {
        let text = b"123456789";
        for cut in 0..=text.len() {
            let mut crc = Crc32::new();
            crc.update(&text[..cut]);
            crc.update(&text[cut..]);
            assert_eq!(crc.finish(), 0xCBF4_3926);
        }
        assert_eq!(Crc32::new().finish(), 0);
    }
}
