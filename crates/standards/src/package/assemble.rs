//! From a draft to all files that are signed.

use super::part::{self, Part, Parts, insert, sums};
use super::{Failure, PackageDraft, QueryRun, Refusal, Table, case, cover};
use std::collections::BTreeMap;
use verify::package::asic::AsicManifest;
use verify::package::bag::{self, Algorithm};
use verify::package::digest::sha256;
use verify::package::json::{LINE_LEN_MAX, Value};
use verify::package::queries::{self, Query};
use verify::package::statement::CompletenessStatement;
use verify::package::{layout, schema, table};

/// All files but the signature. The same draft gives the same octets.
pub struct Assembled {
    pub(super) parts: Parts,
    pub(super) manifest: Vec<u8>,
    pub(super) production: String,
}

impl PackageDraft {
    /// Makes every file and its digests. Nothing is written. Refuses names that do not fit and a statement that
    /// contradicts itself; that all parts agree is checked when the package is signed, by the reader itself.
    pub fn assemble(self) -> Result<Assembled, Failure> {
        self.statement.check()?;
        let mut parts = Parts::new();
        let mut lines: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
        for table in &self.tables {
            let rows = rows(table)?;
            insert_table(&mut parts, table, &rows)?;
            lines.insert(table.record_type.slug().to_owned(), rows.into_iter().map(|(line, _)| line).collect());
        }
        for file in self.order {
            let name = layout::order(&file.name);
            if file.name.contains('/') {
                return Err(Refusal::Name { name }.into());
            }
            insert(&mut parts, name, Part::new(file.content)?)?;
        }
        for file in self.evidence {
            insert(&mut parts, layout::evidence(&file.category, file.slot_no), Part::new(file.content)?)?;
        }
        let queries = runs(&self.queries, &lines);
        insert(&mut parts, layout::QUERIES.to_owned(), Part::bytes(queries::to_bytes(&queries)))?;
        insert(&mut parts, layout::STATEMENT.to_owned(), Part::bytes(self.statement.to_bytes()))?;
        for language in layout::LANGUAGES {
            let page = cover::page(language, &self.statement).into_bytes();
            insert(&mut parts, layout::readme(language), Part::bytes(page))?;
        }
        let case = case::document(&self.statement, &self.actions, &self.queries, &sums(&parts));
        insert(&mut parts, layout::CASE.to_owned(), Part::bytes(case))?;
        insert(&mut parts, layout::LOG_FILE.to_owned(), Part::bytes(self.log.to_bytes()))?;
        insert_bag(&mut parts, &self.statement)?;
        let manifest = AsicManifest::of_package(&sums(&parts)).to_bytes();
        insert(&mut parts, layout::ASIC_MANIFEST.to_owned(), Part::bytes(manifest.clone()))?;
        Ok(Assembled { parts, manifest, production: self.statement.production })
    }
}

/// Each row as (JSONL line, CSV line).
fn rows(table: &Table) -> Result<Vec<(Vec<u8>, String)>, Refusal> {
    let columns = table::columns(table.record_type);
    let file = layout::records_jsonl(table.record_type.slug());
    let mut out = Vec::with_capacity(table.rows.len());
    for (number, row) in (1u64..).zip(&table.rows) {
        let malformed = Refusal::NotReadable(verify::package::Refusal::Row { file: file.clone(), line: number });
        if row.record.record_type() != table.record_type {
            return Err(malformed);
        }
        let value = Value::parse(row.record.json_line().as_bytes(), LINE_LEN_MAX);
        let Ok(Value::Object(mut members)) = value else { return Err(malformed) };
        members.insert(table::ROW_ID.to_owned(), number.into());
        members.insert(table::ITEM.to_owned(), u64::from(row.item).into());
        let csv = table::csv_row(&columns, &members).ok_or(malformed)?;
        out.push((Value::Object(members).to_document(), csv));
    }
    Ok(out)
}

fn insert_table(parts: &mut Parts, table: &Table, rows: &[(Vec<u8>, String)]) -> Result<(), Refusal> {
    let category = table.record_type.slug();
    let jsonl: Vec<u8> = rows.iter().flat_map(|(line, _)| line.iter().copied()).collect();
    let mut csv = table::csv_header(table.record_type);
    csv.extend(rows.iter().map(|(_, line)| line.as_str()));
    insert(parts, layout::records_jsonl(category), Part::bytes(jsonl))?;
    insert(parts, layout::records_csv(category), Part::bytes(csv.into_bytes()))?;
    insert(parts, layout::schema(category), Part::bytes(schema::json_schema_of_rows(table.record_type)))?;
    insert(parts, layout::dictionary(category), Part::bytes(schema::dictionary(table.record_type)))
}

/// Queries with their places and digests. A run beyond the rows gives a digest over fewer lines, which the reader refuses.
fn runs(queries: &[QueryRun], lines: &BTreeMap<String, Vec<Vec<u8>>>) -> Vec<Query> {
    let mut next: BTreeMap<&str, u64> = BTreeMap::new();
    let mut out = Vec::with_capacity(queries.len());
    for query in queries {
        let first = next.entry(&query.category).or_insert(1);
        let rows = lines.get(&query.category).map(Vec::as_slice).unwrap_or_default();
        let run: Vec<&[u8]> = rows.iter().skip(*first as usize - 1).take(query.rows as usize).map(Vec::as_slice).collect();
        out.push(Query {
            category: query.category.clone(),
            query_sha256: query.query_sha256,
            connector: query.connector.clone(),
            connector_version: query.connector_version.clone(),
            snapshot: query.snapshot.clone(),
            first_row: if query.rows == 0 { 0 } else { *first },
            rows: query.rows,
            rows_sha256: sha256(&run),
        });
        *first = first.saturating_add(query.rows);
    }
    out
}

/// The bag's own files. Each manifest lists what stands before it, so the order matters.
fn insert_bag(parts: &mut Parts, statement: &CompletenessStatement) -> Result<(), Refusal> {
    let put = |parts: &mut Parts, name: &str, bytes: Vec<u8>| insert(parts, name.to_owned(), part::Part::bytes(bytes));
    put(parts, layout::MIMETYPE, layout::MIMETYPE_TEXT.to_vec())?;
    put(parts, layout::BAGIT, bag::DECLARATION.to_vec())?;
    let files = sums(parts);
    put(parts, layout::BAG_INFO, bag::info(statement, &files))?;
    put(parts, layout::MANIFEST_256, bag::payload_manifest(Algorithm::Sha256, &files))?;
    put(parts, layout::MANIFEST_512, bag::payload_manifest(Algorithm::Sha512, &files))?;
    let files = sums(parts);
    put(parts, layout::TAG_MANIFEST_256, bag::tag_manifest(Algorithm::Sha256, &files))?;
    put(parts, layout::TAG_MANIFEST_512, bag::tag_manifest(Algorithm::Sha512, &files))
}
