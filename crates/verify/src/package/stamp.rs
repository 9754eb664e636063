//! RFC 3161: time-stamp request, reply and token. Sending is the caller's business.

use super::asic::AsicManifest;
use super::cms::{Hash, SignedData};
use super::der::{self, BOOLEAN, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE};
use super::digest::sha256;
use super::signed::{StampPin, TimeStamp};
use super::{Refusal, asn1_time, layout, oids};

/// Clocks of provider and authority may differ by this much (PKG-53), in seconds.
pub const CLOCK_DIFFERENCE_MAX: u64 = 300;

/// A TimeStampReq over a SHA-256, asking for the authority's certificate. `nonce` is random, 64 bits.
pub fn request(imprint: &[u8; 32], nonce: u64) -> Vec<u8> {
    let hash = der::sequence(&[oids::SHA256, oids::NULL]);
    let imprint = der::sequence(&[&hash, &der::element(OCTET_STRING, &[imprint])]);
    der::sequence(&[&der::unsigned(&[1]), &imprint, &der::unsigned(&nonce.to_be_bytes()), &der::element(BOOLEAN, &[&[0xFF]])])
}

/// The token out of a TimeStampResp with status granted. None: refused by the authority, or not a reply.
pub fn token_of_reply(reply: &[u8]) -> Option<Vec<u8>> {
    let mut response = Reader::new(reply).enter(SEQUENCE)?;
    let mut status = response.enter(SEQUENCE)?;
    // 0 granted, 1 granted with modifications.
    (status.number()? <= 1).then_some(())?;
    let token = response.take_whole(SEQUENCE)?.to_vec();
    response.end()?;
    Some(token)
}

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenInfo {
    pub imprint: [u8; 32],
    /// Seconds since 1970 UTC, a fraction cut off.
    pub time: u64,
    /// Content of the nonce INTEGER, if there is one.
    pub nonce: Option<Vec<u8>>,
}

/// Checks a token by itself: structure, attributes, signature, the certificate's purpose and validity at the token's time.
/// Refuses PKG-40 to PKG-48. The imprint is the caller's to compare.
pub fn check_token(token: &[u8]) -> Result<(TokenInfo, SignedData), Refusal> {
    let file = layout::STAMP;
    let signed = SignedData::parse(token, file)?;
    let shape = Refusal::SignatureShape { file, what: "not a time-stamp token over a SHA-256" };
    let content = signed.content.as_deref().filter(|_| signed.content_type == oids::TST_INFO).ok_or(shape.clone())?;
    let info = if der::is_canonical(content) { read_info(content).ok_or(shape)? } else { return Err(Refusal::Der { file }) };
    signed.check_content(content)?;
    signed.check_certificate()?;
    signed.check_signature()?;
    if !signed.certificate.is_for_time_stamping() || !signed.certificate.may_sign() {
        return Err(Refusal::KeyUsage { file });
    }
    if !signed.certificate.is_valid_at(info.time) {
        return Err(Refusal::SigningTime { file });
    }
    Ok((info, signed))
}

fn read_info(content: &[u8]) -> Option<TokenInfo> {
    let mut info = Reader::new(content).enter(SEQUENCE)?;
    (info.number()? == 1).then_some(())?;
    info.take(OID)?;
    let mut imprint = info.enter(SEQUENCE)?;
    (Hash::read(&mut imprint)? == Hash::Sha256).then_some(())?;
    let digest = imprint.take(OCTET_STRING)?.try_into().ok()?;
    imprint.end()?;
    info.take(INTEGER)?;
    let time = asn1_time::read_with_fraction(&mut info)?;
    info.take(SEQUENCE); // accuracy
    info.take(BOOLEAN); // ordering
    let nonce = info.take(INTEGER).map(<[u8]>::to_vec);
    info.take(der::context(0)); // name of the authority: its certificate is what counts
    info.take(der::context(1)); // extensions
    info.end()?;
    Some(TokenInfo { imprint: digest, time, nonce })
}

/// The stamp of a package: its own manifest names the signed manifest and the signature, the token is over that manifest.
/// Refuses PKG-40 to PKG-53.
pub(super) fn check(
    stamp_manifest: &[u8],
    token: &[u8],
    manifest: [u8; 32],
    signature: [u8; 32],
    signing_time: u64,
    pin: StampPin,
) -> Result<TimeStamp, Refusal> {
    if AsicManifest::of_stamp(manifest, signature).to_bytes() != stamp_manifest {
        return Err(Refusal::StampManifest);
    }
    let (info, signed) = check_token(token)?;
    if info.imprint != sha256(&[stamp_manifest]) {
        return Err(Refusal::StampImprint);
    }
    let certificate = signed.certificate.sha256();
    let is_pinned = match pin {
        StampPin::Certificate(pinned) if pinned != certificate => return Err(Refusal::StampNotPinned { certificate }),
        StampPin::Certificate(_) => true,
        StampPin::NotChecked => false,
    };
    if info.time.saturating_add(CLOCK_DIFFERENCE_MAX) < signing_time {
        return Err(Refusal::StampTime);
    }
    Ok(TimeStamp { time: info.time, certificate, subject: signed.certificate.subject, is_pinned })
}
