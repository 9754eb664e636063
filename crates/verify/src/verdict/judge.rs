//! The whole judgement, from contents to report.

use std::collections::{BTreeMap, BTreeSet};

use seal::catalogue::RecordType;
use seal::identity::{Category, Identity, Slot, SlotLen};

use super::case::{self, Case};
use super::contents::{Contents, Signature, Supplies};
use super::failure::{Failure, What};
use super::heads::Heads;
use super::promises::{self, Facts, LatePart, SlotFacts};
use super::replay::{Late, Replayed};
use super::report::{Place, Report, SlotReport, Trust};
use super::rows::Rows;
use super::salts;
use super::slot::{self, Bench, OpenedSlot};
use super::trustees;
use crate::evidence::EvidenceFile;
use crate::package::layout;
use crate::package::statement::SlotAnswer;
use crate::policy::{Policy, Source};
use crate::threads::share;

fn fail(rule: &'static str, what: What) -> Failure {
    Failure::new(rule, Place::Package, what)
}

fn blank(contents: &dyn Contents, signature: &Signature, trust: Trust, demo: bool) -> Report {
    let statement = contents.statement();
    Report {
        trust,
        demo,
        production: statement.production.clone(),
        signer: signature.signer.subject.clone(),
        stamp: signature.stamp.as_ref().map(|stamp| (stamp.time, stamp.is_pinned)),
        sole_holder: None,
        attested: None,
        judged_at: None,
        rows: statement.categories.iter().filter_map(|c| contents.rows(&c.category)).sum(),
        slots: Vec::new(),
        failures: Vec::new(),
    }
}

/// Without a policy: that the parts are of their formats and agree with each other. Nothing else is said, whatever the proofs say.
pub fn consistent(contents: &dyn Contents, signature: &Signature) -> Report {
    let mut report = blank(contents, signature, Trust::Nobody, contents.statement().is_demo);
    if let Err(failure) = agree(contents) {
        report.failures.push(failure);
    }
    report
}

fn agree(contents: &dyn Contents) -> Result<(), Failure> {
    let (order, intent) = case::documents(contents.log())?;
    let statement = contents.statement();
    if statement.order != order.record().record().hash() {
        return Err(fail("PKG-34", What::OtherOrder));
    }
    if statement.intent != intent.record().record().hash() {
        return Err(fail("PKG-34", What::OtherIntent));
    }
    for name in contents.evidence() {
        evidence(contents, &name)?;
    }
    Ok(())
}

fn evidence(contents: &dyn Contents, name: &str) -> Result<EvidenceFile, Failure> {
    let octets = contents.file(name, EvidenceFile::LEN_MAX).map_err(|e| Failure::inner("SEA-64", Place::Package, "evidence", e))?;
    EvidenceFile::parse(&octets).map_err(|e| Failure::inner(e.code(), Place::Package, "evidence", e))
}

/// Under a pinned policy: every promise for every hour, or the first contradictions found.
pub fn judge(contents: &dyn Contents, signature: &Signature, policy: &Policy, supplies: &Supplies<'_>) -> Report {
    let trust = Trust::Policy { name: policy.parts().name.clone(), hash: *policy.hash(), provider: policy.parts().provider_name.clone() };
    let mut report = blank(contents, signature, trust, policy.is_demo());
    report.sole_holder = policy.sole_holder().map(str::to_owned);
    if let Err(failures) = fill(&mut report, contents, policy, supplies) {
        report.slots.clear();
        report.failures = failures;
    }
    report
}

