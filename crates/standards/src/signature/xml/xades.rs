//! XAdES (ETSI EN 319 132-1): the signed properties that bind certificate and time. Unsigned ones are not read: anybody
//! could add them.

use super::signature::{hash, octets};
use super::{DSIG, time};
use crate::signature::{Certificate, Refusal};
use roxmltree::Node;

pub const PROPERTIES_TYPE: &str = "http://uri.etsi.org/01903#SignedProperties";
const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";

/// The xades:SignedProperties of one signature.
pub struct Properties<'p, 'a> {
    pub signed: Node<'p, 'a>,
    pub claimed_time: Option<u64>,
}

/// Finds them in the ds:Object elements of the signature. More than one, or another shape, is refused.
pub fn find<'p, 'a>(objects: &[Node<'p, 'a>]) -> Result<Option<Properties<'p, 'a>>, Refusal> {
    let qualifying = objects.iter().flat_map(|o| o.children()).filter(|n| n.has_tag_name((XADES, "QualifyingProperties")));
    let signed: Vec<Node<'p, 'a>> = qualifying.flat_map(|q| q.children()).filter(|n| n.has_tag_name((XADES, "SignedProperties"))).collect();
    let signed = match signed[..] {
        [] => return Ok(None),
        [signed] => signed,
        _ => return Err(Refusal::Shape { what: "signed properties twice" }),
    };
    let claimed_time = match child(signed, "SignedSignatureProperties").and_then(|n| child(n, "SigningTime")) {
        None => None,
        Some(node) => Some(node.text().and_then(time::seconds).ok_or(Refusal::Shape { what: "SigningTime" })?),
    };
    Ok(Some(Properties { signed, claimed_time }))
}

impl Properties<'_, '_> {
    /// SIG-09: the first certificate that the properties name is the signer's. False: they name none.
    pub fn check_certificate(&self, certificate: &Certificate) -> Result<bool, Refusal> {
        let Some(properties) = child(self.signed, "SignedSignatureProperties") else { return Ok(false) };
        let Some(list) = child(properties, "SigningCertificateV2").or_else(|| child(properties, "SigningCertificate")) else {
            return Ok(false);
        };
        let shape = Refusal::Shape { what: "SigningCertificate" };
        let digest = child(list, "Cert").and_then(|n| child(n, "CertDigest")).ok_or(shape.clone())?;
        let part = |name: &str| digest.children().find(|n| n.has_tag_name((DSIG, name))).ok_or(shape.clone());
        let named = octets(part("DigestValue")?)?;
        if hash(part("DigestMethod")?)?.of(certificate.der()) != named {
            return Err(Refusal::OtherCertificate);
        }
        Ok(true)
    }
}

fn child<'p, 'a>(node: Node<'p, 'a>, name: &str) -> Option<Node<'p, 'a>> {
    node.children().find(|n| n.has_tag_name((XADES, name)))
}
