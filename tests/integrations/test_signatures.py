"""Sign documents, and see that every way to change one afterwards is told; what is not ours is unknown, never genuine."""

import hashlib
import io
import json
import zlib
from collections.abc import Callable
from dataclasses import replace

import pikepdf
import pytest

from tallystick.integrations.signatures import canonical, checking, codes, keys, papers, statements
from tallystick.integrations.signatures.checking import Reason, Result
from tallystick.integrations.signatures.signing import Signer

XML = b'<?xml version="1.0"?><Invoice><Amount>1190.00</Amount></Invoice>'
PAPER = papers.Paper(
    kind="invoice",
    number="INV-2026-01184",
    day="2026-11-20",
    seller="Lanternfield GmbH",
    seller_tax_number="DE123456789",
    buyer='Größe "&" Söhne 東京',
    buyer_tax_number="DE987654321",
    currency="EUR",
    net="1000.00",
    tax="190.00",
    gross="1190.00",
    account_holder="Lanternfield GmbH",
    account="DE89370400440532013000",
    bic="COBADEFFXXX",
    reference="RF18539007547034",
    xml_sha256=hashlib.sha256(XML).hexdigest(),
)
OTHER = replace(PAPER, number="INV-2026-01185", gross="2380.00")
PRIVATE, PUBLIC = keys.make()
KEY = keys.Published(key_id=keys.key_id(PUBLIC), public=PUBLIC, issuer="Lanternfield GmbH", valid_from="2026-01-01T00:00:00Z")
KNOWN = {KEY.key_id: KEY}
SIGNER = Signer(KEY.key_id, "https://pay.lanternfield.example", PRIVATE)


def plain(text: str, xml: bytes = XML) -> bytes:
    """Write a small PDF with a line of text and an attached XML: what is sealed may be any PDF."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    page.Contents = pdf.make_stream(f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode())
    page.Resources = pikepdf.Dictionary(
        Font=pikepdf.Dictionary(F1=pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica))
    )
    pdf.attachments["factur-x.xml"] = pikepdf.AttachedFileSpec(pdf, xml, mime_type="text/xml")
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


@pytest.fixture(scope="module")
def genuine() -> bytes:
    """Give a sealed invoice."""
    return SIGNER.sealed(plain("Total 1190.00 EUR"), PAPER)


def saved(content: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    """Change a PDF with an editor, as a forger does, and save it."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        change(pdf)
        out = io.BytesIO()
        pdf.save(out)
        return out.getvalue()