fn fill(report: &mut Report, contents: &dyn Contents, policy: &Policy, supplies: &Supplies<'_>) -> Result<(), Vec<Failure>> {
    let one = |failure| vec![failure];
    let public = Heads::new(policy.public());
    let files = read_all(contents, supplies.threads)?;
    let case = case::check(contents.log(), &files, policy, supplies.threads).map_err(one)?;
    check_statement(contents, policy, &case).map_err(one)?;
    let receipts = trustees::receipts(contents.log(), policy, &case).map_err(one)?;
    let replayed = supplies.public.map(|tiles| Replayed::read(tiles, policy, &public, case.now)).transpose().map_err(one)?;
    let bench = Bench { policy, public: &public, case: &case, segments: supplies.segments };
    let opened = open_all(contents, &bench, &files, supplies.threads)?;
    report.rows = check_rows(contents, &case, &opened)?;
    report.attested = case.attested.clone();
    report.judged_at = Some(case.now);
    let facts = Facts { policy, case: &case, receipts: &receipts };
    let mut failures = Vec::new();
    for answer in &contents.statement().slots {
        match slot_report(&facts, answer, opened.get(&key(answer)), replayed.as_ref()) {
            Ok(slot) => report.slots.push(slot),
            Err(failure) => failures.push(failure),
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures) }
}

type Key = (String, u64);

fn key(answer: &SlotAnswer) -> Key {
    (answer.category.clone(), answer.slot_no)
}

fn slot_place(answer: &SlotAnswer) -> Place {
    let len = u64::from(answer.slot_len);
    let start = answer.slot_no.saturating_mul(len);
    Place::Slot { category: answer.category.clone(), start, end: start.saturating_add(len) }
}

/// The slot of an answer, if it can be one.
fn slot_of(answer: &SlotAnswer) -> Option<(Category, Slot)> {
    let category = RecordType::of_slug(&answer.category)?.category();
    Some((category, Slot::new(SlotLen::new(answer.slot_len).ok()?, answer.slot_no).ok()?))
}

/// The statement against order, intent and policy: SEA-78, SEA-79, PKG-34, REL-14.
fn check_statement(contents: &dyn Contents, policy: &Policy, case: &Case) -> Result<(), Failure> {
    let statement = contents.statement();
    // SEA-78: a demo key is never valid in a policy without the flag, and never passes silently.
    if statement.is_demo != policy.is_demo() {
        return Err(fail("SEA-78", What::DemoMismatch));
    }
    let order = case.order.record().record();
    if statement.order != order.hash() {
        return Err(fail("PKG-34", What::OtherOrder));
    }
    if statement.intent != case.intent.record().record().hash() {
        return Err(fail("PKG-34", What::OtherIntent));
    }
    let original = order.original_hash().filter(|hash| *hash != [0; 32]);
    if statement.original != original || original.is_some_and(|hash| !contents.orders().contains(&hash)) {
        return Err(fail("LOG-101", What::OriginalMissing));
    }
    for answer in &statement.categories {
        let rule = RecordType::of_slug(&answer.category).and_then(|t| policy.category(t.category()));
        let readable = match rule.map(|rule| rule.source) {
            Some(Source::OnlySealed) => None,
            Some(Source::Readable { days }) => Some(days),
            None => return Err(fail("SEA-79", What::SourceDiffers)),
        };
        if readable != answer.readable_days {
            return Err(fail("SEA-79", What::SourceDiffers));
        }
    }
    check_slots(contents, case)?;
    check_items(contents, case)
}

/// Every hour of the intent is answered, no hour outside the order is, and wholly only what the period holds (SEA-64).
fn check_slots(contents: &dyn Contents, case: &Case) -> Result<(), Failure> {
    let mut answered = BTreeSet::new();
    let asked: BTreeSet<(Category, Slot)> = case.identities.iter().map(|id| (id.category(), id.slot())).collect();
    for answer in &contents.statement().slots {
        let others = || Failure::new("PKG-34", slot_place(answer), What::SlotsOfOthers);
        let (category, slot) = slot_of(answer).ok_or_else(others)?;
        let mut scope = case.order.scope().items();
        if !scope.any(|item| item.names(item.selector(), category, slot)) {
            return Err(others());
        }
        let period = case.order.record().record().period();
        let is_whole = period.is_some_and(|period| period.holds(slot.start(), slot.end()));
        match (answer.is_covered_wholly, is_whole) {
            (true, false) => return Err(Failure::new("SEA-64", slot_place(answer), What::EvidenceTooMuch)),
            // Else "covered in part" would be a way to have the provider's word taken where proof is owed.
            (false, true) if asked.contains(&(category, slot)) => {
                return Err(Failure::new("SEA-64", slot_place(answer), What::EvidenceMissing));
            }
            _ => {}
        }
        answered.insert((category, slot));
    }
    if !asked.is_subset(&answered) {
        return Err(fail("PKG-34", What::SlotsOfOthers));
    }
    Ok(())
}

