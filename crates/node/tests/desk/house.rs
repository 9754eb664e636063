//! A desk in a folder of its own, with the provider and registry of the samples.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use law::gates::Provider;
use law::received::{Body, Received};
use law::registry::{Edition, Editions, Registry};
use law::rules::RuleBook;
use node::cases::body::BodyKey;
use node::desk::{Arrival, Ask, Desk, NotTaken, Receipt, Setup, Taken};
use node::gateway::preserving::Holds;
use node::gateway::work::Fault;
use node::vault::{HoldAnswer, HoldItem, HoldPaper};
use seal::entropy::{SeededEntropy, SystemEntropy};
use standards::epoc::hi1;
use standards::etsi::core::EndpointId;
use standards::etsi::values::{IsoCountryCode, LongString, Uuid};
use standards::etsi::verdict::Setting;
use standards::signature::Store;

/// 2026-11-20 17:10 in the Netherlands, a Friday.
pub const RECEIVED: u64 = 1_795_191_000;
pub const DAY: u64 = 86_400;

pub fn sample(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/samples").join(name)).unwrap()
}

/// What a desk tells the provider's vault: hold, whom it names, until when.
#[derive(Default)]
pub struct Vault {
    pub held: Mutex<BTreeMap<[u8; 32], (Vec<HoldItem>, u64)>>,
    pub is_full: AtomicBool,
}

impl Holds for Vault {
    fn keep(&self, hold: &[u8; 32], items: &[HoldItem], until: u64) -> Result<(), Fault> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(Fault("no space".to_owned()));
        }
        self.held.lock().unwrap().insert(*hold, (items.to_vec(), until));
        Ok(())
    }

    fn ask_hold(&self, _: &HoldPaper) -> Result<Option<HoldAnswer>, Fault> {
        Ok(None)
    }

    fn end_hold(&self, hold: &[u8; 32]) -> Result<(), Fault> {
        self.held.lock().unwrap().remove(hold);
        Ok(())
    }
}

pub struct House {
    pub folder: tempfile::TempDir,
    pub desk: Desk,
    pub now: u64,
}

pub fn body_key() -> BodyKey {
    BodyKey::generate(&mut SeededEntropy::new([7; 32]))
}

/// The sample's registry, with these certificates for the prosecutor and one office.
pub fn setup(certificates: &[[u8; 32]]) -> Setup {
    let keys: Vec<String> = certificates.iter().map(|key| format!("\"{}\"", verify::spelling::hex(key))).collect();
    let with = format!("call_back = [\"+31205550101\"]\noffices = [\"NL:PARKET\"]\nkeys = [{}]", keys.join(", "));
    let registry = Registry::parse(&sample("registry.toml").replace("call_back = [\"+31205550101\"]", &with)).unwrap();
    Setup {
        book: RuleBook::embedded().unwrap(),
        registry: Editions::new(vec![Edition { registry, logged_at: RECEIVED - 30 * DAY }]),
        provider: Provider::parse(&sample("provider.toml")).unwrap(),
        trust: Store::new(Vec::new(), certificates.to_vec()),
        etsi: Setting::reader(),
    }
}

impl House {
    pub fn new() -> House {
        House::with(setup(&[]))
    }

    pub fn with(setup: Setup) -> House {
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk::create(&folder.path().join("desk.db"), body_key(), Arc::new(setup)).unwrap();
        House { folder, desk, now: RECEIVED }
    }

    /// The same desk under other rules.
    pub fn under(self, rules: RuleBook) -> House {
        let setup = Setup { book: rules, ..setup(&[]) };
        let path = self.path();
        drop(self.desk);
        House { desk: Desk::open(&path, body_key(), Arc::new(setup)).unwrap(), folder: self.folder, now: self.now }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("desk.db")
    }

    /// With a vault that notes what it is told.
    pub fn with_vault(self, vault: &Arc<Vault>) -> House {
        let keeper: Arc<node::desk::Keeper> = Arc::clone(vault) as _;
        House { desk: self.desk.with_keeper(keeper), ..self }
    }

