//! The lines of each kind.

use seal::identity::ProviderId;

use super::*;
use crate::document::{Reader, Words, Writer, canonical, free_text};
use crate::spelling::{base64, from_base64, from_base64_exact, from_hex_exact, hex};

const FIRST: &str = "waarborg-public/v1";

type Read<T> = Result<T, DocumentError>;

pub(super) fn read(text: &str) -> Read<Statement> {
    if Statement::LEN_MAX < text.len() {
        return Err(DocumentError::TooLong { len_max: Statement::LEN_MAX });
    }
    let wrong = DocumentError::WrongHeader { expected: FIRST };
    let (first, body) = text.split_once('\n').ok_or(wrong.clone())?;
    let kind = first.strip_prefix(FIRST).and_then(|k| k.strip_prefix(' ')).ok_or(wrong.clone())?;
    let mut r = Reader::inside(body.as_bytes());
    let statement = match read_kind(kind, &mut r)? {
        Some(statement) => statement,
        // LOG-44: a later version's kind is no error, but it must be a word, or the first line would have two readings.
        None if kind.split(' ').all(|w| !w.is_empty()) => {
            return Ok(Statement::Unknown { kind: kind.to_owned(), text: body.to_owned() });
        }
        None => return Err(wrong),
    };
    r.end()?;
    canonical(text.as_bytes(), write(&statement).as_bytes())?;
    Ok(statement)
}

fn read_kind(kind: &str, r: &mut Reader<'_>) -> Read<Option<Statement>> {
    Ok(Some(match kind {
        "ceremony" => Statement::Ceremony(read_ceremony(r)?),
        "policy" => Statement::Policy(read_policy(r)?),
        "registry" => Statement::Registry(RegistryNotice {
            registry_hash: r.parsed("registry", from_hex_exact::<32>)?,
            wait_hours: r.parsed("wait-hours", |v| Words::new(v).small())?,
        }),
        "epoch" => Statement::Epoch(r.parsed("header", |v| EpochHeader::parse(&from_base64_exact::<240>(v)?).ok())?),
        "segment" => Statement::Segment(r.parsed("leaf", |v| SegmentLeaf::parse(&from_base64_exact::<144>(v)?).ok())?),
        "slot-close" => Statement::SlotClose(read_slot_close(r)?),
        "segment-sorted" => Statement::SegmentSorted(read_sorted(r)?),
        "salt-map" => Statement::SaltMap(SaltMapRoot {
            provider: provider(r)?,
            day: r.parsed("day", Day::parse)?,
            through: r.decimal("through")?,
            leaves: r.decimal("leaves")?,
            root: r.bytes("root")?,
        }),
        "emergency-count" => Statement::EmergencyCount(EmergencyCount {
            day: r.parsed("day", Day::parse)?,
            emergencies: r.decimal("emergencies")?,
            unconfirmed: r.decimal("unconfirmed")?,
            overdue: r.decimal("overdue")?,
            suspended: ascending(r, "suspended", DirectoryId::parse)?,
        }),
        "shred" => Statement::Shred(Shred {
            retention_id: r.parsed("retention", from_hex_exact::<16>)?,
            category: r.parsed("category", |v| Words::new(v).small())?,
            day: r.parsed("day", Day::parse)?,
            receipt_hash: r.bytes("receipt")?,
        }),
        "share-deletion" => Statement::ShareDeletion(read_share_deletion(r)?),
        "open" => Statement::Open(Open { log: log(r)?, index: r.decimal("index")?, opening: Opening::read(r)? }),
        "dummy" => {
            let (log, rows) = indexed(r, |w| w.bytes::<32>())?;
            Statement::Dummy(Dummies { log, rows })
        }
        "renew" => {
            let (log, rows) = indexed(r, |w| w.word().and_then(Day::parse))?;
            Statement::Renew(Renewals { log, rows })
        }
        "default" => Statement::Default(LateSubmitter {
            log: log(r)?,
            index: r.decimal("index")?,
            submitter: r.parsed("submitter", DirectoryId::parse)?,
        }),
        "statistics" => Statement::Statistics(read_statistics(r)?),
        "head" => Statement::Head(r.parsed("checkpoint", from_base64)?),
        "shard-end" => Statement::ShardEnd(r.parsed("checkpoint", from_base64)?),
        _ => return Ok(None),
    }))
}

