//! A received order from its arrival to the package, with the real desk, the gateway's core, the members' judges and their keys: a notified
//! order for traffic data on hold, refused while it is, let through by time; an emergency that the enforcing authority stops; and the one
//! line of the shell by which a withdrawal stops what is under way.

use super::*;
use law::gates::Provider;
use law::registry::{Edition, Editions, Registry};
use law::rules::RuleBook;
use node::desk::{Arrival, Ask, Desk, NotTaken, Setup, SharedDesk, Taken};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CustomExtension, IsCa, Issuer, KeyIdMethod, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, SerialNumber, SigningKey, date_time_ymd,
};
use standards::etsi::verdict::Setting;
use standards::signature::{Anchor, Store};
use std::sync::{Arc, Mutex, MutexGuard};
use verify::record::key_digest;

const DAY: u64 = 86_400;

/// A court with a qualified certificate, and who issued it.
pub struct Court {
    key: KeyPair,
    certificate: Vec<u8>,
    issuer: Vec<u8>,
    revoked: Vec<u8>,
}

impl Court {
    pub fn new() -> Court {
        let authority = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = params.self_signed(&authority).unwrap().der().to_vec();
        let authority = Issuer::new(params, authority);
        let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let mut params = CertificateParams::new(vec!["rechtbank.example".to_owned()]).unwrap();
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        // QcCompliance (EN 319 412-5): 0.4.0.1862.1.1.
        let statements = vec![0x30, 0x0a, 0x30, 0x08, 0x06, 0x06, 0x04, 0x00, 0x8e, 0x46, 0x01, 0x01];
        params.custom_extensions = vec![CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 3], statements)];
        let certificate = params.signed_by(&key, &authority).unwrap().der().to_vec();
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2025, 12, 1),
            next_update: date_time_ymd(2027, 12, 1),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: Vec::new(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let revoked = list.signed_by(&authority).unwrap().der().to_vec();
        Court { key, certificate, issuer, revoked }
    }

    /// A compact JWS over these octets.
    fn sign(&self, octets: &str) -> Vec<u8> {
        let [header, payload, value] = self.parts(octets);
        format!("{header}.{payload}.{value}").into_bytes()
    }

    /// Protected header, payload and signature over both.
    pub fn parts(&self, octets: &str) -> [String; 3] {
        let url = |octets: &[u8]| verify::spelling::base64(octets).replace('+', "-").replace('/', "_").replace('=', "");
        let header = format!("{{\"alg\":\"EdDSA\",\"x5c\":[\"{}\"]}}", verify::spelling::base64(&self.certificate));
        let (header, payload) = (url(header.as_bytes()), url(octets.as_bytes()));
        let value = self.key.sign(format!("{header}.{payload}").as_bytes()).unwrap();
        [header, payload, url(&value)]
    }

    fn desk(&self, folder: &Path) -> Desk {
        self.desk_with(folder, &[])
    }

    /// `doors`: SHA-256 of further certificates of the court, such as that of its own system.
    pub fn desk_with(&self, folder: &Path, doors: &[[u8; 32]]) -> Desk {
        let sample =
            |name: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/samples").join(name)).unwrap();
        let own = seal::digest::sha256(&[&self.certificate]);
        let key = [own].iter().chain(doors).map(|key| verify::spelling::hex(key)).collect::<Vec<_>>().join("\", \"");
        let registry = sample("registry.toml").replace("0f0e0d0c0b0a09080706050403020100f0e0d0c0b0a090807060504030201000", &key);
        let registry = Registry::parse(&registry).unwrap();
        let anchor = Anchor {
            certificate: self.issuer.clone(),
            name: "qualified service".into(),
            status: vec![(0, true)],
            is_qualified: true,
            listed_until: None,
        };
        let mut trust = Store::new(vec![anchor], Vec::new());
        trust.add_revocation_list(&self.revoked).unwrap();
        let setup = Setup {
            book: RuleBook::embedded().unwrap(),
            registry: Editions::new(vec![Edition { registry, logged_at: at(0, 0) - 10 * DAY }]),
            provider: Provider::parse(&sample("provider.toml")).unwrap(),
            trust,
            etsi: Setting::reader(),
        };
        Desk::create(&folder.join("desk.db"), body_key(), Arc::new(setup)).unwrap()
    }
}

