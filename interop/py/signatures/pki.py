"""Certificates, revocation lists and a trusted list for signature cases. Keys are made anew and never kept in the tree."""

import datetime as dt

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

UTC = dt.timezone.utc
FROM = dt.datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = dt.datetime(2036, 1, 1, tzinfo=UTC)
QC_STATEMENTS = ObjectIdentifier("1.3.6.1.5.5.7.1.3")
# QcCompliance, QcSSCD and QcType esign, eseal (EN 319 412-5), in DER.
COMPLIANCE = bytes.fromhex("3008" + "060604008e460101")
DEVICE = bytes.fromhex("3008" + "060604008e460104")
TYPE = {kind: bytes.fromhex("3013" + "060604008e460106" + "3009" + "060704008e4601060" + kind) for kind in "12"}


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, text), x509.NameAttribute(NameOID.COUNTRY_NAME, "XX")])


class Party:
    def __init__(self, folder, slug, key, certificate, chain):
        self.slug, self.key, self.certificate, self.chain = slug, key, certificate, chain
        self.der = certificate.public_bytes(serialization.Encoding.DER)
        self.pem_path = folder / f"{slug}.pem"
        self.key_path = folder / f"{slug}.key"
        self.chain_path = folder / f"{slug}.chain.pem"
        self.pem_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self.key_path.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        self.chain_path.write_bytes(b"".join(c.public_bytes(serialization.Encoding.PEM) for c in chain))


class World:
    """One root with an issuing authority on the trusted list, one withdrawn authority, one unknown one."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.root = self.authority("root", "Example Root", None)
        self.issuing = self.authority("issuing", "Example Issuing", self.root)
        self.withdrawn = self.authority("withdrawn", "Example Withdrawn", None)
        self.unknown = self.authority("unknown", "Unknown Root", None)
        self.stale = self.authority("stale", "Example Stale", None)
        self.silent = self.authority("silent", "Example Silent", None)

    def authority(self, slug, text, issuer):
        key = ec.generate_private_key(ec.SECP256R1())
        usage = dict(key_cert_sign=True, crl_sign=True)
        return self._issue(slug, text, key, issuer, authority=True, usage=usage)

    def signer(self, slug, key, issuer=None, **options):
        options.setdefault("usage", dict(digital_signature=True, content_commitment=True))
        options.setdefault("extended", [ExtendedKeyUsageOID.EMAIL_PROTECTION])
        options.setdefault("quality", "2")
        return self._issue(slug, f"Rechtbank {slug}", key, issuer or self.issuing, **options)

    def _issue(self, slug, text, key, issuer, authority=False, usage=None, extended=None, quality=None, valid=(FROM, UNTIL), hash=None):
        subject = name(text)
        bits = dict.fromkeys(
            "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
            " encipher_only decipher_only".split(),
            False,
        )
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(valid[0])
            .not_valid_after(valid[1])
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        if usage:
            builder = builder.add_extension(x509.KeyUsage(**{**bits, **usage}), critical=True)
        if extended:
            builder = builder.add_extension(x509.ExtendedKeyUsage(extended), critical=False)
        if quality:
            statements = COMPLIANCE + TYPE[quality[0]] + (DEVICE if quality.endswith("device") else b"")
            builder = builder.add_extension(
                x509.UnrecognizedExtension(QC_STATEMENTS, bytes([0x30, len(statements)]) + statements), critical=False
            )
        signing_key = issuer.key if issuer else key
        plain = isinstance(signing_key, ed25519.Ed25519PrivateKey)
        certificate = builder.sign(signing_key, None if plain else hash or hashes.SHA256())
        return Party(self.folder, slug, key, certificate, ([issuer.certificate] if issuer and issuer.slug == "issuing" else []))

    def revocation_list(self, issuer, revoked=(), until=UNTIL):
        builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject).last_update(FROM).next_update(until)
        for party in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(party.certificate.serial_number)
            builder = builder.add_revoked_certificate(entry.revocation_date(dt.datetime(2026, 6, 1, tzinfo=UTC)).build())
        builder = builder.add_extension(x509.CRLNumber(1), critical=False)
        return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def rsa_key(bits=2048):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def service(text, der, status, since, history="", kind="CA/QC"):
    import base64

    return f"""<TSPService><ServiceInformation>
<ServiceTypeIdentifier>http://uri.etsi.org/TrstSvc/Svctype/{kind}</ServiceTypeIdentifier>
<ServiceName><Name xml:lang="en">{text}</Name></ServiceName>
<ServiceDigitalIdentity><DigitalId><X509Certificate>{base64.b64encode(der).decode()}</X509Certificate></DigitalId></ServiceDigitalIdentity>
<ServiceStatus>http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/{status}</ServiceStatus>
<StatusStartingTime>{since}</StatusStartingTime></ServiceInformation>{history}</TSPService>"""


def history(status, since):
    return f"""<ServiceHistory><ServiceHistoryInstance>
<ServiceTypeIdentifier>http://uri.etsi.org/TrstSvc/Svctype/CA/QC</ServiceTypeIdentifier>
<ServiceName><Name xml:lang="en">before</Name></ServiceName><ServiceDigitalIdentity/>
<ServiceStatus>http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/{status}</ServiceStatus>
<StatusStartingTime>{since}</StatusStartingTime></ServiceHistoryInstance></ServiceHistory>"""


def trusted_list(services, signature, version=5):
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#" Id="list" TSLTag="http://uri.etsi.org/19612/TSLTag">
<SchemeInformation><TSLVersionIdentifier>{version}</TSLVersionIdentifier><TSLSequenceNumber>7</TSLSequenceNumber>
<SchemeTerritory>XX</SchemeTerritory><ListIssueDateTime>2026-02-01T00:00:00Z</ListIssueDateTime>
<NextUpdate><dateTime>2035-06-01T00:00:00Z</dateTime></NextUpdate></SchemeInformation>
<TrustServiceProviderList><TrustServiceProvider><TSPInformation><TSPName><Name xml:lang="en">Example Trust</Name></TSPName></TSPInformation>
<TSPServices>{services}</TSPServices></TrustServiceProvider></TrustServiceProviderList>
{signature}</TrustServiceStatusList>
"""
