//! The structure layer: every file is listed, digested, and of its form; the documents agree with the rows.

use super::asic::AsicManifest;
use super::bag::{self, Algorithm};
use super::digest::{Sha256, Sums};
use super::json::Value;
use super::layout::{self, Layout};
use super::queries::{self, Query};
use super::statement::CompletenessStatement;
use super::table::{self, Counted, Run};
use super::{ConsistentPackage, LogFile, RawPackage, Refusal, SignedPackage, StampPin, json, schema, signed};
use seal::catalogue::RecordType;
use std::collections::BTreeMap;

/// A package whose structure is right: layout, bag, ASiC manifest, documents and rows agree. Who signed it is open.
pub struct Package<'a> {
    raw: RawPackage<'a>,
    files: BTreeMap<String, Sums>,
    layout: Layout,
    statement: CompletenessStatement,
    log: LogFile,
    queries: Vec<Query>,
    rows: BTreeMap<String, u64>,
}

impl<'a> Package<'a> {
    pub(super) fn check(raw: RawPackage<'a>) -> Result<Package<'a>, Refusal> {
        let layout = Layout::of(raw.names())?;
        let files = raw.sums()?;
        let reading = Reading { raw: &raw, files: &files };
        if reading.file(layout::MIMETYPE, layout::MIMETYPE_TEXT.len())? != layout::MIMETYPE_TEXT {
            return Err(Refusal::MimeType);
        }
        reading.check_asic()?;
        let statement = CompletenessStatement::parse(&reading.file(layout::STATEMENT, json::DOCUMENT_LEN_MAX + 1)?)?;
        reading.check_bag(&statement)?;
        let log = LogFile::parse(&reading.file(layout::LOG_FILE, json::DOCUMENT_LEN_MAX + 1)?)?;
        let queries = queries::parse(&reading.file(layout::QUERIES, json::DOCUMENT_LEN_MAX + 1)?)?;
        let case = reading.file(layout::CASE, json::DOCUMENT_LEN_MAX + 1)?;
        Value::parse_document(&case).map_err(|error| Refusal::Json { file: layout::CASE.to_owned(), error })?;
        check_evidence(&statement, &layout)?;
        let rows = reading.check_rows(&statement, &layout, &queries)?;
        Ok(Package { raw, files, layout, statement, log, queries, rows })
    }

    /// Names of all files, in container order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.raw.names()
    }
    /// Names of the files in `data/evidence/`, ascending by octets. One for each slot that the statement calls covered wholly.
    pub fn evidence(&self) -> Vec<String> {
        self.layout.evidence.iter().cloned().collect()
    }
    /// Names of the files in `data/order/`, ascending by octets.
    pub fn orders(&self) -> Vec<String> {
        self.layout.orders.iter().cloned().collect()
    }
    /// A whole file of at most `len_max` octets (PKG-01). Its SHA-256 is compared again with the one that was checked.
    pub fn file(&self, name: &str, len_max: usize) -> Result<Vec<u8>, Refusal> {
        Reading { raw: &self.raw, files: &self.files }.file(name, len_max)
    }
    /// Size in octets of a file.
    pub fn size(&self, name: &str) -> Option<u64> {
        self.files.get(name).map(|sums| sums.size)
    }
    /// SHA-256 of a file.
    pub fn digest(&self, name: &str) -> Option<[u8; 32]> {
        self.files.get(name).map(|sums| sums.sha256)
    }
    /// SHA-256 of META-INF/ASiCManifest.xml: what the receipt leaf commits to, with [`Package::signature_digest`].
    pub fn manifest_digest(&self) -> [u8; 32] {
        self.digest(layout::ASIC_MANIFEST).unwrap_or_default()
    }
    /// SHA-256 of META-INF/signature.p7s.
    pub fn signature_digest(&self) -> [u8; 32] {
        self.digest(layout::SIGNATURE).unwrap_or_default()
    }
    pub fn statement(&self) -> &CompletenessStatement {
        &self.statement
    }
    pub fn log(&self) -> &LogFile {
        &self.log
    }
    pub fn queries(&self) -> &[Query] {
        &self.queries
    }
    /// Rows of a category, counted by reading the JSONL file.
    pub fn rows(&self, category: &str) -> Option<u64> {
        self.rows.get(category).copied()
    }
    pub(super) fn has_stamp(&self) -> bool {
        self.layout.has_stamp
    }

    /// The package, if its signature verifies and the signer's certificate has the SHA-256 that the policy names.
    /// Refuses PKG-40 to PKG-53.
    pub fn signed_by(self, certificate: &[u8; 32], stamp: StampPin) -> Result<SignedPackage<'a>, Refusal> {
        signed::by_pinned(self, certificate, stamp)
    }
    /// The package, if its signature verifies under the certificate inside. Says nothing about who that is.
    /// Refuses PKG-40 to PKG-53, PKG-46 apart.
    pub fn signed_by_anyone(self) -> Result<ConsistentPackage<'a>, Refusal> {
        signed::by_anyone(self)
    }
}

/// A container whose bytes have been summed.
struct Reading<'r, 'a> {
    raw: &'r RawPackage<'a>,
    files: &'r BTreeMap<String, Sums>,
}

impl Reading<'_, '_> {
    fn sums(&self, name: &str) -> Result<&Sums, Refusal> {
        self.files.get(name).ok_or_else(|| Refusal::Layout { file: name.to_owned() })
    }

    fn file(&self, name: &str, len_max: usize) -> Result<Vec<u8>, Refusal> {
        self.raw.file(name, len_max, self.sums(name)?)?.ok_or(Refusal::Size { what: "a file" })
    }