    /// As after kill -9: what the file has is what there is.
    pub fn reopened(self) -> House {
        let (setup, path) = (Arc::clone(self.desk.setup()), self.path());
        drop(self.desk);
        House { desk: Desk::open(&path, body_key(), setup).unwrap(), folder: self.folder, now: self.now }
    }

    pub fn take(&mut self, text: &str) -> Result<Taken, NotTaken> {
        self.take_through("http", "", text.as_bytes())
    }

    pub fn take_through(&mut self, door: &'static str, sender: &str, octets: &[u8]) -> Result<Taken, NotTaken> {
        let arrival = Arrival { door, sender: sender.to_owned(), original: octets.to_vec(), transcription: None, about: None };
        let read = self.desk.setup().read(octets, None, self.now);
        self.desk.take_in(self.now, &arrival, read, &mut SystemEntropy)
    }

    pub fn order(&mut self, text: &str) -> Receipt {
        match self.take(text) {
            Ok(Taken::Order(receipt)) => receipt,
            other => panic!("{other:?}"),
        }
    }

    pub fn act(&mut self, number: u64, ask: Ask) -> Result<String, String> {
        match self.desk.act(self.now, number, "An", ask, &mut SystemEntropy) {
            Ok(head) => Ok(head.state),
            Err(NotTaken::Refused(refused)) => Err(refused.code),
            Err(NotTaken::Fault(fault)) => panic!("{fault}"),
        }
    }

    pub fn state(&self, number: u64) -> String {
        self.desk.head(number).unwrap().unwrap().state
    }

    pub fn tick(&mut self) -> Vec<u64> {
        self.desk.tick(self.now, &mut SystemEntropy).unwrap()
    }
}

pub fn call() -> Ask {
    Ask::CalledBack { authority: "parket.example".into(), number: "+31205550101".into(), called_by: "An".into(), confirmed_by: "Bo".into() }
}

pub fn refused(taken: Result<Taken, NotTaken>) -> String {
    match taken {
        Err(NotTaken::Refused(refused)) => refused.code,
        other => panic!("{other:?}"),
    }
}

/// An EPOC for subscriber data with another file number, so that it is another document.
pub fn epoc(number: u32) -> String {
    sample("epoc.xml").replace("2026-0042", &format!("2026-{number:04}"))
}

/// An EPOC-PR, as a letter typed over.
pub fn preservation() -> String {
    let letter = sample("received.toml");
    let (at, end) = (letter.find("[national]").unwrap(), letter.find("[[identifiers]]").unwrap());
    let letter = format!("{}{}", &letter[..at], &letter[end..]);
    let letter = letter.replace("form = \"national\"", "form = \"EPOC-PR\"");
    letter
        .replace("class = \"TRAFFIC\"", "class = \"SUBSCRIBER\"")
        .replace("[\"TRAFFIC_OTHER\", \"INTERNET_CONNECTION_TIMES\"]", "[\"USER_INFORMATION\"]")
}

pub fn endpoint(country: &str, unique: &str) -> EndpointId {
    EndpointId { country: IsoCountryCode::parse(country).unwrap(), unique: LongString::parse(unique).unwrap() }
}

pub fn uuid(number: u32) -> Uuid {
    Uuid::parse(&format!("c02358b2-76cf-4ba4-a8eb-{number:012x}")).unwrap()
}

/// The form as a message of the prosecutor's office to us.
pub fn message(form: &str, transaction: u32) -> String {
    let read: Received = standards::incoming::read(form.as_bytes(), &Setting::reader()).unwrap();
    let body: Body = read.body;
    let envelope = hi1::Envelope {
        sender: endpoint("NL", "PARKET"),
        receiver: endpoint("NL", "NL-EXAMPLE"),
        transaction: uuid(transaction),
        at: RECEIVED as i64,
        expiry: None,
        tasks: Vec::new(),
    };
    hi1::to_message(&body, &envelope).unwrap().message.to_xml()
}
