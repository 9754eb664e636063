//! The bundle, and the round of questions to the trustees.

use super::{Live, OlderCopy};
use crate::cases::Octets;
use crate::cases::state::{Asking, Batch};
use crate::gateway::bundling;
use crate::gateway::papers::parse_order;
use crate::gateway::work::{Answer, Done, Fault};
use crate::log::client::Head;
use crate::relay::{self, Frame, MemberCommand};
use std::collections::BTreeMap;
use std::time::Duration;
use verify::bundle::{Bundle, HoldPart, RelatedPart, StatementPart};
use verify::intent::IntentDocument;
use verify::policy::CommitteeName;
use verify::receipt::Answer as SignedAnswer;
use verify::record::SignedRecord;
use verify::statement::SignedStatement;

/// Sizes that members stored, by origin.
pub(super) type Stored = BTreeMap<String, Vec<u64>>;

impl Live {
    /// One bundle for all members that have not answered, under the heads that the case fixed.
    pub(super) async fn ask(&self, asking: &Asking) -> Result<Done, Fault> {
        for head in [&asking.heads.orders, &asking.heads.public] {
            let head = Head::parse(&head.0)?;
            self.shown_heads.show(&head.origin, head.size);
        }
        let (stored, set_back) = self.stored_heads().await?;
        let bundle = self.bundle(asking, &stored).await?.to_bytes();
        let frames: Vec<_> = self
            .trustees
            .iter()
            .filter(|trustee| !asking.answers.contains_key(&trustee.member) && !set_back.contains_key(&trustee.member))
            .map(|trustee| (MemberCommand { member: trustee.member.clone(), argv: trustee.argv.clone() }, bundle.clone()))
            .collect();
        let answers = relay::ask(frames, self.trustee_limit).await;
        for (member, frame) in &answers {
            self.note_receipt(member, frame)?;
        }
        let answers = answers.into_iter().chain(set_back).map(|(member, frame)| {
            let answer = match frame {
                Frame::Answer(bytes) => Answer::Document(Octets(bytes)),
                Frame::Fault(text) => {
                    // The words are another machine's: no terminal takes orders from them.
                    eprintln!("gateway: trustee {member}: {}", verify::verdict::escape(&text));
                    Answer::Fault(text)
                }
            };
            (member, answer)
        });
        Ok(Done::Answers(answers.collect()))
    }

    /// The bundle of a case under its fixed heads. The package carries the same parts, so it is built here for both.
    pub(super) async fn bundle(&self, asking: &Asking, stored: &Stored) -> Result<Bundle, Fault> {
        let mandate = asking.mandate();
        let order = parse_order(&mandate.file.order.0).map_err(fault)?;
        let intent = IntentDocument::parse(&asking.soaked.intended.intent.0).map_err(fault)?;
        let (orders, public) = (Head::parse(&asking.heads.orders.0)?, Head::parse(&asking.heads.public.0)?);
        let sizes = |origin: &str| stored.get(origin).cloned().unwrap_or_default();
        let logs = &self.logs;
        Ok(Bundle {
            order: order.document,
            order_place: logs.place(&logs.orders, mandate.leaf.index, &orders).await?,
            intent_place: logs.place(&logs.orders, asking.soaked.leaf.index, &orders).await?,
            orders_head: logs.head_part(&logs.orders, &orders, sizes(&orders.origin)).await?,
            public_head: logs.head_part(&logs.public, &public, sizes(&public.origin)).await?,
            order_anchor: Some(logs.anchor_part(&mandate.anchor, &public, &orders).await?),
            intent_anchor: Some(logs.anchor_part(&asking.soaked.intended.anchor, &public, &orders).await?),
            statements: self.statements(&intent, asking.batch(), &public).await?,
            related: self.related(asking, &orders).await?,
            holds: self.holds(asking, &orders).await?,
            requester: self.rules.policy.parts().engine,
            intent,
        })
    }

    /// Leaves of kinds 4, 5 and 9 with their places under the case's head.
    async fn related(&self, asking: &Asking, orders: &Head) -> Result<Vec<RelatedPart>, Fault> {
        let mut parts = Vec::with_capacity(asking.related.len());
        for shown in &asking.related {
            let record = SignedRecord::parse(&shown.document.0).map_err(fault)?;
            parts.push(RelatedPart { record, place: self.logs.place(&self.logs.orders, shown.index, orders).await? });
        }
        Ok(parts)
    }

    /// Holds with their places under the case's head (REL-18).
    async fn holds(&self, asking: &Asking, orders: &Head) -> Result<Vec<HoldPart>, Fault> {
        let mut parts = Vec::with_capacity(asking.holds.len());
        for shown in &asking.holds {
            let order_place = self.logs.place(&self.logs.orders, shown.order_index, orders).await?;
            let outcome_place = self.logs.place(&self.logs.orders, shown.hold.leaf.index, orders).await?;
            parts.push(bundling::hold(shown, order_place, outcome_place)?);
        }
        Ok(parts)
    }

