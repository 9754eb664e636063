"""XML-DSig and XAdES, signed by xmlsec1."""

import base64
import datetime as dt
import hashlib
import subprocess

C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N11 = "http://www.w3.org/2006/12/xml-c14n11"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
XPATH = (
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
    "<ds:XPath>{}</ds:XPath></ds:Transform>"
)
WITHOUT_SIGNATURES = XPATH.format("not(ancestor-or-self::ds:Signature)")
# Everything that canonical forms treat specially, in one document.
ORDER = """<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment in front --><o:Order xmlns:o="urn:example:order" xmlns="urn:example:default" xmlns:unused="urn:example:unused"
  b='2'  a="1" o:c="&lt;&#9;&#10;&quot;&amp;>" Id="order" xml:lang="nl" xml:space="preserve">
  <Reference  z = "1" y="2">W000001</Reference><empty/><none xmlns=""><inner xmlns="urn:example:default"/><p:x xmlns:p="urn:p"/></none>
  <o:Name xmlns:o="urn:example:order" xmlns:q="urn:q" q:one="1"><![CDATA[Jansen & <Zonen>]]> é &#13; &gt; ]]&gt;<!-- inside --></o:Name>
  <Part Id="part">Article 126n</Part>
{signature}</o:Order>
<!-- behind -->
"""


def transform(algorithm, inside=""):
    return f'<ds:Transform Algorithm="{algorithm}">{inside}</ds:Transform>'


def template(
    method=EXC, inside="", signature=MORE + "rsa-sha256", uri="", transforms=None, digest=SHA256, extra="", objects="", number=1, key_info=None
):
    transforms = transform(ENVELOPED) + transform(method, inside) if transforms is None else transforms
    key_info = "<ds:X509Data/>" if key_info is None else key_info
    return f"""<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="signature-{number}"><ds:SignedInfo>
<ds:CanonicalizationMethod Algorithm="{method}">{inside}</ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="{signature}"/>
<ds:Reference URI="{uri}"><ds:Transforms>{transforms}</ds:Transforms><ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue/></ds:Reference>{extra}
</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo>{key_info}</ds:KeyInfo>{objects}</ds:Signature>
"""


def properties(certificate, number=1, time=None, digest=None):
    """(reference, object) of XAdES-B."""
    time = time or dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = base64.b64encode(digest or hashlib.sha256(certificate).digest()).decode()
    reference = (
        f'<ds:Reference URI="#properties-{number}" Type="http://uri.etsi.org/01903#SignedProperties"><ds:Transforms>{transform(EXC)}'
        f'</ds:Transforms><ds:DigestMethod Algorithm="{SHA256}"/><ds:DigestValue/></ds:Reference>'
    )
    inside = (
        f'<ds:Object><xades:QualifyingProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" Target="#signature-{number}">'
        f'<xades:SignedProperties Id="properties-{number}"><xades:SignedSignatureProperties><xades:SigningTime>{time}</xades:SigningTime>'
        f'<xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm="{SHA256}"/><ds:DigestValue>{digest}'
        "</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties>"
        "</xades:SignedProperties></xades:QualifyingProperties></ds:Object>"
    )
    return reference, inside


class Signer:
    def __init__(self, work):
        self.work = work

    def sign(self, text, party, ids=("Order", "Part"), number=1, hmac=None):
        unsigned, signed = self.work / "unsigned.xml", self.work / "signed.xml"
        unsigned.write_text(text)
        key = ["--hmackey", hmac] if hmac else ["--privkey-pem", ",".join(map(str, [party.key_path, party.pem_path, *self.chain(party)]))]
        node = ["--node-xpath", f"//*[local-name()='Signature'][@Id='signature-{number}']"]
        run = ["xmlsec1", "--sign", *key, *self.id_attributes(ids), *node, "--output", signed, unsigned]
        done = subprocess.run(run, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-1500:]
        return signed.read_bytes()

    @staticmethod
    def chain(party):
        return [party.chain_path] if party.chain else []

    @staticmethod
    def id_attributes(ids):
        namespaces = {"SignedProperties": "http://uri.etsi.org/01903/v1.3.2#:", "Order": "urn:example:order:", "Part": "urn:example:default:"}
        return [word for i in ids for word in ("--id-attr:Id", namespaces.get(i, "") + i)]