pub(super) fn write(statement: &Statement) -> String {
    let mut w = Writer::new(&format!("{FIRST} {}", statement.kind()));
    match statement {
        Statement::Ceremony(c) => write_ceremony(&mut w, c),
        Statement::Policy(p) => write_policy(&mut w, p),
        Statement::Registry(n) => {
            w.line("registry", hex(&n.registry_hash)).line("wait-hours", n.wait_hours);
        }
        Statement::Epoch(header) => {
            w.bytes("header", &header.to_bytes());
        }
        Statement::Segment(leaf) => {
            w.bytes("leaf", &leaf.to_bytes());
        }
        Statement::SlotClose(s) => {
            w.line("provider", hex(&s.provider.0)).line("slot", span_text(s.slot));
            w.line("epochs", s.epochs).bytes("root", &s.root);
        }
        Statement::SegmentSorted(list) => list.iter().for_each(|h| {
            w.line("segment", hex(h));
        }),
        Statement::SaltMap(m) => {
            w.line("provider", hex(&m.provider.0)).line("day", m.day);
            w.line("through", m.through).line("leaves", m.leaves).bytes("root", &m.root);
        }
        Statement::EmergencyCount(e) => {
            w.line("day", e.day).line("emergencies", e.emergencies);
            w.line("unconfirmed", e.unconfirmed).line("overdue", e.overdue);
            e.suspended.iter().for_each(|id| {
                w.line("suspended", id);
            });
        }
        Statement::Shred(s) => {
            w.line("retention", hex(&s.retention_id)).line("category", s.category);
            w.line("day", s.day).bytes("receipt", &s.receipt_hash);
        }
        Statement::ShareDeletion(s) => {
            w.line("key", hex(&s.key_id)).line("committee", s.committee.as_str());
            w.line("index", s.index).line("period", span_text(s.period));
        }
        Statement::Open(o) => {
            w.line("log", &o.log).line("index", o.index);
            o.opening.write(&mut w);
        }
        Statement::Dummy(d) => {
            w.line("log", &d.log);
            d.rows.iter().for_each(|(i, r)| {
                w.line("leaf", format_args!("{i} {}", base64(r)));
            });
        }
        Statement::Renew(d) => {
            w.line("log", &d.log);
            d.rows.iter().for_each(|(i, day)| {
                w.line("leaf", format_args!("{i} {day}"));
            });
        }
        Statement::Default(d) => {
            w.line("log", &d.log).line("index", d.index).line("submitter", &d.submitter);
        }
        Statement::Statistics(s) => write_statistics(&mut w, s),
        Statement::Head(note) | Statement::ShardEnd(note) => {
            w.bytes("checkpoint", note);
        }
        Statement::Unknown { kind, text } => return format!("{FIRST} {kind}\n{text}"),
    }
    String::from_utf8_lossy(&w.finish()).into_owned()
}

fn read_ceremony(r: &mut Reader<'_>) -> Read<Ceremony> {
    Ok(Ceremony {
        committee: r.parsed("committee", CommitteeName::parse)?,
        need: r.parsed("need", |v| Words::new(v).small())?,
        of: r.parsed("of", |v| Words::new(v).small())?,
        generation: r.parsed("generation", |v| Words::new(v).small())?,
        period: r.parsed("period", span)?,
        polynomial: r.all("point", from_base64_exact::<96>)?,
        possession: r.bytes("possession")?,
        transcript: r.bytes("transcript")?,
        members: r.all("member", |v| VerifierKey::parse(v).ok())?,
    })
}

fn write_ceremony(w: &mut Writer, c: &Ceremony) {
    w.line("committee", c.committee.as_str()).line("need", c.need).line("of", c.of);
    w.line("generation", c.generation).line("period", span_text(c.period));
    c.polynomial.iter().for_each(|p| {
        w.bytes("point", p);
    });
    w.bytes("possession", &c.possession).bytes("transcript", &c.transcript);
    c.members.iter().for_each(|m| {
        w.line("member", m);
    });
}