    /// What members stored, asked of each. A member that does not say gets a bundle without its proof, and refuses by REL-06. One
    /// that says less than it had was put back to an older copy, and is a fault of its own (GWY-42).
    async fn stored_heads(&self) -> Result<(Stored, BTreeMap<String, Frame>), Fault> {
        let (mut stored, mut set_back) = (Stored::new(), BTreeMap::new());
        let told = self.tell_heads().await;
        // GWY-43, before anything is kept of it: whoever asks from an older copy asks nobody.
        told.iter().try_for_each(|(member, heads)| self.shown_heads.compare(member, heads)).map_err(fault)?;
        for (member, heads) in told {
            if let Some(key) = self.receipt_key(&member)
                && let Err(back) = self.member_heads.has(key, &heads).map_err(fault)?
            {
                set_back.insert(member, Frame::Fault(back.to_string()));
                continue;
            }
            for (origin, size) in heads {
                stored.entry(origin).or_default().push(size);
            }
        }
        Ok((stored, set_back))
    }

    /// The heads of each member that says them.
    async fn tell_heads(&self) -> Vec<(String, Vec<(String, u64)>)> {
        let frames = self
            .trustees
            .iter()
            .map(|trustee| (MemberCommand { member: trustee.member.clone(), argv: trustee.heads_argv.clone() }, Vec::new()));
        let limit = self.trustee_limit.min(Duration::from_secs(10));
        let told = relay::ask(frames.collect(), limit).await.into_iter();
        let heads = |(member, frame)| if let Frame::Answer(bytes) = frame { Some((member, told_heads(&bytes))) } else { None };
        told.filter_map(heads).collect()
    }

    /// GWY-43, when the gateway starts. Members that say nothing are asked again before each bundle.
    pub async fn is_older_copy(&self) -> Result<(), OlderCopy> {
        self.tell_heads().await.iter().try_for_each(|(member, heads)| self.shown_heads.compare(member, heads))
    }

    fn note_receipt(&self, member: &str, frame: &Frame) -> Result<(), Fault> {
        let Frame::Answer(octets) = frame else { return Ok(()) };
        let (Some(key), Ok(SignedAnswer::Release(release))) = (self.receipt_key(member), SignedAnswer::parse(octets, &self.rules.policy))
        else {
            return Ok(());
        };
        let head = &release.receipt.receipt().head;
        self.member_heads.signed(key, head.origin.as_str(), head.size).map_err(fault)
    }

    /// SHA-256 of the key with which the member of that name signs. A member that is dealt in anew has another.
    fn receipt_key(&self, member: &str) -> Option<[u8; 32]> {
        let keys = [CommitteeName::Approvers, CommitteeName::Guardians].map(|name| self.rules.policy.receipt_keys(name));
        let key = keys.into_iter().flatten().find(|key| key.name().as_str() == member)?;
        Some(seal::digest::sha256(&[key.to_string().as_bytes()]))
    }

    /// Every statement that the judgement needs, in the order of PUBLIC, with its place under `public`.
    async fn statements(&self, intent: &IntentDocument, batch: Batch, public: &Head) -> Result<Vec<StatementPart>, Fault> {
        self.logs.follow_to(&self.rules, public.size).await?;
        let entries = {
            let view = self.logs.view.lock().await;
            bundling::entries(&self.rules.policy, &view, intent, batch, public.size).map_err(fault)?
        };
        let mut parts = Vec::with_capacity(entries.len());
        for (index, entry) in entries {
            let statement = SignedStatement::parse(&entry).map_err(fault)?;
            let place = self.logs.place(&self.logs.public, index, public).await?;
            parts.push(StatementPart { statement, place });
        }
        Ok(parts)
    }
}

/// What a member printed about its heads: origin and size of each line that has them.
pub fn told_heads(printed: &[u8]) -> Vec<(String, u64)> {
    String::from_utf8_lossy(printed).lines().filter_map(stored_head).collect()
}

/// Origin and size from a line that a member printed: the first word with a slash, and the number after it.
fn stored_head(line: &str) -> Option<(String, u64)> {
    let mut words = line.split_ascii_whitespace().skip_while(|word| !word.contains('/'));
    Some((words.next()?.to_owned(), words.next()?.parse().ok()?))
}

fn fault(error: impl std::fmt::Display) -> Fault {
    Fault(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::stored_head;

    #[test]
    fn a_stored_head_is_origin_and_size() {
        let found = Some(("log.example/orders/2026".to_owned(), 42));
        assert_eq!(stored_head("log.example/orders/2026 42 abc="), found);
        assert_eq!(stored_head("head log.example/orders/2026 42 abc="), found);
        assert_eq!(stored_head("no head yet"), None);
    }
}