def saved_carefully(content: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    """Change a PDF and keep all streams as they are, so that the signature's bytes stand in the file as before."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        change(pdf)
        out = io.BytesIO()
        pdf.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
        return out.getvalue()


def _text(pdf: pikepdf.Pdf) -> None:
    contents = pdf.pages[0].Contents
    contents.write(contents.read_bytes().replace(b"1190.00", b"1.00"))


def _xml(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["factur-x.xml"].obj.EF.F.write(XML.replace(b"1190.00", b"9990.00"))


def _json(pdf: pikepdf.Pdf) -> None:
    stream = pdf.attachments[statements.NAME].obj.EF.F
    stream.write(stream.read_bytes().replace(b"DE89370400440532013000", b"DE00000000000000000000"))


def _nothing(_pdf: pikepdf.Pdf) -> None:
    pass


def _annotation(pdf: pikepdf.Pdf) -> None:
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FreeText, Rect=[50, 650, 400, 690], Contents="Pay to DE00 now", DA="/Helv 12 Tf 0 g"
    )
    pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(note)])


def _swapped(pdf: pikepdf.Pdf) -> None:
    """Put the whole statement of another genuine document in."""
    other = SIGNER.sealed(plain("Total 2380.00 EUR"), OTHER)
    with pikepdf.open(io.BytesIO(other)) as source:
        pdf.attachments[statements.NAME].obj.EF.F.write(source.attachments[statements.NAME].obj.EF.F.read_bytes())


def judged(content: bytes) -> checking.Verdict:
    """Check with the issuer's keys."""
    return checking.check_file(content, KNOWN)


def test_a_sealed_document_is_genuine_and_tells_what_was_issued(genuine: bytes) -> None:
    """Whole, and the same bytes when it is sealed again."""
    verdict = judged(genuine)
    assert (verdict.result, verdict.reason, verdict.key) == (Result.GENUINE, Reason.AS_ISSUED, KEY)
    assert verdict.said == PAPER.shape()
    assert SIGNER.sealed(plain("Total 1190.00 EUR"), PAPER) == genuine


def test_the_statement_is_an_attachment_that_any_reader_shows(genuine: bytes) -> None:
    """Named, described, related as data, beside the e-invoice; its JSON can be read by hand."""
    with pikepdf.open(io.BytesIO(genuine)) as pdf:
        assert sorted(pdf.attachments) == ["factur-x.xml", statements.NAME]
        spec = pdf.attachments[statements.NAME].obj
        assert (str(spec.AFRelationship), str(spec.EF.F.Subtype), int(spec.EF.F.Params.Size)) == (
            "/Data",
            "/application/json",
            len(spec.EF.F.read_bytes()),
        )
        assert spec.objgen in {one.objgen for one in pdf.Root.AF}
        said = json.loads(spec.EF.F.read_bytes())
    assert said["document"] == PAPER.shape()
    assert (said["format"], said["key"]) == (statements.FORMAT, KEY.key_id)


@pytest.mark.parametrize("save", [saved, saved_carefully])
@pytest.mark.parametrize("change", [_text, _xml, _annotation, _nothing])
def test_whatever_is_changed_in_the_file_shows(
    genuine: bytes, save: Callable[[bytes, Callable[[pikepdf.Pdf], None]], bytes], change: Callable[[pikepdf.Pdf], None]
) -> None:
    """The page's text, the XML, a note above the page, or only the way in which it is saved; what was issued is told."""
    verdict = judged(save(genuine, change))
    assert verdict.result is Result.ALTERED
    assert verdict.reason in {Reason.CONTENTS_CHANGED, Reason.SAVED_ANEW}
    assert verdict.said == PAPER.shape()


@pytest.mark.parametrize("save", [saved, saved_carefully])
def test_changed_facts_are_never_told(genuine: bytes, save: Callable[[bytes, Callable[[pikepdf.Pdf], None]], bytes]) -> None:
    """Another account in the JSON: the signature does not fit, and the forger's account is not repeated."""
    verdict = judged(save(genuine, _json))
    assert (verdict.result, verdict.reason, verdict.said) == (Result.ALTERED, Reason.FACTS_CHANGED, None)


@pytest.mark.parametrize("save", [saved, saved_carefully])
def test_the_statement_of_another_document_does_not_fit(genuine: bytes, save: Callable[[bytes, Callable[[pikepdf.Pdf], None]], bytes]) -> None:
    """Attachments swapped between two genuine documents: altered, with the facts that the statement was signed for."""
    verdict = judged(save(genuine, _swapped))
    assert verdict.result is Result.ALTERED
    assert verdict.said == OTHER.shape()


def test_one_byte_anywhere_is_enough(genuine: bytes) -> None:
    """A byte in every hundredth of the file, and the first and the last, turned round."""
    step = max(1, len(genuine) // 100)
    for at in {*range(20, len(genuine), step), len(genuine) - 1}:
        changed = bytearray(genuine)
        changed[at] ^= 1
        assert judged(bytes(changed)).result is not Result.GENUINE, at


def test_what_is_added_behind_the_end_shows(genuine: bytes) -> None:
    """An update as PDF editors append them, or only a blank."""
    for more in (b" ", b"\n1 0 obj\n<<>>\nendobj\n", genuine):
        assert judged(genuine + more).result is Result.ALTERED


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_file_that_is_cut_off_is_altered(genuine: bytes, part: float) -> None:
    """Wherever it ends."""
    assert judged(genuine[: int(len(genuine) * part)]).result is Result.ALTERED


def test_without_the_key_nothing_is_said(genuine: bytes) -> None:
    """A forger's own key makes a document unknown; so does a key that was withdrawn."""
    assert checking.check_file(genuine, {}).reason is Reason.UNKNOWN_KEY
    withdrawn = checking.check_file(genuine, {KEY.key_id: replace(KEY, withdrawn_at="2026-12-01T00:00:00Z")})
    assert (withdrawn.result, withdrawn.reason, withdrawn.said) == (Result.UNKNOWN, Reason.WITHDRAWN_KEY, None)


def _bomb() -> bytes:
    """Write a PDF whose list of objects unpacks to a gigabyte."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"0" * (1 << 20)) for _ in range(1024)) + packer.flush()
    head = b"%PDF-1.7\n1 0 obj\n<< /Type /XRef /W [1 2 1] /Size 9 /Root 2 0 R /Filter /FlateDecode /Length " + str(len(packed)).encode()
    return head + b" >>\nstream\n" + packed + b"\nendstream\nendobj\nstartxref\n9\n%%EOF"


@pytest.mark.parametrize(
    ("content", "reasons"),
    [
        (b"", {Reason.NO_PDF}),
        (b"Dear Sirs", {Reason.NO_PDF}),
        (b"%PDF-1.7\n" + b"x" * checking.LARGEST_BYTES, {Reason.TOO_LARGE}),
        (b"%PDF-1.7\ncut", {Reason.DAMAGED}),
        (b"%PDF-1.7\n" + statements.MIDDLE * 3, {Reason.DAMAGED}),
        (b"%PDF-1.7\n" + statements.BEGIN * 700_000 + statements.MIDDLE, {Reason.DAMAGED}),
        (_bomb(), {Reason.UNREADABLE, Reason.DAMAGED}),
    ],
    ids=["empty", "letter", "large", "cut", "markers", "beginnings", "bomb"],
)
def test_hostile_files_get_an_answer(content: bytes, reasons: set[Reason]) -> None:
    """In bounded time and memory, and never genuine."""
    verdict = judged(content)
    assert verdict.reason in reasons
    assert verdict.said is None


def test_a_pdf_of_others_is_unknown() -> None:
    """It says nothing; one with a password can not even be asked."""
    assert (judged(plain("Hello")).result, judged(plain("Hello")).reason) == (Result.UNKNOWN, Reason.NO_SIGNATURE)
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain("Hello"))) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    assert judged(out.getvalue()).reason is Reason.ENCRYPTED


def test_a_statement_can_not_be_smuggled_in_by_a_name() -> None:
    """A customer whose name is written as our signature is: its document is sealed and genuine all the same."""
    sly = replace(PAPER, buyer=(statements.BEGIN + b"x" + statements.MIDDLE).decode())
    verdict = judged(SIGNER.sealed(plain("Total"), sly))
    assert (verdict.reason, (verdict.said or {})["buyer"]) == (Reason.AS_ISSUED, sly.buyer)


def test_the_code_says_what_was_issued() -> None:
    """Number, amount, account and key in a link below the operator's address, short enough for a small code."""
    link = SIGNER.code(PAPER)
    assert link.startswith("https://pay.lanternfield.example/verify-document/?")
    assert len(link) < 400
    code = codes.read(link)
    assert code is not None
    verdict = checking.check_code(code, KNOWN)
    assert (verdict.result, verdict.said and verdict.said["account"], verdict.said and verdict.said["gross"]) == (
        Result.GENUINE,
        "DE89370400440532013000",
        "1190.00",
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("1190.00", "1.00"), Reason.FACTS_CHANGED),
        (("DE89370400440532013000", "DE00370400440532013000"), Reason.FACTS_CHANGED),
        (("INV-2026-01184", "INV-2026-01185"), Reason.FACTS_CHANGED),
        (("t=invoice", "t=receipt"), Reason.FACTS_CHANGED),
        (("//pay.lanternfield.example", "//pay.lantemfield.example"), Reason.OTHER_HOST),
        ((KEY.key_id, "A" * 16), Reason.UNKNOWN_KEY),
    ],
)
def test_a_changed_code_is_told(change: tuple[str, str], reason: Reason) -> None:
    """Each fact, the address that it leads to, and the key."""
    code = codes.read(SIGNER.code(PAPER).replace(*change))
    assert code is not None
    assert checking.check_code(code, KNOWN).reason is reason


