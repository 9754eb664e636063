//! Proofs out of tiles, from our own store or from anybody's copy over HTTP; nothing read is believed unproven.

use std::collections::BTreeMap;

use bytes::Bytes;
use seal::merkle::Hash;
use verify::log::tile::Resource;

use super::client::ClientError;
use super::fetch::Fetch;
use super::ranges::{self, Range};
use super::store::Store;

/// A full bundle of longest entries: 256 * (2 + 65,535) bytes.
const RESOURCE_BYTES_MAX: usize = 256 * 65_537;

/// Where a log's resources come from.
#[derive(Clone)]
pub enum Source {
    Store(Store),
    Http { fetch: Fetch, base: String },
}

impl Source {
    /// A resource by its C2SP path, `None` if the other side has none.
    pub async fn get(&self, path: &str) -> Result<Option<Bytes>, ClientError> {
        match self {
            Source::Store(store) => store.read(path).await.map_err(|fault| ClientError::Unavailable(fault.what)),
            Source::Http { fetch, base } => {
                let answer = fetch.get(&format!("{base}/{path}"), RESOURCE_BYTES_MAX).await;
                let answer = answer.map_err(|no| ClientError::Unavailable(no.0))?;
                match answer.status {
                    200 => Ok(Some(answer.body)),
                    404 => Ok(None),
                    status => Err(ClientError::Unavailable(format!("{path}: status {status}"))),
                }
            }
        }
    }

    /// Tile (level, number) of a tree of `size`: its own width, or the full one once partials are swept (LOG-20).
    pub async fn tile(&self, level: u8, number: u64, size: u64) -> Result<Bytes, ClientError> {
        let width = ranges::tile_width(size, level, number);
        let exact = Resource::Tile { level, number, width };
        let full = Resource::Tile { level, number, width: 256 };
        let bytes = self.either(&exact.to_string(), &full.to_string()).await?;
        let wanted = usize::from(width) * 32;
        if bytes.len() == wanted || bytes.len() == 8_192 {
            Ok(bytes.slice(..wanted))
        } else {
            Err(ClientError::Inconsistent("a tile has another width than its name"))
        }
    }

    /// Entries of bundle `number` in a tree of `size`, not yet compared with any hash.
    pub async fn bundle(&self, number: u64, size: u64) -> Result<Vec<Vec<u8>>, ClientError> {
        let width = ranges::tile_width(size, 0, number);
        let exact = Resource::Entries { number, width };
        let full = Resource::Entries { number, width: 256 };
        let bytes = self.either(&exact.to_string(), &full.to_string()).await?;
        let mut entries = super::entries::decode(&bytes).map_err(|_| ClientError::Inconsistent("a bundle is cut off"))?;
        if entries.len() != usize::from(width) && entries.len() != 256 {
            return Err(ClientError::Inconsistent("a bundle has another width than its name"));
        }
        entries.truncate(usize::from(width));
        Ok(entries)
    }

    async fn either(&self, exact: &str, full: &str) -> Result<Bytes, ClientError> {
        if let Some(bytes) = self.get(exact).await? {
            return Ok(bytes);
        }
        let found = if exact == full { None } else { self.get(full).await? };
        // Any host between us and the log can leave one out: that is no second history.
        found.ok_or_else(|| ClientError::Unavailable(format!("{exact} of the signed tree is missing")))
    }

    /// Roots of `wanted`, all tiles fetched once.
    pub async fn roots(&self, wanted: &[Range], size: u64) -> Result<Vec<Hash>, ClientError> {
        let mut tiles: BTreeMap<(u8, u64), Bytes> = BTreeMap::new();
        let mut roots = Vec::new();
        for range in wanted {
            let mut hashes = Vec::new();
            for part in ranges::parts(*range) {
                let (level, number, _, _) = part.in_tile();
                let tile = match tiles.get(&(level, number)) {
                    Some(tile) => tile.clone(),
                    None => self.tile(level, number, size).await?,
                };
                hashes.push(ranges::hash_in_tile(part, &tile).ok_or(ClientError::Inconsistent("a tile is too short"))?);
                tiles.insert((level, number), tile);
            }
            roots.push(ranges::join(&hashes).ok_or(ClientError::Malformed("an empty range"))?);
        }
        Ok(roots)
    }

    /// RFC 6962 path of `index` in the tree of `size`, leaf's sibling first. The caller verifies it.
    pub async fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, ClientError> {
        if size <= index {
            return Err(ClientError::Malformed("index outside the tree"));
        }
        self.roots(&ranges::inclusion(index, size), size).await
    }

    /// RFC 6962 consistency path. The caller verifies it.
    pub async fn consistency(&self, old: u64, size: u64) -> Result<Vec<Hash>, ClientError> {
        if size < old {
            return Err(ClientError::Malformed("old size above the size"));
        }
        self.roots(&ranges::consistency(old, size), size).await
    }
}
