//! `order.toml`: what an authority asks for, in words. Everything that is drawn or computed is not in it.

use crate::exit::Failure;
use seal::catalogue::parse_rfc3339;
use seal::identity::Category;
use seal::selector::Selector;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use verify::calendar::Day;
use verify::names::{DirectoryId, Instrument, Span};
use verify::order::{OrderTerms, ScopeItem};
use verify::policy::Policy;
use verify::record::{Kind, key_digest};

/// The file. Sample: docs/samples/order.toml. Times are RFC 3339 with an explicit offset; zone-less times are refused (T16).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderInput {
    /// `order` or `emergency`.
    kind: String,
    /// Token of the policy, such as `national/nl/126n`.
    instrument: String,
    /// Who signs, if not the authority itself.
    court: Option<String>,
    authority: String,
    legal_basis: String,
    case_reference: Option<String>,
    period: SpanInput,
    validity: SpanInput,
    seal_until: String,
    /// `yyyy-mm-dd`: by when the person is told.
    notice_due: String,
    /// The provider's `waarborg-policy/v1`, relative to this file; `--policy` overrides.
    policy_file: Option<PathBuf>,
    items: Vec<ItemInput>,
    /// The outside document that this translates, relative to this file.
    original_file: Option<PathBuf>,
    /// Names of the approvers who will attest; none for an order that is signed natively.
    #[serde(default)]
    attesters: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpanInput {
    from: String,
    until: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemInput {
    /// `phone:+31612345678`, `account:@a:b`, `email:…`, `ip:…`.
    selector: String,
    categories: Vec<u16>,
}

fn usage(text: impl Into<String>) -> Failure {
    Failure::usage(text, "docs/samples/order.toml shows every field")
}

impl OrderInput {
    pub fn load(path: &Path) -> Result<OrderInput, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
        toml::from_str(&text).map_err(|error| usage(format!("{}: {}", path.display(), error.message())))
    }

    /// Where the policy is, seen from the folder of the input file.
    pub fn policy_file(&self, base: &Path) -> Option<PathBuf> {
        self.policy_file.as_ref().map(|path| base.join(path))
    }

    /// The terms under a policy. The period becomes a list of slots here, before anybody signs (SEA-53).
    pub fn terms(&self, base: &Path, policy: &Policy) -> Result<OrderTerms, Failure> {
        let kind = match self.kind.as_str() {
            "order" => Kind::Order,
            "emergency" => Kind::Emergency,
            other => return Err(usage(format!("kind = \"{other}\" is neither order nor emergency"))),
        };
        let period = span("period", &self.period)?;
        let original = match &self.original_file {
            Some(path) => {
                let path = base.join(path);
                Some(std::fs::read(&path).map_err(|error| Failure::file(&path, &error))?)
            }
            None => None,
        };
        Ok(OrderTerms {
            kind,
            instrument: Instrument::parse(&self.instrument)
                .ok_or_else(|| usage(format!("instrument \"{}\" is not a token", self.instrument)))?,
            court: self.court.as_deref().map(directory_id).transpose()?,
            legal_basis: self.legal_basis.clone(),
            authority: directory_id(&self.authority)?,
            provider: policy.parts().provider,
            period,
            case_ref: self.case_reference.clone(),
            validity: span("validity", &self.validity)?,
            seal_until: time("seal_until", &self.seal_until)?,
            notice_due: Day::parse(&self.notice_due).ok_or_else(|| usage("notice_due is not a day of the form yyyy-mm-dd"))?.start(),
            policy_hash: *policy.hash(),
            items: self.scope(period, policy)?,
            original,
            attesters: self.attesters(policy)?,
        })
    }

    fn scope(&self, period: Span, policy: &Policy) -> Result<Vec<ScopeItem>, Failure> {
        let len = policy.slot_len();
        let seconds = u64::from(len.seconds());
        let (first, last) = (period.from() / seconds, period.until().div_ceil(seconds).saturating_sub(1));
        let mut items = Vec::new();
        for item in &self.items {
            let selector = Selector::from_text(&item.selector)
                .map_err(|_| usage(format!("\"{}\" is not a selector in its one spelling", item.selector)))?;
            for number in &item.categories {
                let category = Category::new(*number).map_err(|_| usage(format!("{number} is not a category")))?;
                if policy.category(category).is_none() {
                    return Err(Failure::refused(
                        "REL-22",
                        format!("the provider has no category {number}"),
                        "waarborg policy show lists them",
                    ));
                }
                let scope = ScopeItem::new(selector.clone(), category, len, first, last);
                items.push(scope.ok_or_else(|| usage("the period is empty or too long"))?);
            }
        }
        Ok(items)
    }

    fn attesters(&self, policy: &Policy) -> Result<Option<Vec<[u8; 32]>>, Failure> {
        if self.attesters.is_empty() {
            return Ok(None);
        }
        let keys = &policy.parts().attesters.keys;
        let digest = |name: &String| {
            let key = keys.iter().find(|key| key.name().as_str() == name);
            key.map(|key| key_digest(key.key()))
                .ok_or_else(|| Failure::refused("REL-11", format!("{name} is no attester of the policy"), ""))
        };
        self.attesters.iter().map(digest).collect::<Result<Vec<_>, _>>().map(Some)
    }
}

fn directory_id(text: &str) -> Result<DirectoryId, Failure> {
    DirectoryId::parse(text).ok_or_else(|| usage(format!("\"{text}\" is not a directory id")))
}

fn span(name: &str, input: &SpanInput) -> Result<Span, Failure> {
    let (from, until) = (time(name, &input.from)?, time(name, &input.until)?);
    Span::new(from, until).ok_or_else(|| usage(format!("{name} ends before it begins")))
}

/// Whole seconds only: a fraction would be rounded, and nothing here rounds.
fn time(name: &str, text: &str) -> Result<u64, Failure> {
    let ms = parse_rfc3339(text).ok_or_else(|| usage(format!("{name}: \"{text}\" is not an RFC 3339 time with its offset")))?;
    if ms % 1000 == 0 { Ok(ms / 1000) } else { Err(usage(format!("{name}: \"{text}\" is not a whole second"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_read() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/samples/order.toml");
        let input = OrderInput::load(&path).unwrap();
        assert!(!input.items.is_empty());
        span("period", &input.period).unwrap();
        span("validity", &input.validity).unwrap();
        time("seal_until", &input.seal_until).unwrap();
        assert!(Day::parse(&input.notice_due).is_some());
    }

    #[test]
    fn t16_times_without_zone_and_fractions_are_refused() {
        assert!(time("t", "2026-11-01T00:00:00").is_err());
        assert!(time("t", "2026-11-01T00:00:00.5Z").is_err());
        assert_eq!(time("t", "1970-01-01T01:00:00+01:00"), Ok(0));
    }
}
