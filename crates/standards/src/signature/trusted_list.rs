//! National trusted lists (ETSI TS 119 612): who may issue qualified certificates, and since when.

use super::refusal::shown;
use super::xml::{self, Limits, Parsed};
use super::{Anchor, Refusal};
use base64::Engine;
use roxmltree::Node;

const TSL: &str = "http://uri.etsi.org/02231/v2#";
const CA_QC: &str = "http://uri.etsi.org/TrstSvc/Svctype/CA/QC";
const STATUS: &str = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/";
/// Versions of the list format whose services are read here.
const VERSIONS: &[&str] = &["5", "6"];
/// `granted` since July 2016; before, what supervision said (TS 119 612, 5.5.4 and annex D).
const GRANTED: &[&str] = &["granted", "undersupervision", "supervisionincessation", "accredited"];

/// A list that the pinned operator signed and that is in date. Made only by [`TrustedList::parse`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedList(StatedList);

/// What octets state that call themselves a trusted list. Nobody vouches for them: a [`Store`](super::Store) is not made of this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedList {
    territory: String,
    sequence: u64,
    issued: u64,
    next_update: u64,
    anchors: Vec<Anchor>,
}

impl TrustedList {
    /// `operators` are the SHA-256 of certificates that may sign this list, as the EU's list of lists names them; `now` is when it is
    /// imported. Refuses SIG-57, and whatever is wrong with its signature.
    pub fn parse(bytes: &[u8], operators: &[[u8; 32]], now: u64) -> Result<TrustedList, Refusal> {
        let signatures = xml::check_within(bytes, Limits::TRUSTED_LIST)?;
        let [signature] = &signatures[..] else { return Err(Refusal::TrustedList { what: "more than one signature" }) };
        // The operator's certificate is pinned, so no list decides about itself.
        if !operators.contains(&signature.certificate().sha256()) {
            return Err(Refusal::TrustedList { what: "not signed by the pinned operator" });
        }
        if !signature.certificate().is_valid_at(now) {
            return Err(Refusal::TrustedList { what: "the operator's certificate is not valid" });
        }
        let list = StatedList::parse(signature.octets())?;
        if list.next_update < now || now < list.issued {
            return Err(Refusal::TrustedList { what: "out of date" });
        }
        Ok(TrustedList(list))
    }

    /// Two capitals, such as `NL`.
    pub fn territory(&self) -> &str {
        &self.0.territory
    }
    /// Grows with each issue; an importer keeps it and takes no smaller one.
    pub fn sequence(&self) -> u64 {
        self.0.sequence
    }
    pub fn next_update(&self) -> u64 {
        self.0.next_update
    }
    /// Services that issue qualified certificates, with their history.
    pub fn anchors(&self) -> &[Anchor] {
        &self.0.anchors
    }
}

impl StatedList {
    /// Reads what the operator signed, without its signature.
    pub fn parse(octets: &[u8]) -> Result<StatedList, Refusal> {
        read(&Parsed::parse(octets, Limits::TRUSTED_LIST)?)
    }
}

fn read(signed: &Parsed<'_>) -> Result<StatedList, Refusal> {
    let shape = |what| Refusal::TrustedList { what };
    let root = signed.tree.root_element();
    if !root.has_tag_name((TSL, "TrustServiceStatusList")) {
        return Err(shape("not a trusted list"));
    }
    let scheme = child(root, "SchemeInformation").ok_or(shape("SchemeInformation"))?;
    let text_of = |name: &str| child(scheme, name).and_then(|n| n.text()).map(str::trim);
    if text_of("TSLVersionIdentifier").is_none_or(|version| !VERSIONS.contains(&version)) {
        return Err(shape("TSLVersionIdentifier"));
    }
    let next = child(scheme, "NextUpdate").and_then(|n| child(n, "dateTime")).and_then(|n| n.text());
    let mut list = StatedList {
        territory: shown(text_of("SchemeTerritory").ok_or(shape("SchemeTerritory"))?),
        sequence: text_of("TSLSequenceNumber").and_then(|n| n.parse().ok()).ok_or(shape("TSLSequenceNumber"))?,
        issued: text_of("ListIssueDateTime").and_then(xml::seconds).ok_or(shape("ListIssueDateTime"))?,
        next_update: next.and_then(xml::seconds).ok_or(shape("NextUpdate"))?,
        anchors: Vec::new(),
    };
    let providers = child(root, "TrustServiceProviderList").into_iter().flat_map(|n| children(n, "TrustServiceProvider"));
    for provider in providers {
        let name = child(provider, "TSPInformation").and_then(|n| child(n, "TSPName")).and_then(first_name).unwrap_or_default();
        for service in child(provider, "TSPServices").into_iter().flat_map(|n| children(n, "TSPService")) {
            let listed_until = Some(list.next_update);
            list.anchors.extend(anchors(service, &name)?.into_iter().map(|anchor| Anchor { listed_until, ..anchor }));
        }
    }
    Ok(list)
}

/// One anchor for each certificate of a service for qualified certificates; none for other services.
fn anchors(service: Node<'_, '_>, provider: &str) -> Result<Vec<Anchor>, Refusal> {
    let shape = |what| Refusal::TrustedList { what };
    let current = child(service, "ServiceInformation").ok_or(shape("ServiceInformation"))?;
    let history = child(service, "ServiceHistory").into_iter().flat_map(|n| children(n, "ServiceHistoryInstance"));
    let mut status = Vec::new();
    for entry in history.chain([current]) {
        let text_of = |name: &str| child(entry, name).and_then(|n| n.text()).map(str::trim);
        if text_of("ServiceTypeIdentifier") != Some(CA_QC) {
            // A service that was of another kind at that time vouched for nothing then.
            if entry == current {
                return Ok(Vec::new());
            }
            continue;
        }
        let from = text_of("StatusStartingTime").and_then(xml::seconds).ok_or(shape("StatusStartingTime"))?;
        let is_granted = text_of("ServiceStatus").and_then(|s| s.strip_prefix(STATUS)).is_some_and(|s| GRANTED.contains(&s));
        status.push((from, is_granted));
    }
    status.sort_unstable();
    let name = child(current, "ServiceName").and_then(first_name).unwrap_or_default();
    let identities = child(current, "ServiceDigitalIdentity").into_iter().flat_map(|n| children(n, "DigitalId"));
    let mut found = Vec::new();
    for identity in identities.filter_map(|n| child(n, "X509Certificate")) {
        let text: String = identity.text().unwrap_or("").chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let certificate = base64::engine::general_purpose::STANDARD.decode(text).map_err(|_| shape("X509Certificate"))?;
        found.push(Anchor {
            certificate,
            name: format!("{provider}: {name}"),
            status: status.clone(),
            is_qualified: true,
            listed_until: None,
        });
    }
    Ok(found)
}

fn child<'p, 'a>(node: Node<'p, 'a>, name: &str) -> Option<Node<'p, 'a>> {
    node.children().find(|n| n.has_tag_name((TSL, name)))
}

fn children<'p, 'a>(node: Node<'p, 'a>, name: &'static str) -> impl Iterator<Item = Node<'p, 'a>> {
    node.children().filter(move |n| n.has_tag_name((TSL, name)))
}

/// The first of the names in several languages.
fn first_name(names: Node<'_, '_>) -> Option<String> {
    child(names, "Name").and_then(|n| n.text()).map(|text| shown(text.trim()))
}
