//! Commits: what the sealer has finished, in order. The format `waarborg-sealer-commit/v1`, kept in the store, never published.

use std::collections::BTreeMap;

use seal::digest::sha256;
use seal::epoch::EpochHeader;
use seal::identity::Category;
use seal::merkle::Hash;
use seal::salt_map::SaltRoot;
use seal::segment::SegmentLeaf;
use sources::Position;
use verify::calendar::Day;
use verify::document::{DocumentError, Reader, Words, Writer, canonical};
use verify::spelling;

/// 16 MiB: about 80,000 records ahead, far above what a minute of stragglers brings.
const LEN_MAX: usize = 1 << 24;
const HEADER: &str = "waarborg-sealer-commit/v1";

/// One commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// From 0, without gaps.
    pub seq: u64,
    /// SHA-256 of the commit before; zeros for the first.
    pub previous: Hash,
    /// Unix seconds, by the sealer's clock.
    pub time: u64,
    /// Where each source is read again after a crash.
    pub sources: BTreeMap<String, SourceState>,
    pub done: Done,
}

/// One source at a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceState {
    /// Everything up to here is in committed epochs or refused.
    pub position: Position,
    /// Digests of records after the position that are in committed epochs, ascending; a repeated one stands for two equal records.
    pub ahead: Vec<Hash>,
}

/// What the commit finishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// The sealer exists; slots are closed from this second on.
    Begun { first_slot: u64 },
    /// Epochs closed together.
    Epochs(Vec<CommittedEpoch>),
    /// Slots that are over, in order, and the salt maps that go before them.
    Slots { salt_maps: Vec<(Day, SaltRoot)>, slots: Vec<CommittedSlot> },
    /// A retention key destroyed (SEA-48).
    Shredded { category: Category, day: Day, retention_id: [u8; 16], receipt: Hash },
}

/// An epoch with its category, which its header does not tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedEpoch {
    pub category: Category,
    pub header: EpochHeader,
    pub leaf: SegmentLeaf,
}

/// SEA-81.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommittedSlot {
    pub from: u64,
    pub to: u64,
    pub epochs: u64,
    pub root: Hash,
}

impl Commit {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new(HEADER);
        out.line("seq", self.seq).line("previous", spelling::hex(&self.previous)).line("time", self.time);
        for (name, state) in &self.sources {
            // Names and positions are the sources' own text: base64 keeps any of it on one line.
            let position = spelling::base64(state.position.0.as_bytes());
            out.line("source", format_args!("{} {}", spelling::base64(name.as_bytes()), if position.is_empty() { "-" } else { &position }));
            for digest in &state.ahead {
                out.line("ahead", spelling::hex(digest));
            }
        }
        match &self.done {
            Done::Begun { first_slot } => {
                out.line("begun", first_slot);
            }
            Done::Epochs(epochs) => {
                for epoch in epochs {
                    let (header, leaf) = (epoch.header.to_bytes(), epoch.leaf.to_bytes());
                    let (header, leaf) = (spelling::base64(&header), spelling::base64(&leaf));
                    out.line("epoch", format_args!("{} {header} {leaf}", epoch.category.number()));
                }
            }
            Done::Slots { salt_maps, slots } => {
                for (day, map) in salt_maps {
                    out.line("salt-map", format_args!("{day} {} {}", map.count, spelling::hex(&map.root)));
                }
                for slot in slots {
                    out.line("slot", format_args!("{} {} {} {}", slot.from, slot.to, slot.epochs, spelling::hex(&slot.root)));
                }
            }
            Done::Shredded { category, day, retention_id, receipt } => {
                let (id, receipt) = (spelling::hex(retention_id), spelling::hex(receipt));
                out.line("shredded", format_args!("{} {day} {id} {receipt}", category.number()));
            }
        }
        out.finish()
    }

    pub fn parse(octets: &[u8]) -> Result<Commit, DocumentError> {
        let mut reader = Reader::open(octets, HEADER, LEN_MAX)?;
        let seq = reader.decimal("seq")?;
        let previous = reader.parsed("previous", spelling::from_hex_exact::<32>)?;
        let time = reader.decimal("time")?;
        let mut sources = BTreeMap::new();
        while let Some((name, position)) = reader.parsed_if("source", read_source)? {
            let ahead = reader.all("ahead", spelling::from_hex_exact::<32>)?;
            sources.insert(name, SourceState { position, ahead });
        }
        let done = read_done(&mut reader)?;
        reader.end()?;
        let commit = Commit { seq, previous, time, sources, done };
        canonical(octets, &commit.to_bytes())?;
        Ok(commit)
    }

    /// What the next commit names as `previous`.
    pub fn hash(&self) -> Hash {
        sha256(&[&self.to_bytes()])
    }
}

fn read_done(reader: &mut Reader<'_>) -> Result<Done, DocumentError> {
    if reader.at("begun") {
        return Ok(Done::Begun { first_slot: reader.decimal("begun")? });
    }
    if reader.at("shredded") {
        return reader.parsed("shredded", read_shredded);
    }
    if reader.at("epoch") {
        return Ok(Done::Epochs(reader.all("epoch", read_epoch)?));
    }
    let salt_maps = reader.all("salt-map", read_map)?;
    Ok(Done::Slots { salt_maps, slots: reader.all("slot", read_slot)? })
}

fn read_source(line: &str) -> Option<(String, Position)> {
    let mut words = Words::new(line);
    let name = String::from_utf8(spelling::from_base64(words.word()?)?).ok()?;
    let position = match words.word()? {
        "-" => String::new(),
        text => String::from_utf8(spelling::from_base64(text)?).ok()?,
    };
    words.end((name, Position(position)))
}

fn read_epoch(line: &str) -> Option<CommittedEpoch> {
    let mut words = Words::new(line);
    let category = Category::new(words.small()?).ok()?;
    let header = EpochHeader::parse(&spelling::from_base64(words.word()?)?).ok()?;
    let leaf = SegmentLeaf::parse(&spelling::from_base64(words.word()?)?).ok()?;
    words.end(CommittedEpoch { category, header, leaf })
}

fn read_map(line: &str) -> Option<(Day, SaltRoot)> {
    let mut words = Words::new(line);
    let day = Day::parse(words.word()?)?;
    let map = SaltRoot { count: words.decimal()?, root: words.hex()? };
    words.end((day, map))
}

fn read_slot(line: &str) -> Option<CommittedSlot> {
    let mut words = Words::new(line);
    let slot = CommittedSlot { from: words.decimal()?, to: words.decimal()?, epochs: words.decimal()?, root: words.hex()? };
    words.end(slot)
}

fn read_shredded(line: &str) -> Option<Done> {
    let mut words = Words::new(line);
    let category = Category::new(words.small()?).ok()?;
    let day = Day::parse(words.word()?)?;
    let shredded = Done::Shredded { category, day, retention_id: words.hex()?, receipt: words.hex()? };
    words.end(shredded)
}