@pytest.mark.parametrize(
    "link", ["", "https://example", "https://h/?t=invoice", "https://h/?t=cake&s=AA", "h" * 5000, "https://h/?t=invoice&t=invoice", "https://[/?t"]
)
def test_what_is_no_code_is_none(link: str) -> None:
    """Half a link, or another's."""
    assert codes.read(link) is None


def test_an_invoices_signature_is_no_codes() -> None:
    """What is signed says what it is: neither can stand for the other."""
    assert keys.sign(PRIVATE, b"x") == keys.sign(PRIVATE, b"x")
    made = SIGNER.sealed(plain("Total"), PAPER)
    place = statements.spot(made)
    assert place is not None
    borrowed = made[place.signature_begin : place.end - 2].decode()
    code = codes.read(f"{SIGNER.code(PAPER).rsplit('=', 1)[0]}={borrowed}")
    assert code is not None
    assert checking.check_code(code, KNOWN).reason is Reason.FACTS_CHANGED


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": "1", "a": ["x", {"d": "", "c": "é\u2028"}]}, '{"a":["x",{"c":"é\u2028","d":""}],"b":"1"}'),
        (
            {"\ufb33": "", "\U0001f600": "", "ö": "", "\u20ac": "", "1": "", "\r": ""},
            '{"\\r":"","1":"","ö":"","\u20ac":"","\U0001f600":"","\ufb33":""}',
        ),
        ('\u0000\b\t\n\f\r\u001f"\\/\u007f', '"\\u0000\\b\\t\\n\\f\\r\\u001f\\"\\\\/\u007f"'),
    ],
)
def test_the_canonical_form(value: canonical.Value, written: str) -> None:
    """Source: RFC 8785 sections 3.2.2.2 and 3.2.3, whose order of keys is by UTF-16."""
    assert canonical.canonical(value).decode() == written


