//! Programs that we did not write judge what we write, and write what we judge (T30). Needs openssl, unzip, python3.
//!
//! The longer list, with bagit.py and CASE, is interop/package.sh.

mod container;
mod sample;

use container::{code, files, structure, zip_in_order};
use standards::delivery::{self, Recipient};
use standards::package::{PackageKey, Signed};
use std::path::{Path, PathBuf};
use std::process::Command;
use verify::package::{RawPackage, Refusal, StampPin, layout};

/// A folder with files to run programs on.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Desk {
        Desk(tempfile::tempdir().unwrap())
    }
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }
    fn get(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }
    /// Runs `program arg arg …` (split at spaces) in the folder; true if it succeeded.
    fn run(&self, line: &str) -> bool {
        let mut words = line.split(' ');
        let output = Command::new(words.next().unwrap()).args(words).current_dir(self.0.path()).output();
        output.unwrap_or_else(|fault| panic!("{line}: {fault}; install the programs that ./test names")).status.success()
    }
    fn must(&self, line: &str) {
        assert!(self.run(line), "{line}");
    }
}

fn flipped(bytes: &[u8], place: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[place] ^= 1;
    bytes
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// Signed now, because a time-stamp authority has only the real clock.
fn signed(key: &PackageKey) -> Signed {
    sample::draft().assemble().unwrap().sign(key, now()).unwrap()
}

#[test]
fn t30_unzip_and_python_read_the_container() {
    let desk = Desk::new();
    let (bytes, _, _) = sample::package();
    desk.put("p.asice", &bytes);
    desk.must("unzip -tqq p.asice");
    desk.must("python3 -m zipfile -t p.asice");
    let place = bytes.len() / 2;
    desk.put("bad.asice", &flipped(&bytes, place));
    assert!(!desk.run("unzip -tqq bad.asice"));
    // The zip crate of the Rust world agrees on names and contents.
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
    for (name, content) in files(&bytes) {
        let mut found = Vec::new();
        std::io::Read::read_to_end(&mut archive.by_name(&name).unwrap(), &mut found).unwrap();
        assert_eq!(found, content, "{name}");
    }
}

#[test]
fn t30_many_files_are_read_in_zip64_too() {
    let desk = Desk::new();
    let names: Vec<String> = (0..66_000).map(|n| format!("data/evidence/traffic-{n:06}.wbe")).collect();
    let mut list: Vec<(&str, &[u8])> = vec![("mimetype", layout::MIMETYPE_TEXT)];
    list.extend(names.iter().map(|name| (name.as_str(), &b"x"[..])));
    let bytes = container::zip_of(&list);
    assert_eq!(RawPackage::read(&bytes).unwrap().names().count(), 66_001);
    desk.put("p.zip", &bytes);
    desk.must("unzip -tqq p.zip");
    desk.put("count.py", b"import zipfile\nz = zipfile.ZipFile('p.zip')\nassert len(z.namelist()) == 66001\nassert z.testzip() is None\n");
    desk.must("python3 count.py");
}

/// The signature judged by openssl, and its refusal of changed octets.
fn openssl_accepts_and_refuses(desk: &Desk, bytes: &[u8], root: &str) {
    let files = files(bytes);
    let (manifest, signature) = (&files[layout::ASIC_MANIFEST], &files[layout::SIGNATURE]);
    desk.put("manifest", manifest);
    desk.put("signature", signature);
    let verify = |signature: &str, manifest: &str| {
        desk.run(&format!(
            "openssl cms -verify -cades -binary -inform DER -in {signature} -content {manifest} -CAfile {root} -purpose any -no_check_time -out out"
        ))
    };
    assert!(verify("signature", "manifest"));
    desk.put("bad", &flipped(manifest, manifest.len() / 2));
    assert!(!verify("signature", "bad"));
    desk.put("bad", &flipped(signature, signature.len() - 1));
    assert!(!verify("bad", "manifest"));
}

#[test]
fn t30_openssl_verifies_our_signature() {
    let desk = Desk::new();
    let (bytes, _, key) = sample::package();
    desk.put("root.pem", key.certificate_pem().as_bytes());
    openssl_accepts_and_refuses(&desk, &bytes, "root.pem");
}

#[test]
fn t30_a_seal_on_an_rsa_key_and_its_chain_made_by_openssl_work() {
    let desk = Desk::new();
    desk.must("openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /O=Trust -days 3650");
    desk.must("openssl req -newkey rsa:2048 -nodes -keyout seal.key -out seal.csr -subj /O=Provider/CN=seal");
    desk.put("usage", b"keyUsage=critical,nonRepudiation\n");
    desk.must("openssl x509 -req -in seal.csr -CA ca.pem -CAkey ca.key -days 3000 -extfile usage -out seal.pem -set_serial 77");
    let pem = [desk.get("seal.key"), desk.get("seal.pem"), desk.get("ca.pem")].concat();
    let key = PackageKey::from_pem(std::str::from_utf8(&pem).unwrap()).unwrap();
    let bytes = sample::draft().assemble().unwrap().sign(&key, now() + 60).unwrap().to_bytes().unwrap();
    openssl_accepts_and_refuses(&desk, &bytes, "ca.pem");
    // Key and certificate that do not belong together.
    let other = [desk.get("ca.key"), desk.get("seal.pem")].concat();
    assert!(PackageKey::from_pem(std::str::from_utf8(&other).unwrap()).is_err());
}

#[test]
fn t30_signatures_that_openssl_made_are_read() {
    let desk = Desk::new();
    let good = files(&sample::package().0);
    desk.put("manifest", &good[layout::ASIC_MANIFEST]);
    let cases = [
        ("rsa:3072", "", "accepted"),
        ("rsa:3072", " -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:32 -keyopt rsa_mgf1_md:sha256", "accepted"),
        // A salt of another length, a key that is too short, another curve.
        ("rsa:3072", " -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:20 -keyopt rsa_mgf1_md:sha256", "PKG-41"),
        ("rsa:1024", "", "PKG-45"),
        ("ec:p521.pem", "", "PKG-41"),
    ];
    desk.must("openssl ecparam -name secp521r1 -out p521.pem");
    for (kind, options, expected) in cases {
        desk.must(&format!("openssl req -x509 -newkey {kind} -nodes -keyout k.key -out k.pem -subj /O=Provider -days 9"));
        // openssl adds S/MIME capabilities unless told not to: a fifth attribute would be refused (PKG-42).
        desk.must(&format!(
            "openssl cms -sign -cades -binary -nosmimecap -md sha256 -outform DER -in manifest -out s.p7s -signer k.pem -inkey k.key{options}"
        ));
        let mut changed = good.clone();
        changed.insert(layout::SIGNATURE.into(), desk.get("s.p7s"));
        let bytes = zip_in_order(&changed);
        let verdict = RawPackage::read(&bytes).unwrap().check().unwrap().signed_by_anyone().map(|_| ());
        assert_eq!(code(verdict), expected, "{kind}{options}");
    }
}

/// A time-stamp authority made by openssl: `tsa.pem`, `tsa.key`, `tsa.conf`.
fn authority(desk: &Desk, name: &str, usage: &str) {
    desk.put("eku", format!("extendedKeyUsage=critical,{usage}\nkeyUsage=critical,digitalSignature\n").as_bytes());
    desk.must(&format!("openssl req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /O=Time/CN={name}"));
    desk.must(&format!("openssl x509 -req -in {name}.csr -signkey {name}.key -days 3000 -extfile eku -out {name}.pem"));
    let conf = format!(
        "[tsa]\ndefault_tsa=t\n[t]\nserial=serial\ncrypto_device=builtin\nsigner_cert={name}.pem\nsigner_key={name}.key\nsigner_digest=sha256\n\
         default_policy=1.2.3.4.1\nother_policies=1.2.3.4.2\ndigests=sha256\naccuracy=secs:1,millisecs:500\nordering=yes\ntsa_name=yes\n\
         ess_cert_id_chain=no\ness_cert_id_alg=sha256\n"
    );
    desk.put("tsa.conf", conf.as_bytes());
    desk.put("serial", b"01\n");
}

fn stamp(desk: &Desk, request: &[u8]) -> Vec<u8> {
    desk.put("request.tsq", request);
    desk.must("openssl ts -reply -config tsa.conf -queryfile request.tsq -out reply.tsr");
    desk.get("reply.tsr")
}

fn verdict(bytes: &[u8], certificate: &[u8; 32], pin: StampPin) -> Result<(), Refusal> {
    RawPackage::read(&bytes)?.check()?.signed_by(certificate, pin).map(|_| ())
}

#[test]
fn pkg_50_to_53_a_time_stamp_by_openssl_is_accepted_and_bent_ones_are_refused() {
    let desk = Desk::new();
    authority(&desk, "tsa", "timeStamping");
    let key = PackageKey::generate("Example Provider", 0, 4_000_000_000).unwrap().0;
    let package = signed(&key);
    let digests = package.digests();
    let request = package.stamp_request(0x8000_0000_0000_0001);
    let reply = stamp(&desk, &request.bytes);
    let other = signed(&key);
    assert!(other.with_stamp(&package.stamp_request(7), &reply).is_err(), "another nonce");
    let other = signed(&key);
    let of_other = other.stamp_request(0x8000_0000_0000_0001);
    assert!(other.with_stamp(&of_other, &reply).is_err(), "another package");
    // Status 2: rejected, although a token follows.
    let mut rejected = reply.clone();
    let at = reply.windows(5).position(|window| window == [0x30, 3, 2, 1, 0]).unwrap();
    rejected[at + 4] = 2;
    assert!(signed(&key).with_stamp(&request, &rejected).is_err_and(|refusal| refusal.code() == "WRITE"));
    let stamped = package.with_stamp(&request, &reply).unwrap();
    assert_eq!(stamped.digests(), digests, "a stamp does not change what the receipt leaf commits to");
    let bytes = stamped.to_bytes().unwrap();
    let certificate = key.certificate_sha256();

    // openssl on our container.
    let good = files(&bytes);
    desk.put("manifest", &good[layout::STAMP_MANIFEST]);
    desk.put("token", &good[layout::STAMP]);
    desk.put("bad", &flipped(&good[layout::STAMP_MANIFEST], 700));
    let accepts = |data: &str| desk.run(&format!("openssl ts -verify -data {data} -in token -token_in -CAfile tsa.pem -no_check_time"));
    assert!(accepts("manifest") && !accepts("bad"));

    // Ours on openssl's token.
    let tsa = delivery::certificate_sha256(&desk.get("tsa.pem")).unwrap();
    let package = RawPackage::read(&bytes).unwrap().check().unwrap().signed_by(&certificate, StampPin::Certificate(tsa)).unwrap();
    assert!(package.stamp().is_some_and(|stamp| stamp.is_pinned && stamp.subject == "Time, tsa"));
    let unpinned = RawPackage::read(&bytes).unwrap().check().unwrap().signed_by(&certificate, StampPin::NotChecked).unwrap();
    assert!(unpinned.stamp().is_some_and(|stamp| !stamp.is_pinned));
    assert_eq!(code(verdict(&bytes, &certificate, StampPin::Certificate([0; 32]))), "PKG-52");

    let with = |name: &str, content: Vec<u8>| {
        let mut changed = good.clone();
        changed.insert(name.into(), content);
        code(verdict(&zip_in_order(&changed), &certificate, StampPin::NotChecked))
    };
    let elsewhere = verify::package::asic::AsicManifest::of_stamp(digests.0, [0; 32]).to_bytes();
    assert_eq!(with(layout::STAMP_MANIFEST, elsewhere), "PKG-50");
    assert_eq!(with(layout::STAMP_MANIFEST, vec![]), "PKG-50");
    let token = &good[layout::STAMP];
    assert_eq!(with(layout::STAMP, flipped(token, token.len() - 1)), "PKG-45");
    assert_eq!(with(layout::STAMP, token[..token.len() - 1].to_vec()), "PKG-40");
    assert_eq!(with(layout::STAMP, good[layout::SIGNATURE].clone()), "PKG-41");
    // A genuine token over something else.
    let elsewhere = verify::package::stamp::request(&[5; 32], 7);
    let foreign = verify::package::stamp::token_of_reply(&stamp(&desk, &elsewhere)).unwrap();
    assert_eq!(with(layout::STAMP, foreign), "PKG-51");
    assert_eq!(code(structure(&zip_in_order(&good))), "accepted");

    // Another time inside the token.
    let mut later = token.clone();
    let at = token.windows(4).position(|window| window == b"\x18\x0f20").unwrap();
    later[at + 15] ^= 1;
    assert_eq!(with(layout::STAMP, later), "PKG-43");
    bent_tokens(&desk, token, &with);
}

/// Tokens over the right bytes by openssl's CMS, each with one thing wrong.
fn bent_tokens(desk: &Desk, token: &[u8], with: &dyn Fn(&str, Vec<u8>) -> &'static str) {
    let sign = "openssl cms -sign -binary -nosmimecap -nodetach -econtent_type 1.2.840.113549.1.9.16.1.4 -md sha256 -outform DER -in info";
    let info = verify::package::cms::SignedData::parse(token, layout::STAMP).unwrap().content.unwrap();
    desk.put("info", &info);
    desk.must(
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout m.key -out m.pem -subj /O=Mail -days 9 -addext extendedKeyUsage=emailProtection",
    );
    desk.must(&format!("{sign} -cades -out mail.tst -signer m.pem -inkey m.key"));
    assert_eq!(with(layout::STAMP, desk.get("mail.tst")), "PKG-48", "not for time stamping");
    desk.must(&format!("{sign} -out bare.tst -signer tsa.pem -inkey tsa.key"));
    assert_eq!(with(layout::STAMP, desk.get("bare.tst")), "PKG-42", "no signing-certificate-v2");
    desk.must(&format!("{sign} -cades -out again.tst -signer tsa.pem -inkey tsa.key"));
    assert_eq!(with(layout::STAMP, desk.get("again.tst")), "accepted");
    desk.must("openssl x509 -req -in tsa.csr -signkey tsa.key -days -1 -extfile eku -out old.pem");
    desk.must(&format!("{sign} -cades -out old.tst -signer old.pem -inkey tsa.key"));
    assert_eq!(with(layout::STAMP, desk.get("old.tst")), "PKG-47", "expired");
}

#[test]
fn pkg_53_a_time_stamp_older_than_the_signature_is_refused() {
    let desk = Desk::new();
    authority(&desk, "tsa", "timeStamping");
    let key = PackageKey::generate("Example Provider", 0, 4_000_000_000).unwrap().0;
    let now = now();
    for (signing_time, expected) in [(now - 5, "accepted"), (now + 200, "accepted"), (now + 2_000, "PKG-53")] {
        let package = sample::draft().assemble().unwrap().sign(&key, signing_time).unwrap();
        let request = package.stamp_request(11);
        let stamped = package.with_stamp(&request, &stamp(&desk, &request.bytes)).unwrap();
        let found = match stamped.to_bytes() {
            Ok(_) => "accepted",
            Err(standards::package::Failure::Refused(refusal)) => refusal.code(),
            Err(standards::package::Failure::Fault(fault)) => panic!("{fault}"),
        };
        assert_eq!(found, expected);
    }
}

/// Our envelope for a recipient whose key openssl made.
fn envelope(desk: &Desk, plain: &[u8]) -> Vec<u8> {
    desk.must("openssl req -x509 -newkey rsa:3072 -nodes -keyout r.key -out r.pem -subj /O=Authority -days 9");
    let certificate = desk.get("r.pem");
    let recipient = Recipient::new(&certificate, &delivery::certificate_sha256(&certificate).unwrap()).unwrap();
    delivery::encrypt(plain.to_vec(), &recipient).unwrap()
}

fn opened(envelope: &[u8], certificate: &Path, key: &Path) -> Result<Vec<u8>, &'static str> {
    let key = std::fs::read_to_string(key).unwrap();
    delivery::decrypt(envelope, &std::fs::read(certificate).unwrap(), &key).map_err(|refusal| refusal.code())
}

