//! ds:Signature: its shape, its references, its value.

use super::DSIG;
use super::canonical::{Canonical, Method};
use super::scan::{Counted, Limits, Parsed};
use super::xades::{self, Properties};
use crate::signature::refusal::shown;
use crate::signature::{CERTIFICATES_MAX, Certificate, Coverage, Format, Refusal, SIGNATURES_MAX, Valid, algorithm};
use crate::tree::with_line_feeds;
use algorithm::Scheme;
use base64::Engine;
use roxmltree::{Node, NodeId};
use std::collections::BTreeSet;
use std::sync::Arc;
use verify::package::cms::Hash;

const C14N_10: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const C14N_11: &str = "http://www.w3.org/2006/12/xml-c14n11";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const XPATH: &str = "http://www.w3.org/TR/1999/REC-xpath-19991116";
/// The one XPath that is taken: all signatures of the document are left out, for signers side by side.
const WITHOUT_SIGNATURES: &str = "not(ancestor-or-self::ds:Signature)";

/// Every signature of an order. All must verify, or the document is refused.
pub fn check(document: &[u8]) -> Result<Vec<Valid>, Refusal> {
    check_within(document, Limits::ORDER)
}

/// The same within other limits.
pub fn check_within(document: &[u8], limits: Limits) -> Result<Vec<Valid>, Refusal> {
    let document = with_line_feeds(document);
    let counted = Counted::new(&document, limits)?;
    if !counted.may_be_signed() {
        return Err(Refusal::Unsigned);
    }
    let parsed = Parsed::of(counted)?;
    let found = signatures(&parsed);
    if found.is_empty() {
        return Err(Refusal::Unsigned);
    }
    if SIGNATURES_MAX < found.len() {
        return Err(Refusal::Size { what: "signatures" });
    }
    let ids = identifiers(&parsed)?;
    let all: Vec<NodeId> = found.iter().map(Node::id).collect();
    found.iter().map(|node| Signature { parsed: &parsed, node: *node, all: &all, ids: &ids }.check()).collect()
}

/// The signatures on the document, in its order. One inside another is a countersignature: not on the document.
pub fn signatures<'p, 'a>(parsed: &'p Parsed<'a>) -> Vec<Node<'p, 'a>> {
    let is_signature = |node: &Node<'_, '_>| node.has_tag_name((DSIG, "Signature"));
    let all = parsed.tree.descendants().filter(is_signature);
    all.filter(|node| !node.ancestors().skip(1).any(|above| is_signature(&above))).collect()
}

/// SIG-12: identifiers are one name space, whatever their attribute is called, or an identifier could mean two elements.
fn identifiers(parsed: &Parsed<'_>) -> Result<BTreeSet<String>, Refusal> {
    let mut seen = BTreeSet::new();
    for attribute in parsed.tree.descendants().flat_map(|node| node.attributes()) {
        if attribute.name().eq_ignore_ascii_case("id") && !seen.insert(attribute.value().to_owned()) {
            return Err(Refusal::DoubleId { id: shown(attribute.value()) });
        }
    }
    Ok(seen)
}

struct Signature<'p, 'a> {
    parsed: &'p Parsed<'a>,
    node: Node<'p, 'a>,
    all: &'p [NodeId],
    ids: &'p BTreeSet<String>,
}

/// One ds:Reference, read.
struct Reference<'p> {
    uri: &'p str,
    is_properties: bool,
    transforms: Transforms,
    hash: Hash,
    digest: Vec<u8>,
}

struct Transforms {
    method: Method,
    is_enveloped: bool,
    is_without_all: bool,
}

