//! The reference model: what each coalition may open, in numbers and sets, without a key, an octet or a rule of the product.

use std::collections::{BTreeMap, BTreeSet};

use super::Coalition;

/// Half-hours since the beginning; an epoch is a category in one of them.
pub type Half = u64;
/// A person under one salt: who was erased and comes back is somebody else.
pub type Person = (u8, u32);
/// What one key opens: person, category, hour.
pub type Item = (Person, u8, u64);

const HALVES_A_DAY: u64 = 48;

#[derive(Clone, Copy, Debug)]
struct Row {
    number: u64,
    person: Person,
    category: u8,
    half: Half,
}

impl Row {
    fn item(&self) -> Item {
        (self.person, self.category, self.half / 2)
    }
}

struct Hold {
    subject: u8,
    category: u8,
    hours: (u64, u64),
    ends: Half,
    /// (epoch, whose values).
    kept: BTreeSet<(Half, Item)>,
}

/// Knowledge of one kind of thing that lies in the house, or lay there when it was stolen.
#[derive(Clone, Default)]
pub struct Lot {
    /// Epochs (category, half) whose segments are there.
    segments: BTreeSet<(u8, Half)>,
    /// Days of a category whose retention key is there.
    days: BTreeSet<(u8, u64)>,
    /// Values of single persons in single epochs.
    values: BTreeSet<(Half, Item)>,
    persons: BTreeSet<Person>,
}

pub struct Model {
    pub half: Half,
    keep_days: [u64; 2],
    rows: Vec<Row>,
    holders: BTreeMap<u8, u32>,
    erased: BTreeSet<u8>,
    holds: Vec<Hold>,
    gone: BTreeSet<(u8, u64)>,
    stolen: Lot,
    /// Of every order that was answered: rows, keys, values.
    given: BTreeSet<u64>,
    keys: BTreeSet<Item>,
    values: BTreeSet<(Half, Item)>,
}

impl Model {
    pub fn new(keep_days: [u64; 2]) -> Model {
        Model {
            half: 0,
            keep_days,
            rows: Vec::new(),
            holders: BTreeMap::new(),
            erased: BTreeSet::new(),
            holds: Vec::new(),
            gone: BTreeSet::new(),
            stolen: Lot::default(),
            given: BTreeSet::new(),
            keys: BTreeSet::new(),
            values: BTreeSet::new(),
        }
    }

    pub fn comes_in(&mut self, number: u64, subject: u8, category: u8) {
        let holder = self.holders.entry(subject).or_default();
        if self.erased.remove(&subject) {
            *holder += 1;
        }
        self.rows.push(Row { number, person: (subject, *holder), category, half: self.half });
    }