#[test]
fn t30_openssl_decrypts_our_delivery_and_pkg_60_to_62_changed_ones_are_refused() {
    let desk = Desk::new();
    let plain: Vec<u8> = (0..100_000u32).map(|n| (n % 251) as u8).collect();
    let sealed = envelope(&desk, &plain);
    desk.put("p.p7m", &sealed);
    let decrypt = "openssl cms -decrypt -inform DER -recip r.pem -inkey r.key -out out -in ";
    desk.must(&format!("{decrypt}p.p7m"));
    assert_eq!(desk.get("out"), plain);
    assert_eq!(opened(&sealed, &desk.path("r.pem"), &desk.path("r.key")).unwrap(), plain);
    for place in [sealed.len() - 1, sealed.len() - 30, sealed.len() / 2] {
        let bad = flipped(&sealed, place);
        desk.put("bad.p7m", &bad);
        assert!(!desk.run(&format!("{decrypt}bad.p7m")), "octet {place}");
        assert_eq!(opened(&bad, &desk.path("r.pem"), &desk.path("r.key")), Err("PKG-62"), "octet {place}");
    }
    // Every octet of the head (recipient, algorithms, transported key), one by one.
    for place in 0..700 {
        assert!(opened(&flipped(&sealed, place), &desk.path("r.pem"), &desk.path("r.key")).is_err(), "octet {place}");
    }
    assert_eq!(opened(&sealed[..sealed.len() - 1], &desk.path("r.pem"), &desk.path("r.key")), Err("PKG-40"));
    assert_eq!(opened(&[sealed.as_slice(), &[0]].concat(), &desk.path("r.pem"), &desk.path("r.key")), Err("PKG-40"));
    // Another recipient, and the right certificate with another key.
    desk.must("openssl req -x509 -newkey rsa:3072 -nodes -keyout s.key -out s.pem -subj /O=Stranger -days 9");
    assert_eq!(opened(&sealed, &desk.path("s.pem"), &desk.path("s.key")), Err("PKG-61"));
    assert_eq!(opened(&sealed, &desk.path("r.pem"), &desk.path("s.key")), Err("PKG-62"));
    // CMS by openssl with other algorithms: CBC without authentication, PKCS #1 key transport.
    desk.put("plain", &plain);
    for options in ["-aes256", "-aes-256-gcm", "-aes-128-gcm -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256"] {
        let (cipher, keyopt) = options.split_once(' ').unwrap_or((options, ""));
        let keyopt = if keyopt.is_empty() { String::new() } else { format!(" {keyopt}") };
        desk.must(&format!("openssl cms -encrypt -binary {cipher} -outform DER -in plain -out o.p7m -recip r.pem{keyopt}"));
        assert!(matches!(opened(&desk.get("o.p7m"), &desk.path("r.pem"), &desk.path("r.key")), Err("PKG-60" | "PKG-40")), "{options}");
    }
}