impl<'p, 'a> Signature<'p, 'a> {
    fn check(&self) -> Result<Valid, Refusal> {
        let root = self.parsed.tree.root_element();
        // SIG-15: enveloped, so that there is one document and it is the one that people see.
        if self.node == root {
            return Err(Refusal::Place);
        }
        let mut parts = Parts::of(self.node)?;
        let info = parts.required("SignedInfo")?;
        let value = octets(parts.required("SignatureValue")?)?;
        let certificates = certificates(parts.optional("KeyInfo"))?;
        let objects: Vec<Node<'p, 'a>> = parts.rest_are("Object")?;
        let properties = xades::find(&objects)?;

        let mut parts = Parts::of(info)?;
        let method = canonicalisation(parts.required("CanonicalizationMethod")?)?;
        let (scheme, is_raw) = scheme(parts.required("SignatureMethod")?)?;
        let references = parts.rest_are("Reference")?.into_iter().map(reference).collect::<Result<Vec<_>, _>>()?;
        let octets = self.check_references(&references, properties.as_ref())?;

        let info = Canonical::of(self.parsed, info, &method, &[])?;
        let value = if is_raw { algorithm::ecdsa_der(&value).ok_or(Refusal::Value)? } else { value };
        let (certificate, others) = signer(certificates, scheme, &info, &value)?;
        let claimed_time = properties.as_ref().and_then(|p| p.claimed_time);
        let is_certificate_signed = match &properties {
            Some(properties) => properties.check_certificate(&certificate)?,
            None => false,
        };
        Ok(Valid {
            format: Format::Xml,
            coverage: Coverage::Whole,
            octets: Arc::new(octets),
            certificate,
            others,
            claimed_time,
            is_certificate_signed,
        })
    }

    /// SIG-08, SIG-11, SIG-14: exactly one reference to the document and, with XAdES, exactly one to the signed properties.
    fn check_references(&self, references: &[Reference<'p>], properties: Option<&Properties<'p, 'a>>) -> Result<Vec<u8>, Refusal> {
        let on_document = references.iter().filter(|r| !r.is_properties).count();
        let on_properties = references.len() - on_document;
        if on_document != 1 || on_properties != usize::from(properties.is_some()) {
            return Err(Refusal::References { count: references.len() });
        }
        let mut signed = None;
        for reference in references {
            let octets = match properties.filter(|_| reference.is_properties) {
                Some(properties) => self.properties_octets(reference, properties)?,
                None => self.document_octets(reference)?,
            };
            if reference.hash.of(&octets) != reference.digest {
                return Err(Refusal::Digest);
            }
            if !reference.is_properties {
                signed = Some(octets);
            }
        }
        signed.ok_or(Refusal::References { count: references.len() })
    }

    /// SIG-11: the root element, by an empty URI or by its own identifier. A part of a document is refused: a reader could take
    /// the other part for signed.
    fn document_octets(&self, reference: &Reference<'p>) -> Result<Vec<u8>, Refusal> {
        let root = self.parsed.tree.root_element();
        let is_root = match reference.uri.strip_prefix('#') {
            None => reference.uri.is_empty(),
            Some(id) => self.ids.contains(id) && identifier(root) == Some(id),
        };
        if !is_root {
            return Err(Refusal::Reference { uri: shown(reference.uri) });
        }
        let transforms = &reference.transforms;
        if transforms.is_without_all {
            return Canonical::of(self.parsed, root, &transforms.method, self.all);
        }
        if !transforms.is_enveloped {
            return Err(Refusal::Transform { name: "none that leaves out the signature".to_owned() });
        }
        Canonical::of(self.parsed, root, &transforms.method, &[self.node.id()])
    }

    fn properties_octets(&self, reference: &Reference<'p>, properties: &Properties<'p, 'a>) -> Result<Vec<u8>, Refusal> {
        let is_named = reference.uri.strip_prefix('#').is_some_and(|id| identifier(properties.signed) == Some(id));
        if !is_named {
            return Err(Refusal::Reference { uri: shown(reference.uri) });
        }
        if reference.transforms.is_enveloped || reference.transforms.is_without_all {
            return Err(Refusal::Transform { name: "enveloped, on signed properties".to_owned() });
        }
        Canonical::of(self.parsed, properties.signed, &reference.transforms.method, &[])
    }
}

fn identifier<'p>(node: Node<'p, '_>) -> Option<&'p str> {
    node.attributes().find(|a| a.name().eq_ignore_ascii_case("id")).map(|a| a.value())
}

/// SIG-06: the certificate whose key made the value, and the others. Where several have that key, the first.
fn signer(certificates: Vec<Vec<u8>>, scheme: Scheme, info: &[u8], value: &[u8]) -> Result<(Certificate, Vec<Vec<u8>>), Refusal> {
    let mut failure = Refusal::Certificate { what: "no X.509 certificate beside the signature" };
    for (place, der) in certificates.iter().enumerate() {
        let Some(certificate) = Certificate::parse(der) else {
            failure = Refusal::Certificate { what: "not an X.509 version 3 certificate" };
            continue;
        };
        match algorithm::check(&certificate, scheme, info, value) {
            Ok(()) => {
                let others = certificates.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, der)| der.clone());
                return Ok((certificate, others.collect()));
            }
            // That the signer's own key does not fit says more than that an issuer's is of another kind.
            Err(refusal) if place == 0 => failure = refusal,
            Err(_) => {}
        }
    }
    Err(failure)
}