/// An EPOC of the court for traffic data of the scene's person and hours.
pub fn epoc(deadline: &str) -> String {
    let sample = include_str!("../../../../docs/samples/epoc.xml");
    let changes = [
        ("Parket Voorbeeld", "Rechtbank Voorbeeld"),
        ("<WithinTenDays>AS_SOON_AS_POSSIBLE</WithinTenDays>", deadline),
        ("2026-11-01T08:00:00Z", "2026-01-01T10:00:00Z"),
        ("2026-11-01T12:30:00Z", "2026-01-01T11:59:00Z"),
        ("<Subscriber>", "<Traffic>"),
        ("</Subscriber>", "</Traffic>"),
        ("USER_INFORMATION", "TRAFFIC_OTHER"),
        (
            "</ApplicableProvision>",
            "</ApplicableProvision><Threshold>MAXIMUM_CUSTODIAL_THREE_YEARS</Threshold>
             <ControllerOrProcessor>CONTROLLER</ControllerOrProcessor>",
        ),
        ("PUBLIC_PROSECUTOR", "JUDGE_COURT_OR_INVESTIGATING_JUDGE"),
        ("2026-11-20", "2026-01-01"),
        ("</Form1>", "<SectionK><EnforcingAuthority><eio:NameOfAuthority>OM</eio:NameOfAuthority></EnforcingAuthority></SectionK></Form1>"),
    ];
    changes.iter().fold(sample.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

pub const NOTIFIED: &str = "<WithinTenDays>AT_THE_END_OF_TEN_DAYS</WithinTenDays>";
const EMERGENCY: &str = "<Value>IMMINENT_THREAT_TO_LIFE</Value>";

/// The native order that two attesters made of this original.
pub fn scene_of(original: Vec<u8>) -> Scene {
    Scene::new(move |plan| {
        plan.order = Box::new(move |world, terms| {
            terms.period = Span::new(slot(10).start(), slot(11).end() - 60).unwrap();
            terms.validity = Span::new(at(9, 30), at(9, 30) + 20 * DAY).unwrap();
            let mut keys = ["attester-1", "attester-2"].map(|name| key_digest(world.signer(name).vkey().key()));
            keys.sort_unstable();
            terms.attesters = Some(keys.to_vec());
            terms.original = Some(original);
            terms.court = None;
        });
    })
}

/// Gateway and desk, joined as the shell joins them.
pub struct Joined<'s> {
    pub run: Run<'s>,
    pub shared: SharedDesk,
    pub number: u64,
    /// Where packages lie as files, if the desk hands them over.
    pub outbox: Option<PathBuf>,
}

impl<'s> Joined<'s> {
    fn new(scene: &'s Scene, court: &Court, original: &[u8], folder: &Path) -> Joined<'s> {
        let run = Run::new(scene, Story::Past, Kill::Never, folder);
        let mut desk = court.desk(folder);
        let now = run.outside.now;
        let arrival = Arrival { door: "http", sender: String::new(), original: original.to_vec(), transcription: None, about: None };
        let read = desk.setup().read(original, None, now);
        let taken = desk.take_in(now, &arrival, read, &mut SeededEntropy::new([81; 32]));
        let Ok(Taken::Order(receipt)) = taken else { panic!("{taken:?}") };
        Joined { run, shared: Arc::new(Mutex::new(desk)), number: receipt.number, outbox: None }
    }

    pub fn desk(&self) -> MutexGuard<'_, Desk> {
        self.shared.lock().unwrap()
    }

    fn lay_out(&self) {
        let Some(outbox) = &self.outbox else { return };
        for (name, octets) in &self.run.outside.outbox {
            std::fs::write(outbox.join(name), octets).unwrap();
        }
    }

    pub fn state(&self) -> String {
        self.desk().head(self.number).unwrap().unwrap().state
    }

    pub fn due(&self) -> u64 {
        self.desk().head(self.number).unwrap().unwrap().due.unwrap()
    }

    pub fn at(&mut self, now: u64) {
        self.run.outside.now = now;
        self.desk().tick(now, &mut SeededEntropy::new([82; 32])).unwrap();
    }

    fn act(&mut self, ask: Ask) -> Result<String, String> {
        match self.desk().act(self.run.outside.now, self.number, "An", ask, &mut SeededEntropy::new([83; 32])) {
            Ok(head) => Ok(head.state),
            Err(NotTaken::Refused(refused)) => Err(refused.code),
            Err(NotTaken::Fault(fault)) => panic!("{fault}"),
        }
    }

    /// What the shell asks before an order, an approval or a retry.
    fn may(&self) -> Result<(), String> {
        self.desk().may_go_on(&self.run.outside.scene.good.order.to_bytes()).map_err(|error| match error {
            NotTaken::Refused(refused) => refused.code,
            NotTaken::Fault(fault) => panic!("{fault}"),
        })
    }

    fn input(&mut self, input: Input) {
        for effect in self.run.gateway.handle(self.run.outside.now, input, &mut self.run.entropy) {
            match effect {
                Effect::Store(change) => {
                    self.run.store.apply(&change, &mut self.run.entropy).unwrap();
                    self.lay_out();
                    self.desk().follow(self.run.outside.now, &change.case, &mut SeededEntropy::new([84; 32])).unwrap();
                }
                Effect::Work(work) => {
                    let case = self.run.gateway.case(&work.case).unwrap();
                    let (id, version) = (work.case, work.version);
                    let stopped = self.desk().stops(case).unwrap();
                    let back = match stopped {
                        Some(done) => Some(Input::Done { case: id, version, done }),
                        None => self.run.perform(Effect::Work(work)),
                    };
                    self.run.inputs.extend(back);
                }
                other => {
                    let back = self.run.perform(other);
                    self.run.inputs.extend(back);
                }
            }
        }
    }

    /// The order is sent and approved as often as it is allowed, until it is so far.
    pub fn until(&mut self, is_so_far: impl Fn(&Case) -> bool) {
        for _ in 0..500 {
            if self.run.case().is_some_and(&is_so_far) {
                return;
            }
            if let Some(input) = self.run.inputs.pop_front() {
                self.input(input);
                continue;
            }
            if self.may().is_ok() && self.run.people() {
                continue;
            }
            let wake = self.run.wake.take().expect("something to wait for");
            while self.run.outside.now < wake {
                self.run.outside.tick();
            }
            self.run.inputs.push_back(Input::Wake);
        }
        panic!("it is {:?}", self.run.case().map(Case::word));
    }
}

#[test]
fn lif_04_dsk_08_a_notified_order_yields_nothing_on_hold_and_everything_after_it() {
    let (court, folder) = (Court::new(), tempfile::tempdir().unwrap());
    let original = court.sign(&epoc(NOTIFIED));
    let scene = scene_of(original.clone());
    let mut joined = Joined::new(&scene, &court, &original, folder.path());
    assert_eq!(joined.state(), "on-hold");
    let lapse = joined.due();
    assert!(joined.run.outside.now + 9 * DAY < lapse && lapse < joined.run.outside.now + 14 * DAY);
    assert_eq!(joined.may(), Err("DSK-08".into()), "nothing is produced");
    joined.at(lapse - 1);
    assert_eq!((joined.state(), joined.may()), ("on-hold".to_owned(), Err("DSK-08".into())));
    joined.at(lapse);
    assert_eq!((joined.state(), joined.may()), ("producing".to_owned(), Ok(())));
    joined.until(|case| matches!(case, Case::Closed(_)));
    // DSK-09: two officers approved what members released, and that is the answer.
    assert_eq!((joined.run.outside.outbox.len(), joined.state()), (1, "answered".to_owned()));
    assert!(joined.run.outside.releases.len() >= 5, "both thresholds");
}

#[test]
fn lif_04_dsk_08_an_order_refused_on_hold_is_never_produced() {
    let (court, folder) = (Court::new(), tempfile::tempdir().unwrap());
    let original = court.sign(&epoc(NOTIFIED));
    let scene = scene_of(original.clone());
    let mut joined = Joined::new(&scene, &court, &original, folder.path());
    let lapse = joined.due();
    joined.at(lapse - DAY);
    assert_eq!(joined.act(Ask::EnforcingRefuses { grounds: "immunity".into() }).unwrap(), "refused-by-enforcing-authority");
    joined.at(lapse + DAY);
    assert_eq!((joined.state(), joined.may()), ("refused-by-enforcing-authority".to_owned(), Err("DSK-08".into())));
    assert!(joined.run.outside.releases.is_empty());
}

#[test]
fn lif_05_dsk_08_the_enforcing_authority_stops_an_emergency_or_recalls_it_within_96_hours() {
    let court = Court::new();
    let original = court.sign(&epoc(EMERGENCY));
    let scene = scene_of(original.clone());
    // Before anything left: the production under way is halted, and no approval takes it up.
    let folder = tempfile::tempdir().unwrap();
    let mut joined = Joined::new(&scene, &court, &original, folder.path());
    assert_eq!(joined.state(), "producing", "notification suspends no emergency");
    joined.until(|case| matches!(case, Case::Soaking(_)));
    joined.act(Ask::EnforcingRefuses { grounds: "press".into() }).unwrap();
    joined.until(|case| matches!(case, Case::Halted(_)));
    let Some(Case::Halted(s)) = joined.run.case() else { panic!() };
    assert!(s.why[0].starts_with("DSK-08"), "{:?}", s.why);
    assert_eq!((joined.may(), joined.run.outside.outbox.len()), (Err("DSK-08".into()), 0));
    // After it left: deleted at its word, for 96 hours.
    for (hours, answer) in [(95, Ok("recalled".to_owned())), (97, Err("LIF-05".to_owned()))] {
        let folder = tempfile::tempdir().unwrap();
        let mut joined = Joined::new(&scene, &court, &original, folder.path());
        let arrived = joined.run.outside.now;
        joined.until(|case| matches!(case, Case::Closed(_)));
        assert_eq!((joined.run.outside.outbox.len(), joined.state()), (1, "answered".to_owned()));
        joined.at(arrived + hours * 3_600);
        let objected = joined.act(Ask::Object { deletes: true, grounds: "press".into() });
        assert_eq!(objected, answer, "after {hours} hours");
    }
}

/// `Shell::perform` asks the desk before each task. No log answers here: without that line the case would be tried again for ever.
#[test]
fn dsk_08_the_shell_asks_the_desk_before_each_task() {
    let (court, folder) = (Court::new(), tempfile::tempdir().unwrap());
    let original = court.sign(&epoc(EMERGENCY));
    let scene = scene_of(original.clone());
    let mut joined = Joined::new(&scene, &court, &original, folder.path());
    joined.until(|case| matches!(case, Case::Drafting(_)));
    let id = joined.run.case().unwrap().file().id;
    joined.act(Ask::Withdraw {}).unwrap();
    let Joined { run, shared, .. } = joined;
    let live = super::away::live(&scene, folder.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let state = runtime.block_on(async {
        let (inbox, messages) = node::gateway::shell::inbox();
        let core = start::load(&scene.rules, &run.store).unwrap();
        let shell = node::gateway::shell::Shell::new(core, run.store, Arc::new(live), inbox.clone());
        let shell = shell.with_desk(shared);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let running = tokio::spawn(shell.run(messages, async move { drop(stopped.await) }));
        let mut state = String::new();
        for _ in 0..6_000 {
            let (reply, answer) = tokio::sync::oneshot::channel();
            assert!(inbox.send(node::gateway::shell::Message::Show { case: id, reply }).await.is_ok());
            state = answer.await.unwrap().unwrap()["state"].as_str().unwrap().to_owned();
            if state != "drafting" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        drop(stop);
        running.await.unwrap().unwrap();
        state
    });
    assert_eq!(state, "halted");
}
