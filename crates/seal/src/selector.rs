//! Selectors: what an order can name a person's records by.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::normal_form;

/// Why octets or a text are no selector. A non-canonical one is refused everywhere, nobody normalises (SEA-03).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectorError {
    UnknownType,
    /// Not the one canonical form of its type.
    NotCanonical,
}

impl std::fmt::Display for SelectorError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            SelectorError::UnknownType => "unknown kind of selector",
            SelectorError::NotCanonical => "selector is not in canonical form",
        })
    }
}

impl std::error::Error for SelectorError {}

/// A canonical selector (section 3.6): type and octets, at most 255 octets.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selector {
    sel_type: u8,
    octets: Vec<u8>,
}

impl Selector {
    pub const PHONE: u8 = 1;
    pub const ACCOUNT: u8 = 2;
    pub const IP_AND_PORT: u8 = 3;
    pub const EMAIL: u8 = 4;
    pub const SELF_TEST: u8 = 5;

    // SEA-03
    pub fn parse(sel_type: u8, octets: &[u8]) -> Result<Selector, SelectorError> {
        let canonical = match sel_type {
            Selector::PHONE => is_phone(octets),
            Selector::ACCOUNT => is_account(octets),
            Selector::IP_AND_PORT => octets.len() == 18,
            Selector::EMAIL => is_email(octets),
            Selector::SELF_TEST => octets.len() == 16,
            _ => return Err(SelectorError::UnknownType),
        };
        if !canonical {
            return Err(SelectorError::NotCanonical);
        }
        Ok(Selector { sel_type, octets: octets.to_vec() })
    }

    /// From the text form: `phone:+31612345678`, `account:@a:b`, `email:a@b.example`, `ip:192.0.2.1`, `ip:192.0.2.1:443`,
    /// `ip:2001:db8::1`, `ip:[2001:db8::1]:443`, `self-test:` and 32 hex digits. One spelling for each selector.
    pub fn from_text(text: &str) -> Result<Selector, SelectorError> {
        let (kind, value) = text.split_once(':').ok_or(SelectorError::UnknownType)?;
        let selector = match kind {
            "phone" => Selector::parse(Selector::PHONE, value.as_bytes())?,
            "account" => Selector::parse(Selector::ACCOUNT, value.as_bytes())?,
            "email" => Selector::parse(Selector::EMAIL, value.as_bytes())?,
            "ip" => Selector::parse(Selector::IP_AND_PORT, &ip_from_text(value).ok_or(SelectorError::NotCanonical)?)?,
            "self-test" => Selector::parse(Selector::SELF_TEST, &hex_16(value).ok_or(SelectorError::NotCanonical)?)?,
            _ => return Err(SelectorError::UnknownType),
        };
        // "ip:2001:DB8::1" and "ip:192.0.2.01" parse too; only the spelling that we print is accepted.
        if selector.to_string() != text {
            return Err(SelectorError::NotCanonical);
        }
        Ok(selector)
    }

    pub fn sel_type(&self) -> u8 {
        self.sel_type
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.octets
    }

    /// Whether identities of this selector carry the random salt of an account (SEA-04); otherwise the salt is zero.
    pub fn needs_salt(&self) -> bool {
        !matches!(self.sel_type, Selector::IP_AND_PORT | Selector::SELF_TEST)
    }
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = || std::str::from_utf8(&self.octets).unwrap_or_default();
        match self.sel_type {
            Selector::PHONE => write!(f, "phone:{}", text()),
            Selector::ACCOUNT => write!(f, "account:{}", text()),
            Selector::EMAIL => write!(f, "email:{}", text()),
            Selector::IP_AND_PORT => ip_to_text(&self.octets, f),
            _ => {
                f.write_str("self-test:")?;
                self.octets.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
            }
        }
    }
}

impl std::fmt::Debug for Selector {
    /// Kind only: selectors name people and must not reach a log line by accident (TSE-65).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Selector(type {}, ..)", self.sel_type)
    }
}

/// E.164: `+`, then 8 to 15 digits. No country code begins with 0.
fn is_phone(octets: &[u8]) -> bool {
    match octets {
        [b'+', b'1'..=b'9', rest @ ..] => (7..=14).contains(&rest.len()) && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// 1 to 255 octets of UTF-8 in normal form C, without control characters.
fn is_account(octets: &[u8]) -> bool {
    (1..=255).contains(&octets.len())
        && std::str::from_utf8(octets).is_ok_and(|text| !text.chars().any(char::is_control) && normal_form::is_nfc(text))
}

/// Local part as stored, `@`, domain in lower-case A-labels; at most 254 octets.
fn is_email(octets: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(octets) else { return false };
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain = |c: char| !c.is_control() && !c.is_whitespace();
    octets.len() <= 254
        && (1..=64).contains(&local.len())
        && local.chars().all(plain)
        && normal_form::is_nfc(local)
        && domain.split('.').all(is_domain_label)
}

fn is_domain_label(label: &str) -> bool {
    let allowed = |octet: &u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || *octet == b'-';
    (1..=63).contains(&label.len()) && label.as_bytes().iter().all(allowed) && !label.starts_with('-') && !label.ends_with('-')
}

fn ip_from_text(text: &str) -> Option<[u8; 18]> {
    let (address, port) = if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once("]:")?;
        (address.parse().ok()?, Some(port))
    } else if let Ok(address) = text.parse::<Ipv6Addr>() {
        (address, None)
    } else {
        let (address, port) = text.split_once(':').map_or((text, None), |(address, port)| (address, Some(port)));
        (address.parse::<Ipv4Addr>().ok()?.to_ipv6_mapped(), port)
    };
    let port: u16 = port.map_or(Some(0), |port| port.parse().ok())?;
    let mut out = [0; 18];
    out[..16].copy_from_slice(&address.octets());
    out[16..].copy_from_slice(&port.to_be_bytes());
    Some(out)
}

fn ip_to_text(octets: &[u8], f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    let (mut address, mut port) = ([0; 16], [0; 2]);
    address.copy_from_slice(&octets[..16]);
    port.copy_from_slice(&octets[16..]);
    let (address, port) = (Ipv6Addr::from(address), u16::from_be_bytes(port));
    match (address.to_ipv4_mapped(), port) {
        (Some(v4), 0) => write!(f, "ip:{v4}"),
        (Some(v4), port) => write!(f, "ip:{v4}:{port}"),
        (None, 0) => write!(f, "ip:{address}"),
        (None, port) => write!(f, "ip:[{address}]:{port}"),
    }
}

fn hex_16(text: &str) -> Option<[u8; 16]> {
    let mut out = [0; 16];
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    for (octet, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
        *octet = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(out)
}