fn certificates(key_info: Option<Node<'_, '_>>) -> Result<Vec<Vec<u8>>, Refusal> {
    let Some(key_info) = key_info else { return Ok(Vec::new()) };
    let data = key_info.children().filter(|n| n.has_tag_name((DSIG, "X509Data"))).flat_map(|n| n.children());
    let found: Vec<Node<'_, '_>> = data.filter(|n| n.has_tag_name((DSIG, "X509Certificate"))).collect();
    if CERTIFICATES_MAX < found.len() {
        return Err(Refusal::Size { what: "certificates" });
    }
    found.into_iter().map(octets).collect()
}

fn canonicalisation(node: Node<'_, '_>) -> Result<Method, Refusal> {
    match node.attribute("Algorithm").unwrap_or("") {
        C14N_10 => Ok(Method::Inclusive10),
        C14N_11 => Ok(Method::Inclusive11),
        EXCLUSIVE => {
            let listed =
                node.children().find(|n| n.has_tag_name((EXCLUSIVE, "InclusiveNamespaces"))).and_then(|n| n.attribute("PrefixList"));
            let names = listed.unwrap_or("").split_ascii_whitespace();
            Ok(Method::Exclusive(names.map(|name| if name == "#default" { String::new() } else { name.to_owned() }).collect()))
        }
        // Those with comments too: what a reader of the octets would do with them is unknown.
        other => Err(Refusal::Transform { name: shown(other) }),
    }
}

/// (scheme, is an ECDSA value r and s side by side).
fn scheme(node: Node<'_, '_>) -> Result<(Scheme, bool), Refusal> {
    Ok(match node.attribute("Algorithm").unwrap_or("") {
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" => (Scheme::RsaPkcs1(Hash::Sha256), false),
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384" => (Scheme::RsaPkcs1(Hash::Sha384), false),
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" => (Scheme::RsaPkcs1(Hash::Sha512), false),
        "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1" => (Scheme::RsaPss(Hash::Sha256), false),
        "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1" => (Scheme::RsaPss(Hash::Sha384), false),
        "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1" => (Scheme::RsaPss(Hash::Sha512), false),
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256" => (Scheme::Ecdsa(Hash::Sha256), true),
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384" => (Scheme::Ecdsa(Hash::Sha384), true),
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512" => (Scheme::Ecdsa(Hash::Sha512), true),
        "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519" => (Scheme::Ed25519, false),
        other => return Err(Refusal::Algorithm { name: shown(other) }),
    })
}

pub(super) fn hash(node: Node<'_, '_>) -> Result<Hash, Refusal> {
    Ok(match node.attribute("Algorithm").unwrap_or("") {
        "http://www.w3.org/2001/04/xmlenc#sha256" => Hash::Sha256,
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => Hash::Sha384,
        "http://www.w3.org/2001/04/xmlenc#sha512" => Hash::Sha512,
        other => return Err(Refusal::Algorithm { name: shown(other) }),
    })
}