/// Every ordered person and category that touches an answered hour has an item, and every item was ordered (SEA-53).
fn check_items(contents: &dyn Contents, case: &Case) -> Result<(), Failure> {
    let statement = contents.statement();
    let others = || fail("SEA-53", What::ItemsOfOthers);
    let period = case.order.record().record().period().ok_or_else(others)?;
    let slug = |category: Category| RecordType::of_category(category).map(RecordType::slug);
    let ordered: BTreeSet<(String, &str)> =
        case.order.scope().items().filter_map(|i| Some((i.selector().to_string(), slug(i.category())?))).collect();
    let answered: BTreeSet<(String, &str)> = statement.items.iter().map(|i| (i.selector.clone(), i.category.as_str())).collect();
    let inside = statement.items.iter().all(|item| period.holds(item.from, item.until));
    if !inside || !answered.is_subset(&ordered) {
        return Err(others());
    }
    let slots: Vec<(Category, Slot)> = statement.slots.iter().filter_map(slot_of).collect();
    for item in case.order.scope().items() {
        let touches = slots.iter().any(|(category, slot)| item.names(item.selector(), *category, *slot));
        let name = (item.selector().to_string(), slug(item.category()).unwrap_or_default());
        if touches && !answered.contains(&name) {
            return Err(others());
        }
    }
    // Nothing can have been held back where no slot is trimmed.
    if statement.slots.iter().all(|slot| slot.is_covered_wholly) && statement.items.iter().any(|item| item.held_back != 0) {
        return Err(fail("SEA-53", What::HeldBack));
    }
    Ok(())
}

/// Every evidence file of the statement's wholly covered slots, in their order. Files are read one after another and taken
/// apart beside each other: each U is decompressed and checked for its subgroup.
fn read_all(contents: &dyn Contents, threads: usize) -> Result<Vec<EvidenceFile>, Vec<Failure>> {
    let mut raw = Vec::new();
    for answer in contents.statement().slots.iter().filter(|slot| slot.is_covered_wholly) {
        let octets = contents.file(&layout::evidence(&answer.category, answer.slot_no), EvidenceFile::LEN_MAX);
        raw.push((answer, octets.map_err(|e| vec![Failure::inner("SEA-64", slot_place(answer), "evidence", e)])?));
    }
    let parsed = share(&raw, threads, |(answer, octets)| {
        let file = EvidenceFile::parse(octets).map_err(|e| Failure::inner(e.code(), slot_place(answer), "evidence", e))?;
        match slot_of(answer) == Some((file.category, file.slot)) {
            true => Ok(file),
            false => Err(Failure::new("SEA-64", slot_place(answer), What::EvidenceOfOthers)),
        }
    });
    all_or_failures(parsed)
}

fn all_or_failures<T>(results: Vec<Result<T, Failure>>) -> Result<Vec<T>, Vec<Failure>> {
    let (mut all, mut failures) = (Vec::with_capacity(results.len()), Vec::new());
    for result in results {
        match result {
            Ok(value) => all.push(value),
            Err(failure) => failures.push(failure),
        }
    }
    if failures.is_empty() { Ok(all) } else { Err(failures) }
}