def cases(world, parties, signer):
    """(name, octets, valid, trust, foreign, why)"""
    judge = parties["judge"]
    xades_ids = ("Order", "Part", "SignedProperties")
    order = lambda **options: ORDER.format(signature=template(**options))
    good = lambda name, why, party=judge, **options: (f"{name}.xml", signer.sign(order(**options), party), "valid", "trusted", "yes", why)
    out = [
        good("c14n-1.0", "inclusive canonical form", method=C14N),
        good("c14n-1.1", "the canonical form of ETSI's example", method=C14N11),
        good("exclusive", "exclusive canonical form"),
        good(
            "exclusive-listed",
            "exclusive, with prefixes listed as inclusive",
            inside=f'<ec:InclusiveNamespaces xmlns:ec="{EXC}" PrefixList="unused #default q"/>',
        ),
        good("no-canonical-form", "XML-DSig then takes Canonical XML 1.0", method=C14N, transforms=transform(ENVELOPED)),
        good("rsa-sha512", "longer digest", signature=MORE + "rsa-sha512", digest="http://www.w3.org/2001/04/xmlenc#sha512"),
        good("rsa-sha384", "longer digest", signature=MORE + "rsa-sha384", digest=MORE + "sha384"),
        good("ecdsa-p256", "elliptic curve", parties["p256"], signature=MORE + "ecdsa-sha256"),
        good("ecdsa-p384", "elliptic curve", parties["p384"], signature=MORE + "ecdsa-sha384"),
        good("device", "the key is in a qualified device", parties["device"]),
        good("by-identifier", "reference to the root element by its identifier", uri="#order"),
        good("without-signatures", "XPath that leaves out all signatures", transforms=WITHOUT_SIGNATURES + transform(EXC)),
    ]
    marked = lambda mark, **options: signer.sign(order(**options).replace('Id="order"', f'{mark} Id="order"', 1), judge)
    out += [
        ("xml-id-1.0.xml", marked('xml:id="root"', method=C14N), "valid", "trusted", "yes", "1.0 moves every xml: attribute to a signed part"),
        ("xml-id-1.1.xml", marked('xml:id="root"', method=C14N11), "valid", "trusted", "yes", "1.1 moves only language and space"),
        ("xml-base.xml", marked('xml:base="http://example.org/"', method=C14N11), "SIG-13", "-", "-", "1.1 would have to join addresses"),
    ]
    reference, inside = properties(judge.der)
    xades = signer.sign(order(extra=reference, objects=inside), judge, xades_ids)
    out.append(("xades.xml", xades, "valid", "trusted", "yes", "XAdES: certificate and time signed"))
    both = template(transforms=WITHOUT_SIGNATURES + transform(EXC)) + template(
        transforms=WITHOUT_SIGNATURES + transform(EXC), number=2, signature=MORE + "ecdsa-sha256"
    )
    both = signer.sign(ORDER.format(signature=both), judge)
    both = signer.sign(both.decode(), parties["p256"], number=2)
    out.append(("two-signers.xml", both, "valid valid", "trusted", "yes", "issuing and validating authority side by side"))

    refused = lambda name, code, why, foreign="yes", **options: (f"{name}.xml", signer.sign(order(**options), judge), code, "-", foreign, why)
    out += [
        refused("sha1-signature", "SIG-05", "SHA-1", signature="http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        refused("sha1-digest", "SIG-05", "SHA-1", digest="http://www.w3.org/2000/09/xmldsig#sha1"),
        refused("part-only", "SIG-11", "signs a part; a reader could take the rest for signed", uri="#part", transforms=transform(EXC)),
        refused("with-comments", "SIG-13", "canonical form with comments", transforms=transform(ENVELOPED) + transform(EXC + "WithComments")),
        refused(
            "xpath", "SIG-13", "XPath that leaves the reference out", transforms=transform(ENVELOPED) + XPATH.format("not(self::text())") + transform(EXC)
        ),
        refused("no-certificate", "SIG-06", "no certificate beside it", foreign="-", key_info="<ds:KeyName/>"),
        refused(
            "two-references",
            "SIG-14",
            "a second reference to the document",
            extra=f'<ds:Reference URI="#part"><ds:Transforms>{transform(EXC)}</ds:Transforms><ds:DigestMethod Algorithm="{SHA256}"/><ds:DigestValue/></ds:Reference>',
        ),
    ]
    _, unsigned_object = properties(judge.der)
    out.append(
        ("unsigned-properties.xml", signer.sign(order(objects=unsigned_object), judge, xades_ids), "SIG-14", "-", "yes", "XAdES properties that are not signed")
    )
    reference, inside = properties(judge.der, digest=hashlib.sha256(b"another").digest())
    out.append(("other-certificate.xml", signer.sign(order(extra=reference, objects=inside), judge, xades_ids), "SIG-09", "-", "yes", "names another certificate"))
    secret = world.folder / "secret"
    secret.write_bytes(b"secret")
    hmac = signer.sign(order(signature=MORE + "hmac-sha256", key_info="<ds:KeyName/>"), judge, hmac=str(secret))
    out.append(("hmac.xml", hmac, "SIG-05", "-", "-", "secret key: who checks could have signed"))

    trust = lambda name, party, reasons, why, **o: (f"{name}.xml", signer.sign(order(**o), parties[party]), "valid", reasons, "-", why)
    out += [
        trust("not-qualified", "plain", "issued", "a path, but no qualified certificate"),
        trust("expired", "expired", "SIG-51", "certificate expired before receipt"),
        trust("revoked", "revoked", "SIG-52", "on the revocation list"),
        trust("no-revocation-list", "unlisted", "SIG-53", "its issuer has no revocation list"),
        trust("stale-revocation-list", "stale-signer", "SIG-53", "the revocation list is out of date"),
        trust("server-certificate", "server", "SIG-54", "a certificate of a web server"),
        trust("encryption-certificate", "encipher", "SIG-54", "key usage without signing"),
        trust("authority-certificate", "issuing", "SIG-54 SIG-50", "the issuing key itself", signature=MORE + "ecdsa-sha256"),
        trust("authority-signer", "both", "SIG-54 SIG-50", "a key that may issue certificates and sign"),
        trust("unknown-root", "stranger", "SIG-50", "issued by somebody unknown"),
        trust("self-signed", "self", "SIG-50", "vouches for itself"),
        trust("withdrawn-service", "withdrawn-signer", "SIG-56", "the service was withdrawn before receipt"),
        trust("sha1-path", "sha1-issued", "SIG-05", "certificate signed with SHA-1"),
    ]
    for name, time in (("signed-later", "2035-06-01T00:00:00Z"), ("signed-before-certificate", "2025-06-01T00:00:00Z")):
        reference, inside = properties(judge.der, time=time)
        out.append((f"{name}.xml", signer.sign(order(extra=reference, objects=inside), judge, xades_ids), "valid", "SIG-55", "yes", "claimed time"))
    out += tampered(dict((case[0], case[1]) for case in out))
    return out


def tampered(good):
    """Copies of good ones: refused here and by xmlsec1."""
    base, by_id, xades = good["exclusive.xml"], good["by-identifier.xml"], good["xades.xml"]
    change = lambda data, old, new: data.replace(old, new, 1)
    begin, end = by_id.index(b"<ds:Signature"), by_id.index(b"</ds:Signature>") + len(b"</ds:Signature>")
    signature = by_id[begin:end]
    inner = by_id[by_id.index(b"<o:Order") : by_id.index(b"</o:Order>") + len(b"</o:Order>")].replace(signature, b"")
    evil = inner.replace(b"W000001", b"W666666").replace(b' Id="order"', b' Id="evil"').replace(b' Id="part"', b"")
    wrapped = evil.replace(b"</o:Order>", inner + signature + b"</o:Order>")
    in_object = evil.replace(b"</o:Order>", signature.replace(b"</ds:KeyInfo>", b"</ds:KeyInfo><ds:Object>" + inner + b"</ds:Object>") + b"</o:Order>")
    twice = inner.replace(b"W000001", b"W666666").replace(b' Id="part"', b"").replace(b"</o:Order>", inner.replace(b' Id="part"', b"") + signature + b"</o:Order>")
    return [
        ("tampered-text.xml", change(base, b"W000001", b"W000002"), "SIG-08", "-", "no", "one digit of the order"),
        ("tampered-attribute.xml", change(base, b"a=\"1\"", b"a=\"2\""), "SIG-08", "-", "no", "an attribute"),
        ("tampered-digest.xml", change(base, b"<ds:DigestValue>", b"<ds:DigestValue>AAAA"), "SIG-08", "-", "no", "the digest"),
        ("tampered-time.xml", change(xades, b"<xades:SigningTime>2", b"<xades:SigningTime>3"), "SIG-08", "-", "no", "the signing time"),
        ("tampered-info.xml", change(base, b"<ds:SignedInfo>", b"<ds:SignedInfo Id=\"x\">"), "SIG-07", "-", "no", "SignedInfo"),
        ("wrapped.xml", wrapped, "SIG-11", "-", "yes", "the signed order inside a forged one; xmlsec1 finds the identifier and is content"),
        ("wrapped-object.xml", in_object, "SIG-11", "-", "no", "the signed order inside the signature of a forged one"),
        ("wrapped-twice.xml", twice, "SIG-12", "-", "-", "forged and signed order with one identifier"),
        ("moved-out.xml", signature, "SIG-15", "-", "no", "the signature alone"),
        ("unsigned.xml", by_id.replace(signature, b""), "SIG-04", "-", "no", "no signature"),
        ("comment-splits.xml", change(base, b"W000001", b"W0000<!-- x -->01"), "valid", "trusted", "yes", "comments are not signed, and are not in what comes back"),
    ]