    fn sealed(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.half < self.half)
    }

    pub fn half_passes(&mut self) {
        self.half += 1;
        if self.half.is_multiple_of(HALVES_A_DAY) {
            self.day_begins();
        }
    }

    /// What is past its time goes, after what holds name was copied.
    fn day_begins(&mut self) {
        let (today, half) = (self.half / HALVES_A_DAY, self.half);
        let old = |category: u8, day: u64| day + self.keep_days[usize::from(category)] < today;
        let rows: Vec<Row> = self.sealed().copied().collect();
        let going: BTreeSet<(u8, u64)> = rows.iter().map(|row| (row.category, row.half / HALVES_A_DAY)).collect();
        let going: Vec<_> = going.into_iter().filter(|epoch| old(epoch.0, epoch.1) && !self.gone.contains(epoch)).collect();
        for (category, day) in going {
            let epochs: BTreeSet<Half> =
                rows.iter().filter(|row| row.category == category && row.half / HALVES_A_DAY == day).map(|row| row.half).collect();
            for hold in self.holds.iter_mut().filter(|hold| half < hold.ends && hold.category == category) {
                let seen = rows.iter().filter(|row| row.person.0 == hold.subject && row.half / HALVES_A_DAY == day);
                let persons: BTreeSet<Person> = seen.map(|row| row.person).filter(|person| !self.erased.contains(&person.0)).collect();
                for epoch in epochs.iter().filter(|epoch| (hold.hours.0..hold.hours.1).contains(&(**epoch / 2))) {
                    let current = |person: &&Person| self.holders.get(&person.0) == Some(&person.1);
                    hold.kept.extend(persons.iter().filter(current).map(|person| (*epoch, (*person, category, epoch / 2))));
                }
            }
            self.gone.insert((category, day));
        }
        self.holds.retain(|hold| half < hold.ends);
    }

    /// What lies in the house now.
    fn house(&self) -> Lot {
        let mut lot = Lot::default();
        for hold in &self.holds {
            lot.values.extend(&hold.kept);
        }
        // A day's key is made for its first epoch, before that is sealed.
        let days = self.rows.iter().map(|row| (row.category, row.half / HALVES_A_DAY));
        lot.days.extend(days.filter(|day| !self.gone.contains(day)));
        for row in self.sealed() {
            let day = (row.category, row.half / HALVES_A_DAY);
            let held = lot.values.iter().any(|(half, item)| *half == row.half && item.1 == row.category);
            if held || !self.gone.contains(&day) {
                lot.segments.insert((row.category, row.half));
            }
        }
        lot.persons = self.holders.iter().filter(|(subject, _)| !self.erased.contains(subject)).map(|(s, h)| (*s, *h)).collect();
        lot
    }

    /// An order is answered: emergency or not, keys are for what it names, once its hours are over.
    pub fn is_answered(&mut self, subject: u8, category: u8, hours: (u64, u64)) {
        let house = self.house();
        let Some(person) = house.persons.iter().copied().find(|person| person.0 == subject) else { return };
        for hour in hours.0..hours.1.min(self.half / 2) {
            let item = (person, category, hour);
            self.keys.insert(item);
            for half in [2 * hour, 2 * hour + 1] {
                if house.segments.contains(&(category, half)) && house.has_value(half, &item) {
                    self.values.insert((half, item));
                    let rows = self.rows.iter().filter(|row| row.half == half && row.item() == item);
                    self.given.extend(rows.map(|row| row.number));
                }
            }
        }
    }

    pub fn is_preserved(&mut self, subject: u8, category: u8, hours: (u64, u64), halves: u64) {
        self.holds.push(Hold { subject, category, hours, ends: self.half + halves, kept: BTreeSet::new() });
    }

    /// False: a hold names the subject.
    pub fn is_erased(&mut self, subject: u8) -> bool {
        let held = self.holds.iter().any(|hold| hold.subject == subject && self.half < hold.ends);
        if !held && self.holders.contains_key(&subject) {
            self.erased.insert(subject);
        }
        !held
    }

    pub fn store_is_stolen(&mut self) {
        let house = self.house();
        self.stolen.segments.extend(house.segments);
    }

    pub fn keys_are_stolen(&mut self) {
        let house = self.house();
        self.stolen.days.extend(house.days);
        self.stolen.values.extend(house.values);
    }

    pub fn salts_are_stolen(&mut self) {
        let house = self.house();
        self.stolen.persons.extend(house.persons);
    }

    /// The rows that these together may open.
    pub fn opens(&self, who: &Coalition) -> BTreeSet<u64> {
        let (house, stolen) = (self.house(), &self.stolen);
        let both = |live: bool, theirs: bool, of: &dyn Fn(&Lot) -> bool| (live && of(&house)) || (theirs && of(stolen));
        let opens = |row: &&Row| {
            let item = row.item();
            let disclosed = |known: bool| who.packages && known;
            let segment = both(who.store, who.stolen_store, &|lot| lot.segments.contains(&(row.category, row.half)));
            let value = disclosed(self.values.contains(&(row.half, item)))
                || both(who.keys, who.stolen_keys, &|lot| lot.has_value(row.half, &item));
            let salt = disclosed(self.keys.iter().any(|key| key.0 == row.person))
                || both(who.salts, who.stolen_salts, &|lot| lot.persons.contains(&row.person));
            let key = disclosed(self.keys.contains(&item)) || (who.has_both_thresholds() && salt);
            disclosed(self.given.contains(&row.number)) || (segment && value && key)
        };
        self.sealed().filter(opens).map(|row| row.number).collect()
    }
}

impl Lot {
    fn has_value(&self, half: Half, item: &Item) -> bool {
        self.days.contains(&(item.1, half / HALVES_A_DAY)) || self.values.contains(&(half, *item))
    }
}
