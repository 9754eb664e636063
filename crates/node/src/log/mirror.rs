//! A durable copy of a log, served and not cosigned (log.md section 12): what `recover` takes missing tiles from.
//!
//! Trusted for nothing by anybody: its entries give a cosigned root, or they do not. Kept by somebody outside (LOG-68).

use super::client::{ClientError, Head, LogReader};
use super::peaks::Peaks;
use super::store::{Fault, Kept, Store};
use super::tree::TileTree;

/// Why the copy was not brought up to date. What stood in it stands still.
#[derive(Debug)]
pub enum MirrorError {
    Log(ClientError),
    Fault(Fault),
    /// LOG-19: the log now shows other bytes than it showed before. Keep both: this is evidence.
    Differs {
        path: String,
    },
}

impl From<Fault> for MirrorError {
    fn from(fault: Fault) -> MirrorError {
        MirrorError::Fault(fault)
    }
}

impl std::fmt::Display for MirrorError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            MirrorError::Log(error) => write!(f, "{error}"),
            MirrorError::Fault(fault) => f.write_str(&fault.what),
            MirrorError::Differs { path } => write!(f, "{path}: the log shows other bytes than before"),
        }
    }
}

/// Brings the copy to `head`, which the caller has judged by policy. Entries are checked against its root before anything is
/// written, the checkpoint is replaced last: a copy that was cut off is an older copy, never a wrong one.
pub async fn mirror(log: &LogReader, head: &Head, copy: &Store) -> Result<(), MirrorError> {
    let mut peaks = Peaks::empty();
    log.replay(head, &mut |_, entry| peaks.append(entry)).await.map_err(MirrorError::Log)?;
    let mut tree = TileTree::empty();
    for number in 0..head.size.div_ceil(256) {
        let bundle = log.source().bundle(number, head.size).await.map_err(MirrorError::Log)?;
        let (next, files) = tree.extend(&bundle);
        for file in files {
            let path = file.place.to_string();
            if copy.keep(&path, &file.bytes).await? == Kept::Differs {
                return Err(MirrorError::Differs { path });
            }
        }
        tree = next;
    }
    if tree.root() != head.root || peaks.root() != head.root {
        return Err(MirrorError::Log(ClientError::Inconsistent("it changed while it was read")));
    }
    Ok(copy.replace("checkpoint", head.note.clone()).await?)
}