/// Opens every evidence file; `files` are those of [`read_all`], in the order of the statement's slots.
fn open_all(
    contents: &dyn Contents,
    bench: &Bench<'_>,
    files: &[EvidenceFile],
    threads: usize,
) -> Result<BTreeMap<Key, OpenedSlot>, Vec<Failure>> {
    let runs: Vec<&[EvidenceFile]> = files.chunks(slot::KEY_RUN).collect();
    let keys: Vec<slot::Keys> = share(&runs, threads, |run| slot::check_keys(bench.policy, run)).into_iter().flatten().collect();
    let wholly = contents.statement().slots.iter().filter(|slot| slot.is_covered_wholly);
    let all: Vec<(&SlotAnswer, &EvidenceFile, &slot::Keys)> = wholly.zip(files).zip(&keys).map(|((a, f), k)| (a, f, k)).collect();
    let opened = share(&all, threads, |(answer, file, keys)| {
        let slot = slot::open(bench, file, keys, &slot_place(answer))?;
        if slot.epochs != u64::from(answer.epochs) || slot.late_epochs != u64::from(answer.late_epochs) {
            return Err(Failure::new("SEA-81", slot_place(answer), What::EpochCount));
        }
        Ok((key(answer), slot))
    });
    Ok(all_or_failures(opened)?.into_iter().collect())
}

/// Row for row in every opened hour, and in each hour only of those whose keys were asked for; gives the number of rows.
fn check_rows(contents: &dyn Contents, case: &Case, opened: &BTreeMap<Key, OpenedSlot>) -> Result<u64, Vec<Failure>> {
    let mut count = 0;
    let asked = |selector: &str, answer: &SlotAnswer| {
        let of_it = |(category, slot)| move |id: &&Identity| id.category() == category && id.slot() == slot;
        slot_of(answer).is_some_and(|place| case.identities.iter().filter(of_it(place)).any(|id| id.selector().to_string() == selector))
    };
    let mut failures = Vec::new();
    for category in contents.statement().categories.iter().map(|c| c.category.as_str()) {
        let rows = Rows::read(contents, category).map_err(|failure| vec![failure])?;
        count += rows.count;
        for answer in contents.statement().slots.iter().filter(|slot| slot.category == category) {
            // REL-14: without a key nothing was opened, so the row cannot be of a sealed record.
            if !rows.people(answer.slot_no).all(|selector| asked(selector, answer)) {
                failures.push(Failure::new("REL-14", slot_place(answer), What::RowWithoutKey));
                continue;
            }
            let Some(slot) = opened.get(&key(answer)) else { continue };
            if !rows.are(answer.slot_no, &slot.records) {
                failures.push(Failure::new("SEA-65", slot_place(answer), What::RowsDiffer));
            }
        }
    }
    if failures.is_empty() { Ok(count) } else { Err(failures) }
}

fn slot_report(
    facts: &Facts<'_>,
    answer: &SlotAnswer,
    opened: Option<&OpenedSlot>,
    replayed: Option<&Replayed>,
) -> Result<SlotReport, Failure> {
    let place = slot_place(answer);
    let others = Failure::new("PKG-34", place.clone(), What::SlotsOfOthers);
    let (category, slot) = slot_of(answer).ok_or(others)?;
    let absent = salts::absent_in(facts.case, category, slot, place.clone())?;
    let salted = salts::needed_in(facts.case, category, slot);
    let late = match (opened, replayed) {
        (Some(opened), Some(replayed)) => match replayed.late(slot, opened, facts.case) {
            Late::AllShown => LatePart::Replayed(replayed.entries),
            Late::Undecided => LatePart::Undecided,
            Late::HeaderAlone => LatePart::HeaderAlone,
            Late::Missing => return Err(Failure::new("SEA-63", place, What::LateEpochMissing)),
            Late::SecondClose => return Err(Failure::new("SEA-81", place, What::SecondSlotClose)),
            Late::Uncounted => return Err(Failure::new("SEA-81", place, What::SegmentUncounted)),
        },
        _ => LatePart::Unseen,
    };
    let asked = facts.case.identities.iter().any(|id| id.category() == category && id.slot() == slot);
    let slot_facts = SlotFacts { category, slot, opened, late, absent, salted, asked };
    Ok(SlotReport {
        category: answer.category.clone(),
        start: slot.start(),
        end: slot.end(),
        is_covered_wholly: answer.is_covered_wholly,
        cells: promises::cells(facts, &slot_facts),
    })
}
