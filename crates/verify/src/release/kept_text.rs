//! The spelling of a member's state, `waarborg-kept/v1`.

use super::kept::{Account, Kept, KeptHead};
use crate::document::{DocumentError, Reader, Words, Writer, canonical, free_text};
use crate::log::origin::Origin;
use crate::names::DirectoryId;
use crate::policy::{CommitteeName, MemberId};
use crate::record::{Kind, Parent};
use crate::spelling::{base64, from_base64, from_hex_exact, hex};

const HEADER: &str = "waarborg-kept/v1";
/// 256 MiB: some ten thousand intents a day for years.
const LEN_MAX: usize = 256 << 20;

impl Kept {
    pub fn parse(bytes: &[u8]) -> Result<Kept, DocumentError> {
        let mut r = Reader::open(bytes, HEADER, LEN_MAX)?;
        let member = r.parsed("member", |v| {
            let mut w = Words::new(v);
            let id = MemberId { committee: CommitteeName::parse(w.word()?)?, index: w.small()? };
            w.end(id).filter(|id| id.index != 0)
        })?;
        let kept = Kept {
            member,
            link_key: r.bytes("link-key")?,
            stopped: r.parsed_if("stopped", |v| free_text(v, 1_024))?,
            heads: r.all("head", head)?.into_iter().collect(),
            used: r.all("used", from_hex_exact::<32>)?.into_iter().collect(),
            days: r.all("day", pair)?.into_iter().collect(),
            orders: r.all("order", account)?.into_iter().collect(),
            links: r
                .all("link", |v| {
                    let mut w = Words::new(v);
                    let key = (DirectoryId::parse(w.word()?)?, w.hex::<32>()?, w.decimal()?);
                    let row = (key, w.decimal()?);
                    w.end(row)
                })?
                .into_iter()
                .collect(),
            withdrawn: r
                .all("withdrawn", |v| {
                    let mut w = Words::new(v);
                    let order = parent(&mut w)?;
                    w.end(order)
                })?
                .into_iter()
                .collect(),
            suspended: r
                .all("suspended", |v| {
                    let mut w = Words::new(v);
                    let row = (DirectoryId::parse(w.word()?)?, w.decimal()?);
                    w.end(row)
                })?
                .into_iter()
                .collect(),
        };
        r.end()?;
        // A row twice would vanish in the maps above; the way back shows it.
        canonical(bytes, &kept.to_bytes())?;
        Ok(kept)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new(HEADER);
        w.line("member", format_args!("{} {}", self.member.committee.as_str(), self.member.index));
        w.bytes("link-key", &self.link_key);
        if let Some(reason) = &self.stopped {
            w.line("stopped", reason);
        }
        for (origin, head) in &self.heads {
            w.line("head", format_args!("{origin} {} {} {}", head.size, base64(&head.root), base64(&head.note)));
        }
        for intent in &self.used {
            w.line("used", hex(intent));
        }
        for (day, identities) in &self.days {
            w.line("day", format_args!("{day} {identities}"));
        }
        for (order, account) in &self.orders {
            w.line("order", account_text(order, account));
        }
        for ((authority, tag, time), slots) in &self.links {
            w.line("link", format_args!("{authority} {} {time} {slots}", hex(tag)));
        }
        for order in &self.withdrawn {
            w.line("withdrawn", format_args!("{} {}", hex(&order.origin_hash), order.index));
        }
        for (unit, at) in &self.suspended {
            w.line("suspended", format_args!("{unit} {at}"));
        }
        w.finish()
    }
}

fn head(value: &str) -> Option<(Origin, KeptHead)> {
    let mut w = Words::new(value);
    let origin = Origin::parse(w.word()?).ok()?;
    let head = KeptHead { size: w.decimal()?, root: w.bytes::<32>()?, note: from_base64(w.word()?)? };
    w.end((origin, head))
}

fn pair(value: &str) -> Option<(u64, u64)> {
    let mut w = Words::new(value);
    let row = (w.decimal()?, w.decimal()?);
    w.end(row)
}

fn parent(w: &mut Words<'_>) -> Option<Parent> {
    Some(Parent { origin_hash: w.hex::<32>()?, index: w.decimal()? })
}

fn account(value: &str) -> Option<(Parent, Account)> {
    let mut w = Words::new(value);
    let order = parent(&mut w)?;
    let account = Account {
        d: w.hex::<32>()?,
        record: w.hex::<32>()?,
        frame: w.hex::<32>()?,
        kind: Kind::from_number(w.small()?)?,
        authority: DirectoryId::parse(w.word()?)?,
        court: match w.word()? {
            "-" => None,
            court => Some(DirectoryId::parse(court)?),
        },
        unit: DirectoryId::parse(w.word()?)?,
        first: w.decimal()?,
        identities: w.decimal()?,
        slots: w.decimal()?,
        deadline: w.decimal()?,
        notice_due: w.decimal()?,
        notice_from: w.decimal()?,
        confirm_due: match w.word()? {
            "-" => None,
            time => Some(crate::spelling::decimal(time)?),
        },
        is_released: yes_no(&mut w)?,
        is_noticed: yes_no(&mut w)?,
        is_opened: yes_no(&mut w)?,
        is_confirmed: yes_no(&mut w)?,
    };
    w.end((order, account))
}

fn account_text(order: &Parent, a: &Account) -> String {
    let place = format!("{} {} {} {} {}", hex(&order.origin_hash), order.index, hex(&a.d), hex(&a.record), hex(&a.frame));
    let court = a.court.as_ref().map_or("-", DirectoryId::as_str);
    let who = format!("{} {} {court} {} {}", a.kind.number(), a.authority, a.unit, a.first);
    let confirm = a.confirm_due.map_or("-".to_owned(), |t| t.to_string());
    let counts = format!("{} {} {} {} {} {confirm}", a.identities, a.slots, a.deadline, a.notice_due, a.notice_from);
    let flags = [a.is_released, a.is_noticed, a.is_opened, a.is_confirmed].map(|f| if f { "yes" } else { "no" });
    format!("{place} {who} {counts} {}", flags.join(" "))
}

fn yes_no(w: &mut Words<'_>) -> Option<bool> {
    match w.word()? {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}
