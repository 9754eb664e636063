//! What witnesses sign (LOG-13 to LOG-15).

use super::Refusal;
use super::origin::Origin;
use super::vkey::KeyName;

/// Largest time in a cosignature: 2^63 - 1, so that it fits every reader's signed integer.
pub const TIME_MAX: u64 = i64::MAX as u64;

/// The message of a `0x04` line: a header, the time, then the three lines of the checkpoint.
///
/// The cosigner's name is not in it (LOG-13): hence one key per cosigner, never used under a second name.
pub fn message(time: u64, checkpoint_text: &str) -> Result<Vec<u8>, Refusal> {
    if TIME_MAX < time {
        return Err(Refusal::TimeTooLarge);
    }
    Ok(format!("cosignature/v1\ntime {time}\n{checkpoint_text}").into_bytes())
}

/// The message of a `0x06` line (ML-DSA-44). Reserved, not in version 1: nothing here signs or verifies one; the layout
/// is kept so that its vectors can be tested before the day it is needed. `start > 0` is a subtree, never a checkpoint (LOG-14).
pub fn subtree_message(cosigner: &KeyName, time: u64, origin: &Origin, start: u64, end: u64, root: &[u8; 32]) -> Vec<u8> {
    let mut message = b"subtree/v1\n\0".to_vec();
    for name in [(cosigner.as_str(), time.to_be_bytes().as_slice()), (origin.as_str(), &[])] {
        // Cannot truncate: key names and origins are at most 255 octets.
        message.push(name.0.len() as u8);
        message.extend_from_slice(name.0.as_bytes());
        message.extend_from_slice(name.1);
    }
    message.extend_from_slice(&start.to_be_bytes());
    message.extend_from_slice(&end.to_be_bytes());
    message.extend_from_slice(root);
    message
}