#[test]
fn t10_a_certificate_that_is_not_pinned_or_not_for_receiving_is_refused() {
    let (certificate, _) = delivery::generate("Authority", 1_700_000_000, 1_900_000_000).unwrap();
    let pinned = delivery::certificate_sha256(certificate.as_bytes()).unwrap();
    assert!(Recipient::new(certificate.as_bytes(), &pinned).is_ok());
    assert_eq!(Recipient::new(certificate.as_bytes(), &[0; 32]).err().unwrap().code(), "PKG-61");
    let signer = sample::key();
    assert_eq!(Recipient::new(signer.certificate(), &signer.certificate_sha256()).err().unwrap().code(), "PKG-60");
}

#[test]
fn our_own_delivery_keys_open_in_openssl_and_here() {
    let desk = Desk::new();
    let (certificate, private) = delivery::generate("Authority", 1_700_000_000, 1_900_000_000).unwrap();
    let (c, k) = (desk.put("c.pem", certificate.as_bytes()), desk.put("c.key", private.as_bytes()));
    desk.must("openssl x509 -in c.pem -noout -checkend 0");
    desk.must("openssl verify -CAfile c.pem c.pem");
    let recipient = Recipient::new(certificate.as_bytes(), &delivery::certificate_sha256(certificate.as_bytes()).unwrap()).unwrap();
    let sealed = delivery::encrypt(b"short".to_vec(), &recipient).unwrap();
    assert_eq!(opened(&sealed, &c, &k).unwrap(), b"short");
    assert_ne!(sealed, delivery::encrypt(b"short".to_vec(), &recipient).unwrap(), "key and nonce are fresh each time");
    let placed = delivery::place(&sealed, desk.0.path(), "production-1.asice").unwrap();
    assert_eq!(placed.file_name().unwrap(), "production-1.asice.p7m");
}