@pytest.mark.parametrize("value", [{"a": 1}, {"a": None}, {"a": True}, {"a": b""}, {1: "a"}, "\ud800"])
def test_what_is_not_signed(value: object) -> None:
    """Numbers may be read in two ways, so there are none; half a character has no bytes."""
    with pytest.raises(ValueError, match=r"."):
        canonical.canonical(value)  # type: ignore[arg-type]  # the wrong value is the point


def test_a_private_key_opens_with_the_installations_secret_only() -> None:
    """And only under its own name."""
    locked = keys.lock(PRIVATE, name=KEY.key_id, secret="one")
    assert keys.unlock(locked, name=KEY.key_id, secret="one") == PRIVATE
    assert PRIVATE not in locked
    for name, secret in [(KEY.key_id, "two"), ("other", "one")]:
        with pytest.raises(keys.Locked, match="signing-keys rotate"):
            keys.unlock(locked, name=name, secret=secret)


def test_keys_are_published_and_read_again() -> None:
    """As a JSON Web Key set. Source: RFC 8037 appendix A.3 for the thumbprint."""
    x = canonical.octets("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
    assert keys.key_id(x) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"[:16]
    assert keys.read(keys.written([KEY])) == KNOWN
    assert json.loads(keys.written([KEY]))["keys"][0]["crv"] == "Ed25519"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"keys":{}}',
        b"[" * 100_000,
        b'{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA","kid":"AA"}]}',
        b" " * (keys.LARGEST_SET_BYTES + 1),
    ],
)
def test_what_is_no_set_of_keys(content: bytes) -> None:
    """A sentence, never a crash."""
    with pytest.raises(keys.NoKeySet, match="file"):
        keys.read(content)


def test_keys_of_other_kinds_are_left_out() -> None:
    """A set may hold more than ours."""
    assert keys.read(b'{"keys":[{"kty":"RSA","n":"x"},7]}') == {}
