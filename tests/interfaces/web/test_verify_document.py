"""Ask the public page about documents, as anybody may: no sign-in, words for each verdict, limits, nothing kept."""

import json
import re

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import given
from domain.payments.world import NOW
from integrations.test_signatures import PAPER, plain
from interfaces.web import asking
from tallystick.domain.signing import operations
from tallystick.integrations.signatures import checking, codes, keys
from tallystick.integrations.signatures.signing import Signer

ADDRESS = "/verify-document/"


@pytest.fixture(autouse=True)
def _patience() -> None:
    cache.clear()


@pytest.fixture
def anybody() -> Client:
    """Be nobody in particular."""
    return Client(headers={"host": "localhost"})


@pytest.fixture(scope="module")
def signer() -> Signer:
    """Sign as a legal entity of this system."""
    return operations.signer(legal_entity_id=given.legal_entity(), secret=settings.SECRET_KEY, url=settings.URL, now=NOW)


def sent(client: Client, content: bytes) -> tuple[int, str, str]:
    """Upload a file: the status, the verdict and the whole page in words."""
    answer = client.post(ADDRESS, {"document": SimpleUploadedFile("invoice.pdf", content)})
    page = answer.content.decode()
    found = re.search(r'data-verdict="(\w+)" data-reason="(\w+)"', page)
    return answer.status_code, found[1] if found else "", " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_genuine_document(anybody: Client, signer: Signer) -> None:
    """The verdict and what was issued, in words; two statements at the most, one of them the keys."""
    content = signer.sealed(plain("Total 1190.00 EUR"), PAPER)
    with asking.statements() as asked:
        status, verdict, said = sent(anybody, content)
    assert (status, verdict) == (200, "genuine")
    assert "This file is as Tally Inc. issued it." in said
    assert "INV-2026-01184" in said
    assert "1,190.00 EUR" in said
    assert "DE89370400440532013000" in said
    assert len(asked) == 1


def test_an_altered_document(anybody: Client, signer: Signer) -> None:
    """The page says what was issued, not what the file says now."""
    content = signer.sealed(plain("Total 1190.00 EUR"), PAPER).replace(b"%%EOF", b"%%EOF ")
    status, verdict, said = sent(anybody, content)
    assert (status, verdict) == (200, "altered")
    assert "was changed after Tally Inc. issued it" in said


def test_an_unknown_document(anybody: Client) -> None:
    """Another's PDF, another's signature, no PDF, a PDF that is too large."""
    private, public = keys.make()
    forged = Signer(keys.key_id(public), settings.URL, private).sealed(plain("Total 1190.00 EUR"), PAPER)
    for content, words in [
        (plain("Hello"), "carries no signature"),
        (forged, "not known here"),
        (b"Dear Sirs", "not a PDF file"),
        (b"%PDF-" + b"x" * checking.LARGEST_BYTES, "larger than 10 MB"),
    ]:
        status, verdict, said = sent(anybody, content)
        assert (status, verdict) == (200, "unknown")
        assert words in said


def test_the_link_of_a_code(anybody: Client, signer: Signer) -> None:
    """Opened by a telephone: genuine, with what it was issued for; changed: altered; half of it: not found."""
    link = signer.code(PAPER).removeprefix(settings.URL)
    page = asking.seen(anybody, link)
    assert "Genuine" in page
    assert "1,190.00 EUR" in page
    assert "Altered" in asking.seen(anybody, link.replace("1190.00", "1.00"))
    assert anybody.get(link[:80]).status_code == 404
    assert anybody.get(f"{ADDRESS}?cake=1").status_code == 404


def test_a_form_without_a_file_is_refused(anybody: Client) -> None:
    """In words, with 422."""
    assert anybody.post(ADDRESS, {}).status_code == 422
    assert anybody.get(ADDRESS).status_code == 200


def test_who_asks_too_often_waits(anybody: Client) -> None:
    """Twenty a minute from one address; the empty form is not counted."""
    statuses = [anybody.post(ADDRESS, {}).status_code for _ in range(21)]
    assert statuses == [422] * 20 + [429]
    assert anybody.get(ADDRESS).status_code == 200


def test_the_public_keys_stand_at_their_address(anybody: Client, signer: Signer) -> None:
    """For any program of any origin; the answer checks a document offline."""
    answer = anybody.get("/.well-known/tallystick-signing-keys.json")
    assert answer.headers["Content-Type"] == "application/jwk-set+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert all(
        set(key) <= {"kty", "crv", "x", "kid", "use", "alg", "issuer", "valid_from", "valid_until", "withdrawn_at"}
        for key in json.loads(answer.content)["keys"]
    )
    known = keys.read(answer.content)
    assert checking.check_file(signer.sealed(plain("Total"), PAPER), known).result is checking.Result.GENUINE
    code = codes.read(signer.code(PAPER))
    assert code is not None
    assert checking.check_code(code, known).result is checking.Result.GENUINE
