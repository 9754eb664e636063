//! One transaction's work at the desk: an arrival, a step, what follows from it by itself.

use law::gates::{Course, EnforcingAnswer, History, Report, Verdict, admit, judge};
use law::life::{At, Case as Life};
use law::received::{Body, FollowUpKind, Received};
use law::rules::RuleBook;
use rusqlite::Connection;
use seal::entropy::Entropy;
use seal::identity::Category;

use super::core::{Arrival, Ask, Document, Loaded, NotTaken, Taken, current_clock, first_clock, receipt};
use super::core::{Keeper, interim};
use super::entry::{Called, Decided, Entry, Gates, worst};
use super::judging::{Read, Setup, about, persons, references, signed};
use super::store::{self, Books, Dated, DeskFault, Head, Sealing};
use crate::cases::{Digest32, Octets};
use crate::gateway::papers::Refused;
use crate::gateway::preserving::INTERIM;
use crate::vault::HoldItem;

/// One transaction's work.
pub(super) struct Work<'w> {
    pub db: &'w Connection,
    pub setup: &'w Setup,
    pub sealing: &'w Sealing,
    pub books: &'w Books,
    pub keeper: Option<&'w Keeper>,
    pub entropy: &'w mut dyn Entropy,
}

impl Work<'_> {
    pub fn arrival(&mut self, now: u64, next: u64, arrival: &Arrival, read: Result<Read, Refused>) -> Result<Taken, NotTaken> {
        let hash = Digest32::of(&arrival.original);
        if let Some(head) = store::by_hash(self.db, &hash)? {
            return Ok(Taken::Order(receipt(&head)));
        }
        if let Some((number, acted)) = self.paper(&hash)? {
            return Ok(Taken::Paper { number, acted });
        }
        let read = match read {
            Ok(read) => read,
            Err(refused) => {
                self.refused(now, arrival, &hash, &refused.code)?;
                return Err(refused.into());
            }
        };
        let mut tags: Vec<[u8; 32]> = signed(&read).map(|said| self.sealing.tag("signed", &said)).collect();
        let received = read.received;
        // DSK-01: a line end behind the root makes other octets, and no other order.
        if matches!(received.body, Body::Order(_))
            && let Some(head) = self.known(&tags)?
        {
            return Ok(Taken::Order(receipt(&head)));
        }
        // DSK-02: the same transaction with other octets is another document under a used name.
        let transaction = received.envelope.transaction.as_ref().map(|said| format!("{}\0{}", arrival.sender, said.value));
        let transaction = transaction.map(|name| self.sealing.tag("transaction", &name));
        if let Some(tag) = &transaction
            && let Some((number, _)) = store::tagged(self.db, tag)?.first()
            && matches!(received.body, Body::Order(_))
        {
            let text = format!("this transaction was used for received order {number}, with another content");
            let refused = Refused::new("DSK-02", text, "send a changed order under a transaction of its own");
            self.refused(now, arrival, &hash, &refused.code)?;
            return Err(refused.into());
        }
        match &received.body {
            Body::Order(_) => {
                tags.extend(transaction);
                self.order(now, next, arrival, received, hash, tags)
            }
            Body::Withdrawal(_) | Body::FollowUp(_) => self.later_paper(now, arrival, &received, hash),
            Body::NonExecution(_) => {
                let refused = Refused::new("DSK-03", "a Form 3 is what a provider answers, not what it receives", "send an order");
                self.refused(now, arrival, &hash, &refused.code)?;
                Err(refused.into())
            }
        }
    }

    /// The order that was taken in under one of these tags.
    fn known(&self, tags: &[[u8; 32]]) -> Result<Option<Head>, DeskFault> {
        for tag in tags {
            if let Some((number, _)) = store::tagged(self.db, tag)?.first() {
                return store::by_number(self.db, *number);
            }
        }
        Ok(None)
    }

    fn refused(&mut self, now: u64, arrival: &Arrival, hash: &Digest32, code: &str) -> Result<(), DeskFault> {
        self.db
            .prepare_cached("INSERT INTO refusals (at, door, sender, hash, octets, code) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(rusqlite::params![now, arrival.door, arrival.sender, &hash.0[..], arrival.original.len(), code])?;
        Ok(())
    }

    /// LIF-01: number, clock and preservation, whatever else is to be said of it.
    fn order(
        &mut self,
        now: u64,
        number: u64,
        arrival: &Arrival,
        received: Received,
        hash: Digest32,
        tags: Vec<[u8; 32]>,
    ) -> Result<Taken, NotTaken> {
        let life = self.begin(number, hash, &received, now, &self.setup.book)?;
        let history = self.history(&received, number, &[])?;
        let report = judge(&self.setup.facts(&received, &history, None, (now, now)));
        let clock = first_clock(&life).ok_or_else(|| DeskFault::Row { number, text: "no clock".to_owned() })?;
        let head = Head {
            number,
            hash,
            door: arrival.door.to_owned(),
            sender: arrival.sender.clone(),
            at: now,
            version: 1,
            state: life.state().to_owned(),
            preserves: life.preserves(),
            due: Some(clock.deadline_at),
            verdict: worst(&report).to_owned(),
            rule_version: clock.rule_version.clone(),
            deadline_at: clock.deadline_at,
        };
        let document = Document { original: Octets(arrival.original.clone()), transcription: arrival.transcription.clone() };
        let sealed = self.sealing.seal_json(&format!("document/{number}"), &document, self.entropy)?;
        store::insert(self.db, &head, &sealed)?;
        let references = references(&received).into_iter().map(|name| self.sealing.tag("reference", &name));
        let persons = persons(&received).into_iter().map(|name| self.sealing.tag("person", &name));
        for tag in references.chain(persons).chain(tags).collect::<Vec<_>>() {
            store::add_tag(self.db, &tag, number, now)?;
        }
        self.keep(&head, &received)?;
        let (original, entries, called_back, decided) = (arrival.original.clone(), Vec::new(), None, Vec::new());
        let loaded = Loaded { head, original, received, life, entries, history, called_back, decided };
        Ok(Taken::Order(receipt(&self.settle(loaded, Some(report), now)?.head)))
    }

    /// DSK-17: what the order names is kept before its receipt goes out, and before anybody asks whether it is valid (LIF-01). What no
    /// selector or sealed category answers cannot be named here: a person preserves it at the source.
    fn keep(&self, head: &Head, received: &Received) -> Result<(), DeskFault> {
        let (Some(keeper), Some(order)) = (self.keeper, received.order()) else { return Ok(()) };
        let Ok(terms) = law::import::terms(order) else { return Ok(()) };
        let mut items = Vec::new();
        for term in &terms {
            for (selector, category) in term.items.iter().flat_map(|(selector, list)| list.iter().map(move |category| (selector, category)))
            {
                let Ok(category) = Category::new(*category) else { continue };
                items.push(HoldItem { category, selector: selector.clone(), from: term.period.from(), until: term.period.until() });
            }
        }
        keeper.keep(&interim(&head.hash), &items, head.at.saturating_add(INTERIM)).map_err(|fault| DeskFault::Vault(fault.0))
    }

    fn begin(&self, number: u64, hash: Digest32, received: &Received, at: u64, book: &RuleBook) -> Result<Life, DeskFault> {
        let wrong = |text: String| DeskFault::Row { number, text };
        let order = received.order().ok_or_else(|| wrong("is no order".to_owned()))?;
        let state = &self.setup.provider.state;
        let life = At::receive(number, hash.0, order, state, at, book).map_err(|refusal| wrong(refusal.to_string()))?;
        Ok(Life::from(life))
    }

    pub fn paper(&self, hash: &Digest32) -> Result<Option<(Option<u64>, bool)>, DeskFault> {
        use rusqlite::OptionalExtension;
        let mut query = self.db.prepare_cached("SELECT number, acted FROM papers WHERE hash = ?1")?;
        Ok(query.query_row([&hash.0[..]], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// DSK-07: a paper acts by itself only if it comes from whom the order came from; else a person looks. A withdrawal only narrows, so
    /// the same certificate at the door suffices for it; a follow-up needs its gates.
    pub fn later_paper(&mut self, now: u64, arrival: &Arrival, received: &Received, hash: Digest32) -> Result<Taken, NotTaken> {
        if let Some((number, acted)) = self.paper(&hash)? {
            return Ok(Taken::Paper { number, acted });
        }
        let found = match (arrival.about, about(received)) {
            (Some(number), _) => Some(number),
            (None, Some(name)) => self.named(name, arrival, received, now)?,
            (None, None) => None,
        };
        let loaded = found.map(|number| self.load(number, now)).transpose()?.flatten();
        let mut acted = false;
        if let Some(loaded) = loaded {
            let signer = self.setup.signer(received, now);
            let same_signer = signer.is_some() && signer == self.setup.signer(&loaded.received, now);
            let same_door = arrival.door == "etsi" && arrival.sender == loaded.head.sender && loaded.head.door == "etsi";
            let history = self.history(received, 0, &[])?;
            let passes = judge(&self.setup.facts(received, &history, None, (now, now))).verdict() == Verdict::Pass;
            let entry = match &received.body {
                Body::Withdrawal(_) if same_signer || same_door => Some(Entry::Withdraw {}),
                Body::FollowUp(form) if passes && (same_signer || same_door) => Some(match form.kind.value {
                    FollowUpKind::Extension => Entry::Extend {},
                    FollowUpKind::SubsequentProduction => Entry::FollowUp { production: hash.to_string() },
                }),
                _ => None,
            };
            if let Some(entry) = entry {
                // A step that the law does not know there leaves the paper to a person.
                acted = self.try_enter(loaded, entry, &arrival.sender, now)?;
            }
        }
        let document = Document { original: Octets(arrival.original.clone()), transcription: arrival.transcription.clone() };
        self.keep_paper(now, arrival, hash, found, acted, &document)?;
        Ok(Taken::Paper { number: found, acted })
    }

    /// Kept once; what a person has to look at stands in the list of papers.
    pub fn keep_paper(
        &mut self,
        now: u64,
        arrival: &Arrival,
        hash: Digest32,
        number: Option<u64>,
        acted: bool,
        document: &Document,
    ) -> Result<(), DeskFault> {
        let sealed = self.sealing.seal_json(&format!("paper/{hash}"), document, self.entropy)?;
        let insert = "INSERT OR IGNORE INTO papers (hash, at, door, sender, number, acted, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.db.prepare_cached(insert)?.execute(rusqlite::params![
            &hash.0[..],
            now,
            arrival.door,
            arrival.sender,
            number,
            acted,
            sealed
        ])?;
        Ok(())
    }

    /// DSK-23: of the orders that go by this name the newest of the sender's own that the paper can act on; failing that the sender's
    /// newest; failing that, for a person, somebody's. A file number is no secret: another's order of the same number hides nothing.
    fn named(&self, name: &str, arrival: &Arrival, received: &Received, now: u64) -> Result<Option<u64>, NotTaken> {
        let mut best: Option<(u8, u64)> = None;
        for (number, _) in store::tagged(self.db, &self.sealing.tag("reference", name))?.into_iter().rev().take(NAMESAKES_MAX) {
            let Some(head) = store::by_number(self.db, number)? else { continue };
            let same_door = arrival.door == "etsi" && head.door == "etsi" && arrival.sender == head.sender;
            let is_own = same_door || self.is_same_signer(received, number, now)?;
            let is_open = match received.body {
                Body::FollowUp(_) => head.state == "preserving",
                _ => course(&head.state).is_none(),
            };
            let rank = 2 * u8::from(is_own) + u8::from(is_open);
            if best.is_none_or(|(found, _)| found < rank) {
                best = Some((rank, number));
            }
        }
        Ok(best.map(|(_, number)| number))
    }

    fn is_same_signer(&self, received: &Received, number: u64, now: u64) -> Result<bool, NotTaken> {
        let Some(signer) = self.setup.signer(received, now) else { return Ok(false) };
        let loaded = self.load(number, now)?;
        Ok(loaded.is_some_and(|loaded| self.setup.signer(&loaded.received, now) == Some(signer)))
    }

    /// What happened before, as far as this document's gates ask (GAT-13, GAT-16).
    fn history(&self, received: &Received, own: u64, entries: &[Dated]) -> Result<History, DeskFault> {
        let mut history = History::default();
        for person in persons(received) {
            let times = store::tagged(self.db, &self.sealing.tag("person", &person))?;
            let earlier = times.into_iter().filter(|(number, _)| own == 0 || *number < own).map(|(_, at)| at);
            history.linkage.insert(person, earlier.collect());
        }
        let referred = match &received.body {
            Body::FollowUp(_) => about(received),
            _ => None,
        };
        if let Some(name) = referred {
            for (number, _) in store::tagged(self.db, &self.sealing.tag("reference", name))? {
                let head = store::by_number(self.db, number)?;
                if let Some(until) = head.filter(|head| head.state == "preserving").and_then(|head| head.due) {
                    history.preservations.insert(name.to_owned(), until);
                }
            }
        }
        let consented = entries.iter().find(|dated| matches!(dated.entry, Entry::EnforcingConsented {}));
        history.enforcing = consented.map(|dated| EnforcingAnswer::Consents { at: dated.at });
        if own != 0
            && let Some(course) = store::by_number(self.db, own)?.and_then(|head| course(&head.state))
        {
            history.orders.insert(verify::spelling::hex(&received.envelope.original_hash), course);
        }
        Ok(history)
    }

    pub fn load(&self, number: u64, _now: u64) -> Result<Option<Loaded>, NotTaken> {
        let Some(head) = store::by_number(self.db, number)? else { return Ok(None) };
        let broken = |text: String| NotTaken::Fault(DeskFault::Row { number, text });
        let sealed = store::document(self.db, number)?;
        let document: Document =
            self.sealing.open_json(&format!("document/{number}"), &sealed)?.ok_or_else(|| broken("does not read".to_owned()))?;
        let original = document.original.0;
        if Digest32::of(&original) != head.hash {
            return Err(broken("is not the document of its hash".to_owned()));
        }
        let read = self.setup.read(&original, document.transcription.as_deref(), head.at).map_err(|error| broken(error.to_string()))?;
        let received = read.received;
        let entries = store::entries(self.db, number, self.sealing)?;
        // What an older program wrote says nothing of its rules: there, as before, those of the receipt or of today.
        let first = self.books.get(&head.rule_version).unwrap_or(&self.setup.book);
        let mut life = self.begin(number, head.hash, &received, head.at, first)?;
        let (mut called, mut decided) = (None, Vec::new());
        for dated in &entries {
            match &dated.entry {
                Entry::CalledBack(call) => called = Some(call.clone()),
                Entry::Decided(one) => decided.push(one.clone()),
                _ => {}
            }
            let book = match dated.rules.as_str() {
                "" => first,
                version => self.books.get(version).ok_or_else(|| broken(format!("was lived under rules {version}, which are not kept")))?,
            };
            let event = dated.entry.event(dated.at, book).map_err(|why| broken(why.0))?;
            if let Some(event) = event {
                life = life.apply(event, dated.at, book).map_err(|refusal| broken(refusal.to_string()))?;
            }
        }
        if life.state() != head.state || head.version != entries.len() as u64 + 1 {
            return Err(broken(format!("says {}, its history says {}", head.state, life.state())));
        }
        let history = self.history(&received, number, &entries)?;
        // A call that does not count any more (the authority left the registry) is a call that was not made.
        let called_back = called.and_then(|call: Called| self.setup.called_back(&call, head.hash.0).ok());
        Ok(Some(Loaded { head, original, received, life, entries, history, called_back, decided }))
    }

    pub fn report(&self, loaded: &Loaded, now: u64) -> Report {
        judge(&self.setup.facts(&loaded.received, &loaded.history, loaded.called_back.as_ref(), (loaded.head.at, now)))
    }

    /// The gates with the decisions of persons; what they refuse is a refusal to the person who asked.
    fn admission(&self, loaded: &Loaded, report: &Report) -> Result<Gates, Refused> {
        let decisions: Vec<_> = loaded.decided.iter().map(|one| one.about(loaded.head.hash)).collect();
        match admit(report, &decisions) {
            Ok(admitted) => {
                let used = loaded.decided.iter().filter(|one| admitted.decisions().iter().any(|used| used.gate == one.gate));
                Ok(Gates::of(report, &used.cloned().collect::<Vec<_>>()))
            }
            Err(why) => {
                let open: Vec<_> = report.open().map(|gate| format!("{}", gate.number)).collect();
                let text = format!("the gates do not admit it: {}", open.join(", "));
                Err(Refused::new(why.code(), text, "waarborg desk show tells what each gate wants"))
            }
        }
    }

    pub fn entry(&self, loaded: &Loaded, ask: Ask, now: u64) -> Result<Entry, NotTaken> {
        Ok(match ask {
            Ask::CalledBack { authority, number, called_by, confirmed_by } => {
                let called = Called { authority, number, called_by, confirmed_by, at: now };
                self.setup.called_back(&called, loaded.head.hash.0)?;
                Entry::CalledBack(called)
            }
            Ask::Decide { gate, person, reason } => {
                let decided = Decided { gate, person, reason, at: now };
                // GAT-20 at once, not when the last gate is decided.
                let report = self.report(loaded, now);
                if let Err(law::gates::NotAdmitted::Decision { gate }) = admit(&report, &[decided.about(loaded.head.hash)]) {
                    let text = format!("gate {gate} is nobody's to decide, or name and reason are missing");
                    return Err(Refused::new("GAT-20", text, "waarborg desk show tells what each gate wants").into());
                }
                Entry::Decided(decided)
            }
            Ask::EnforcingConsents {} => Entry::EnforcingConsented {},
            Ask::EnforcingRefuses { grounds } => Entry::EnforcingRefuses { grounds },
            Ask::Clarify { question } => Entry::Clarify { question },
            Ask::Clarified {} => Entry::Clarified {},
            Ask::Refuse { grounds } => Entry::Refuse { grounds },
            Ask::Conflict { law } => Entry::Conflict { law },
            Ask::Uphold {} => Entry::Uphold { gates: self.admission(loaded, &self.report(loaded, now))? },
            Ask::Lift {} => Entry::Lift {},
            Ask::NothingHeld {} => Entry::NothingHeld {},
            Ask::Withdraw {} => Entry::Withdraw {},
            Ask::Object { deletes, grounds } => Entry::Object { deletes, grounds },
            Ask::ValidationRefused {} => Entry::ValidationRefused {},
            Ask::Enforce {} => Entry::Enforce {},
            Ask::Recognise { deadline_at } => Entry::Recognise { gates: self.admission(loaded, &self.report(loaded, now))?, deadline_at },
            Ask::Dispute { grounds } => Entry::Dispute { grounds },
            Ask::Decline {} => Entry::Decline {},
            Ask::Extend {} => Entry::Extend {},
            Ask::FollowUp { production } => Entry::FollowUp { production },
            Ask::Produced {} => Entry::Produced {},
        })
    }

    /// One entry; a step that the law does not have there is refused with its code. Gives the order as it is then.
    pub fn enter(&mut self, loaded: Loaded, entry: Entry, by: &str, now: u64) -> Result<Loaded, NotTaken> {
        let book = &self.setup.book;
        let event = entry.event(now, book).map_err(|why| Refused::new("DSK-05", why.0, "waarborg desk show shows the order"))?;
        let Loaded { head, original, received, life, mut entries, mut called_back, mut decided, .. } = loaded;
        let life = match event {
            Some(event) => life
                .apply(event, now, book)
                .map_err(|refusal| Refused::new(refusal.code(), refusal.to_string(), "docs/order-life.md shows which step goes where"))?,
            None => life,
        };
        let head = Head {
            version: head.version + 1,
            state: life.state().to_owned(),
            preserves: life.preserves(),
            due: current_clock(&life).map(|clock| clock.deadline_at),
            ..head
        };
        match &entry {
            Entry::CalledBack(call) => called_back = self.setup.called_back(call, head.hash.0).ok(),
            Entry::Decided(one) => decided.push(one.clone()),
            _ => {}
        }
        let dated = Dated { at: now, by: by.to_owned(), rules: book.version.to_string(), entry };
        store::append(self.db, &head, &dated, self.sealing, self.entropy)?;
        entries.push(dated);
        let history = self.history(&received, head.number, &entries)?;
        let loaded = Loaded { head, original, received, life, entries, history, called_back, decided };
        self.file_form_3(&loaded, now)?;
        super::hi1::tell(self, &loaded.head, now)?;
        Ok(loaded)
    }

    /// False: the law has no such step there, and nothing was written.
    pub fn try_enter(&mut self, loaded: Loaded, entry: Entry, by: &str, now: u64) -> Result<bool, DeskFault> {
        match self.enter(loaded, entry, by, now) {
            Ok(_) => Ok(true),
            Err(NotTaken::Refused(_)) => Ok(false),
            Err(NotTaken::Fault(fault)) => Err(fault),
        }
    }

    /// The steps that need nobody: admitted by the gates, suspended by a notification, ended by time (DSK-06). The order is read and judged
    /// once for all of them: none changes what a gate sees.
    pub fn settle(&mut self, mut loaded: Loaded, mut judged: Option<Report>, now: u64) -> Result<Loaded, NotTaken> {
        // Each step is another state; the longest way by itself is three.
        for _ in 0..4 {
            if matches!(loaded.life, Life::Received(_) | Life::OnHold(_)) && judged.is_none() {
                judged = Some(self.report(&loaded, now));
            }
            let Some(entry) = self.by_itself(&loaded, judged.as_ref(), now) else { break };
            loaded = self.enter(loaded, entry, "desk", now)?;
        }
        Ok(loaded)
    }

    fn by_itself(&self, loaded: &Loaded, judged: Option<&Report>, now: u64) -> Option<Entry> {
        match (&loaded.life, judged) {
            (Life::Received(at), Some(report)) if at.file().is_preservation => {
                self.admission(loaded, report).is_ok().then_some(Entry::Preserve {})
            }
            (Life::Received(at), Some(report)) if at.file().is_notified && !at.file().is_emergency => {
                // Suspended is what passes all gates but the suspension itself.
                let waits = report.gate(12).is_some_and(|gate| matches!(gate.verdict, Verdict::Hold | Verdict::Pass));
                let mut others = report.clone();
                others.gates.retain(|gate| gate.number != 12);
                let decisions: Vec<_> = loaded.decided.iter().map(|one| one.about(loaded.head.hash)).collect();
                (waits && admit(&others, &decisions).is_ok()).then_some(Entry::Hold {})
            }
            (Life::Received(_), Some(report)) => self.admission(loaded, report).ok().map(|gates| Entry::Begin { gates }),
            (Life::OnHold(at), Some(report)) => {
                let gates = self.admission(loaded, report).ok()?;
                let consented = loaded.entries.iter().any(|dated| matches!(dated.entry, Entry::EnforcingConsented {}));
                match (consented, at.state().clock.is_past(now)) {
                    (true, _) => Some(Entry::Consent { gates }),
                    (false, true) => Some(Entry::Lapse { gates }),
                    (false, false) => None,
                }
            }
            (Life::Preserving(at), _) => at.state().until.is_past(now).then_some(Entry::Expire {}),
            _ => None,
        }
    }
}

/// Orders of one file number that are looked through: each costs the check of its signatures.
const NAMESAKES_MAX: usize = 64;

fn course(state: &str) -> Option<Course> {
    match state {
        "withdrawn" | "validation-refused" | "lifted" => Some(Course::Withdrawn),
        "refused-by-enforcing-authority" | "not-enforced" => Some(Course::Refused),
        "preservation-ended" => Some(Course::Expired),
        "answered" | "not-held" | "recalled" => Some(Course::Executed),
        _ => None,
    }
}
