"""PDF and PAdES, signed by pyHanko."""

import io

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter

NAME = generic.pdf_name


def letter(text="W000001", packed=False, script=False, extra=None):
    writer = PdfFileWriter(stream_xrefs=packed)
    stream = generic.StreamObject(stream_data=f"BT /F1 24 Tf 72 720 Td (Vordering {text}) Tj ET".encode())
    font = {NAME("/Type"): NAME("/Font"), NAME("/Subtype"): NAME("/Type1"), NAME("/BaseFont"): NAME("/Helvetica")}
    font = generic.DictionaryObject({NAME("/F1"): writer.add_object(generic.DictionaryObject(font))})
    resources = generic.DictionaryObject({NAME("/Font"): font})
    page = PageObject(contents=writer.add_object(stream), media_box=generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842))), resources=resources)
    writer.insert_page(page)
    if extra is not None:
        data, filter_name = extra
        numbers = {NAME("/Type"): NAME("/ObjStm"), NAME("/N"): generic.NumberObject(0), NAME("/First"): generic.NumberObject(0)}
        stream = generic.StreamObject(generic.DictionaryObject(numbers), stream_data=data)
        stream.apply_filter(NAME(filter_name))
        writer.add_object(stream)
    if script:
        action = {NAME("/S"): NAME("/JavaScript"), NAME("/JS"): generic.pdf_string("app.alert(1)")}
        action = generic.DictionaryObject(action)
        into = writer.prepare_object_stream() if packed else None
        writer.root["/OpenAction"] = writer.add_object(action, obj_stream=into) if packed else writer.add_object(action)
        writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def sign(data, party, field="Sig1", pades=True):
    signer = signers.SimpleSigner.load(str(party.key_path), str(party.pem_path), ca_chain_files=[str(party.chain_path)] if party.chain else [])
    subfilter = SigSeedSubFilter.PADES if pades else SigSeedSubFilter.ADOBE_PKCS7_DETACHED
    meta = signers.PdfSignatureMetadata(field_name=field, subfilter=subfilter, md_algorithm="sha256")
    out = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(data)), meta, signer=signer)
    return out.getvalue()


def update(data, text):
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    page = writer.root["/Pages"]["/Kids"][0]
    stream = generic.StreamObject(stream_data=f"BT /F1 24 Tf 72 600 Td ({text}) Tj ET".encode())
    page["/Contents"] = writer.add_object(stream)
    writer.mark_update(page.container_ref if hasattr(page, "container_ref") else writer.root["/Pages"].raw_get("/Kids")[0].reference)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def cases(world, parties, work):
    judge = parties["judge"]
    good = sign(letter(), judge)
    twice = sign(good, parties["p256"], "Sig2")
    begin = good.index(b"/Contents <") + len(b"/Contents <")
    end = good.index(b">", begin)
    gap = lambda digits: good[:begin] + digits + good[begin + len(digits) : end] + good[end:]
    at = good.index(b"/ByteRange")
    numbers = good[at : good.index(b"]", at) + 1]
    first, second, third = [int(n) for n in numbers.split(b"[")[1].rstrip(b"]").split()][1:]
    shorter = f"/ByteRange [0 {first} {second} {third - 40}]".encode()
    padded = numbers[:-1] + b" " * max(0, len(shorter) - len(numbers)) + b"]"
    assert len(shorter) <= len(padded)
    cut = good.replace(numbers, shorter[:-1] + b" " * (len(numbers) - len(shorter)) + b"]")
    last = bytearray(good)
    last[end - 2 : end] = b"41"
    return [
        ("pades.pdf", good, "valid", "trusted", "yes", "PAdES-B"),
        ("pades-packed.pdf", sign(letter(packed=True), judge), "valid", "trusted", "yes", "objects packed in streams"),
        ("adobe.pdf", sign(letter(), judge, pades=False), "valid", "trusted", "yes", "the older kind"),
        ("two-signers.pdf", twice, "valid earlier", "trusted", "yes", "signed, then signed again: the first covers what was there then"),
        ("revoked.pdf", sign(letter(), parties["revoked"]), "valid", "SIG-52", "-", "revoked"),
        ("server.pdf", sign(letter(), parties["server"]), "valid", "SIG-54", "-", "a certificate of a web server"),
        ("script.pdf", sign(letter(script=True), judge), "SIG-34", "-", "yes", "a script"),
        ("script-packed.pdf", sign(letter(packed=True, script=True), judge), "SIG-34", "-", "yes", "a script in a packed stream"),
        ("bomb.pdf", sign(letter(extra=(b" " * (17 << 20), "/FlateDecode")), judge), "SIG-01", "-", "yes", "packed objects of 17 MiB"),
        ("packed-otherwise.pdf", sign(letter(extra=(b"hidden", "/ASCIIHexDecode")), judge), "SIG-34", "-", "yes", "objects packed in another way"),
        ("tampered-text.pdf", good.replace(b"Vordering", b"Afwijzing", 1), "SIG-08", "-", "no", "the page"),
        ("updated.pdf", update(good, "W666666"), "SIG-31", "-", "no", "changed by an incremental update"),
        ("appended.pdf", good + b"\n", "SIG-31", "-", "-", "octets behind the end"),
        ("gap-behind.pdf", bytes(last), "SIG-32", "-", "-", "something behind the signature in its place"),
        ("gap-text.pdf", gap(b"(hi"), "SIG-32", "-", "-", "not digits"),
        ("byte-range-short.pdf", cut, "SIG-31", "-", "no", "the byte range ends before the file"),
        ("byte-range-late.pdf", good.replace(b"/ByteRange [0 ", b"/ByteRange [1 ", 1), "SIG-30", "-", "-", "the byte range begins after the file"),
        ("old-kind.pdf", good.replace(b"/ETSI.CAdES.detached", b"/adbe.pkcs7.sha1    ", 1), "SIG-33", "-", "-", "a kind that signs a digest"),
        ("unsigned.pdf", letter(), "SIG-04", "-", "-", "no signature"),
    ]