fn read_policy(r: &mut Reader<'_>) -> Read<PolicyNotice> {
    Ok(PolicyNotice {
        policy_hash: r.parsed("policy", from_hex_exact::<32>)?,
        from_tick: r.decimal("from-tick")?,
        tick: r.decimal("tick")?,
        batch: r.decimal("batch")?,
        freshness: r.decimal("freshness")?,
        max_seal: r.decimal("max-seal")?,
        remark: r.parsed_if("remark", |v| free_text(v, 1_024))?,
    })
}

fn write_policy(w: &mut Writer, p: &PolicyNotice) {
    w.line("policy", hex(&p.policy_hash)).line("from-tick", p.from_tick).line("tick", p.tick);
    w.line("batch", p.batch).line("freshness", p.freshness).line("max-seal", p.max_seal);
    if let Some(remark) = &p.remark {
        w.line("remark", remark);
    }
}

fn read_slot_close(r: &mut Reader<'_>) -> Read<SlotClose> {
    Ok(SlotClose { provider: provider(r)?, slot: r.parsed("slot", span)?, epochs: r.decimal("epochs")?, root: r.bytes("root")? })
}

fn read_sorted(r: &mut Reader<'_>) -> Read<Vec<Digest>> {
    let list = ascending(r, "segment", from_hex_exact::<32>)?;
    if list.is_empty() { Err(r.bad("segment")) } else { Ok(list) }
}

fn read_share_deletion(r: &mut Reader<'_>) -> Read<ShareDeletion> {
    Ok(ShareDeletion {
        key_id: r.parsed("key", from_hex_exact::<32>)?,
        committee: r.parsed("committee", CommitteeName::parse)?,
        index: r.parsed("index", |v| Words::new(v).small())?,
        period: r.parsed("period", span)?,
    })
}

fn read_statistics(r: &mut Reader<'_>) -> Read<Statistics> {
    Ok(Statistics {
        year: r.parsed("year", |v| Words::new(v).small())?,
        log: log(r)?,
        range: r.parsed("range", span)?,
        openings: r.decimal("openings")?,
        dummies: r.decimal("dummies")?,
        overdue: r.decimal("overdue")?,
        rows: ascending(r, "row", |v| free_text(v, 512))?,
    })
}

fn write_statistics(w: &mut Writer, s: &Statistics) {
    w.line("year", s.year).line("log", &s.log).line("range", span_text(s.range));
    w.line("openings", s.openings).line("dummies", s.dummies).line("overdue", s.overdue);
    s.rows.iter().for_each(|row| {
        w.line("row", row);
    });
}

/// Strictly ascending lines of one key, at most as many as a statement may list.
fn ascending<T: Ord>(r: &mut Reader<'_>, key: &'static str, parse: impl Fn(&str) -> Option<T>) -> Read<Vec<T>> {
    let list = r.all(key, parse)?;
    if Statement::ROWS_MAX < list.len() || !list.is_sorted_by(|a, b| a < b) {
        return Err(r.bad(key));
    }
    Ok(list)
}

fn indexed<T>(r: &mut Reader<'_>, value: impl Fn(&mut Words<'_>) -> Option<T>) -> Read<(String, Vec<(u64, T)>)> {
    let log = log(r)?;
    let rows = r.all("leaf", |v| {
        let mut w = Words::new(v);
        let row = (w.decimal()?, value(&mut w)?);
        w.end(row)
    })?;
    if rows.is_empty() || Statement::ROWS_MAX < rows.len() || !rows.is_sorted_by(|a, b| a.0 < b.0) {
        return Err(r.bad("leaf"));
    }
    Ok((log, rows))
}

fn log(r: &mut Reader<'_>) -> Read<String> {
    r.parsed("log", |v| crate::log::origin::Origin::parse(v).ok().map(|o| o.to_string()))
}

fn provider(r: &mut Reader<'_>) -> Read<ProviderId> {
    r.parsed("provider", |v| from_hex_exact::<16>(v).map(ProviderId))
}

fn span(value: &str) -> Option<Span> {
    let mut w = Words::new(value);
    let span = Span::new(w.decimal()?, w.decimal()?)?;
    w.end(span)
}

fn span_text(span: Span) -> String {
    format!("{} {}", span.from(), span.until())
}