fn reference<'p>(node: Node<'p, '_>) -> Result<Reference<'p>, Refusal> {
    let mut parts = Parts::of(node)?;
    let transforms = transforms(parts.optional("Transforms"))?;
    let hash = hash(parts.required("DigestMethod")?)?;
    let digest = octets(parts.required("DigestValue")?)?;
    parts.end()?;
    let uri = node.attribute("URI").ok_or(Refusal::Reference { uri: "none".to_owned() })?;
    let is_properties = match node.attribute("Type") {
        None | Some("" | "http://www.w3.org/2000/09/xmldsig#Object") => false,
        Some(xades::PROPERTIES_TYPE) => true,
        Some(other) => return Err(Refusal::Reference { uri: shown(other) }),
    };
    Ok(Reference { uri, is_properties, transforms, hash, digest })
}

/// SIG-13: the signature is left out first, then one canonical form. Nothing else.
fn transforms(node: Option<Node<'_, '_>>) -> Result<Transforms, Refusal> {
    // Without a transform that makes octets, XML-DSig takes Canonical XML 1.0.
    let mut read = Transforms { method: Method::Inclusive10, is_enveloped: false, is_without_all: false };
    let mut has_method = false;
    for transform in node.into_iter().flat_map(|n| n.children()).filter(Node::is_element) {
        let name = transform.attribute("Algorithm").unwrap_or("");
        if has_method || !transform.has_tag_name((DSIG, "Transform")) {
            return Err(Refusal::Transform { name: shown(name) });
        }
        match name {
            ENVELOPED => read.is_enveloped = true,
            XPATH if is_without_signatures(transform) => read.is_without_all = true,
            _ => {
                read.method = canonicalisation(transform)?;
                has_method = true;
            }
        }
    }
    Ok(read)
}

fn is_without_signatures(transform: Node<'_, '_>) -> bool {
    let mut inside = transform.children().filter(Node::is_element);
    match (inside.next(), inside.next()) {
        (Some(xpath), None) if xpath.has_tag_name((DSIG, "XPath")) => {
            xpath.text().map(str::trim) == Some(WITHOUT_SIGNATURES) && xpath.lookup_namespace_uri(Some("ds")) == Some(DSIG)
        }
        _ => false,
    }
}

/// The child elements of an element of the signature, in order, read one by one.
pub(super) struct Parts<'p, 'a> {
    left: std::collections::VecDeque<Node<'p, 'a>>,
}

impl<'p, 'a> Parts<'p, 'a> {
    fn of(node: Node<'p, 'a>) -> Result<Parts<'p, 'a>, Refusal> {
        let has_text = node.children().any(|n| n.is_text() && !n.text().unwrap_or("").trim().is_empty());
        if has_text {
            return Err(Refusal::Shape { what: "text between the parts of the signature" });
        }
        Ok(Parts { left: node.children().filter(Node::is_element).collect() })
    }
    fn optional(&mut self, name: &str) -> Option<Node<'p, 'a>> {
        if self.left.front().is_some_and(|n| n.has_tag_name((DSIG, name))) { self.left.pop_front() } else { None }
    }
    fn required(&mut self, name: &'static str) -> Result<Node<'p, 'a>, Refusal> {
        self.optional(name).ok_or(Refusal::Shape { what: name })
    }
    fn rest_are(&mut self, name: &'static str) -> Result<Vec<Node<'p, 'a>>, Refusal> {
        let rest: Vec<Node<'p, 'a>> = self.left.drain(..).collect();
        if rest.iter().all(|n| n.has_tag_name((DSIG, name))) { Ok(rest) } else { Err(Refusal::Shape { what: name }) }
    }
    fn end(self) -> Result<(), Refusal> {
        if self.left.is_empty() { Ok(()) } else { Err(Refusal::Shape { what: "an element too many" }) }
    }
}

/// Base64 text with any line breaks; nothing but text inside.
pub(super) fn octets(node: Node<'_, '_>) -> Result<Vec<u8>, Refusal> {
    if node.children().any(|n| n.is_element()) {
        return Err(Refusal::Shape { what: "an element inside base64" });
    }
    let text: String = node.children().filter_map(|n| n.text()).flat_map(str::chars).filter(|c| !c.is_ascii_whitespace()).collect();
    base64::engine::general_purpose::STANDARD.decode(text).map_err(|_| Refusal::Shape { what: "base64" })
}