    /// PKG-20 to PKG-22. First of all, because it is what the signature covers.
    fn check_asic(&self) -> Result<(), Refusal> {
        let bytes = self.file(layout::ASIC_MANIFEST, AsicManifest::len_max(self.files.len()))?;
        let manifest = AsicManifest::parse(&bytes, layout::ASIC_MANIFEST, layout::SIGNATURE)?;
        manifest.check(&AsicManifest::of_package(self.files))
    }

    /// PKG-10 to PKG-13: the texts that follow from the files are the texts that are there.
    fn check_bag(&self, statement: &CompletenessStatement) -> Result<(), Refusal> {
        let is = |name: &str, expected: &[u8]| self.sums(name).map(|sums| *sums == Sums::of(expected));
        if !is(layout::BAGIT, bag::DECLARATION)? {
            return Err(Refusal::BagDeclaration);
        }
        if !is(layout::BAG_INFO, &bag::info(statement, self.files))? {
            return Err(Refusal::BagInfo);
        }
        for (name, algorithm) in [(layout::MANIFEST_256, Algorithm::Sha256), (layout::MANIFEST_512, Algorithm::Sha512)] {
            if !is(name, &bag::payload_manifest(algorithm, self.files))? {
                return Err(Refusal::PayloadManifest { file: name.to_owned() });
            }
        }
        for (name, algorithm) in [(layout::TAG_MANIFEST_256, Algorithm::Sha256), (layout::TAG_MANIFEST_512, Algorithm::Sha512)] {
            if !is(name, &bag::tag_manifest(algorithm, self.files))? {
                return Err(Refusal::TagManifest { file: name.to_owned() });
            }
        }
        Ok(())
    }

    /// PKG-31 to PKG-35: rows of every category against schema, CSV twin, statement and queries.
    fn check_rows(&self, statement: &CompletenessStatement, layout: &Layout, queries: &[Query]) -> Result<BTreeMap<String, u64>, Refusal> {
        let mut rows = BTreeMap::new();
        if !statement.categories.iter().map(|c| &c.category).eq(&layout.categories) {
            return Err(Refusal::Statement { what: "its categories are not those of data/records" });
        }
        if !queries.iter().all(|query| layout.categories.contains(&query.category)) {
            return Err(Refusal::Queries { what: "a query of a category without rows file" });
        }
        for category in &layout.categories {
            let [schema_file, dictionary_file] = [layout::schema(category), layout::dictionary(category)];
            let unknown = Refusal::Column { file: schema_file.clone(), line: 1 };
            let record_type = RecordType::of_slug(category).ok_or(unknown.clone())?;
            let is_schema = *self.sums(&schema_file)? == Sums::of(&schema::json_schema_of_rows(record_type));
            if !is_schema || *self.sums(&dictionary_file)? != Sums::of(&schema::dictionary(record_type)) {
                return Err(unknown);
            }
            let claims: Vec<&Query> = queries.iter().filter(|query| query.category == *category).collect();
            let mut runs: Vec<Run> = claims.iter().map(|q| Run { first_row: q.first_row, rows: q.rows, digest: Sha256::new() }).collect();
            let [jsonl, csv] = [layout::records_jsonl(category), layout::records_csv(category)];
            let jsonl = self.raw.reader(&jsonl, self.sums(&jsonl)?)?;
            let csv = self.raw.reader(&csv, self.sums(&csv)?)?;
            let counted = table::check(record_type, jsonl, csv, &mut runs)?;
            check_queries(&claims, runs, counted.rows)?;
            check_items(statement, category, &counted)?;
            rows.insert(category.clone(), counted.rows);
        }
        Ok(rows)
    }
}

/// PKG-35: the queries of a category cover its rows without gap or overlap, and their digests fit.
fn check_queries(claims: &[&Query], runs: Vec<Run>, rows: u64) -> Result<(), Refusal> {
    let mut next = 1;
    for (claim, run) in claims.iter().zip(runs) {
        let first = if claim.rows == 0 { 0 } else { next };
        if claim.first_row != first {
            return Err(Refusal::Queries { what: "the runs of rows have a gap or overlap" });
        }
        if run.digest.finish() != claim.rows_sha256 {
            return Err(Refusal::Queries { what: "a digest does not fit the rows" });
        }
        next = claim.rows.checked_add(next).ok_or(Refusal::Queries { what: "a count is too large" })?;
    }
    if next - 1 != rows {
        return Err(Refusal::Queries { what: "the counts do not add up to the rows" });
    }
    Ok(())
}

/// PKG-34: every item has the rows that it claims, and every row belongs to an item of its category.
fn check_items(statement: &CompletenessStatement, category: &str, counted: &Counted) -> Result<(), Refusal> {
    let mut claimed = 0;
    for (number, item) in (1u64..).zip(&statement.items).filter(|(_, item)| item.category == category) {
        let span = counted.items.get(&number).cloned().unwrap_or_default();
        let text = |end: &Option<(u64, String)>| end.as_ref().map(|(_, text)| text.clone());
        if item.rows != span.rows || item.first != text(&span.first) || item.last != text(&span.last) {
            return Err(Refusal::Statement { what: "counts, first or last of an item differ from the rows" });
        }
        claimed += span.rows;
    }
    if claimed != counted.rows {
        return Err(Refusal::Statement { what: "a row that belongs to no item of its category" });
    }
    Ok(())
}

/// PKG-34: an evidence file for each slot that is covered wholly, and for no other (SEA-64).
fn check_evidence(statement: &CompletenessStatement, layout: &Layout) -> Result<(), Refusal> {
    let wholly = statement.slots.iter().filter(|slot| slot.is_covered_wholly);
    let expected = wholly.map(|slot| layout::evidence(&slot.category, slot.slot_no)).collect();
    if layout.evidence != expected {
        return Err(Refusal::Statement { what: "the evidence files are not those of the slots covered wholly" });
    }
    Ok(())
}
