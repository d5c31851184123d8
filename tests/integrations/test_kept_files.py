"""Keep files where the setting says, and find each where its row says: in rows, in a folder, in a bucket of a real server on loopback."""

import hashlib
import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import boto3
import pytest
from django.conf import settings
from moto.server import ThreadedMotoServer

from domain.invoicing import trade
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import queries as invoices_of
from tallystick.domain.purchasing import operations as purchasing
from tallystick.domain.purchasing import queries as orders_of
from tallystick.integrations.storage import chosen, store

CONTENT = b"%PDF-1.7 kept"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
KEYS = {"AWS_ACCESS_KEY_ID": "only-for-tests", "AWS_SECRET_ACCESS_KEY": "only-for-tests", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    before = {name: os.environ.get(name) for name in KEYS}
    os.environ.update(KEYS)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


@pytest.fixture
def bucket(endpoint: str) -> str:
    name = f"files-{uuid.uuid4().hex[:12]}"
    _client(endpoint).create_bucket(Bucket=name)
    return f"s3://{name}/kept?endpoint={endpoint}"


@pytest.fixture
def settings_files(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda place: monkeypatch.setattr(settings, "FILES", place)


@dataclass
class Upload:
    content: bytes
    name: str = "order.pdf"
    kind: str = "application/pdf"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def _client(endpoint: str) -> Any:  # its class is made at run time
    return boto3.client("s3", endpoint_url=endpoint)


def _name(location: str) -> tuple[str, str]:
    return location.removeprefix("s3://").split("/")[0], f"kept/{SHA256[:2]}/{SHA256}"


def test_a_bucket_keeps_files_under_their_hash_and_notices_what_is_lost(bucket: str, endpoint: str) -> None:
    kept = chosen.at(bucket)
    placed = kept.put(SHA256, CONTENT)
    assert placed == kept.put(SHA256, CONTENT) == store.Placed(content=None, reference=bucket)
    assert kept.get(SHA256, placed) == CONTENT
    name, key = _name(bucket)
    assert [found["Key"] for found in _client(endpoint).list_objects_v2(Bucket=name)["Contents"]] == [key]
    _client(endpoint).put_object(Bucket=name, Key=key, Body=b"changed")
    with pytest.raises(store.Lost, match="is not what it was"):
        kept.get(SHA256, placed)
    _client(endpoint).delete_object(Bucket=name, Key=key)
    with pytest.raises(store.Lost, match="is gone"):
        kept.get(SHA256, placed)


def test_a_bucket_that_is_not_there_or_does_not_answer_is_said_so(endpoint: str) -> None:
    missing = chosen.at(f"s3://absent?endpoint={endpoint}")
    silent = chosen.at("s3://absent?endpoint=http://127.0.0.1:1&region=us-east-1")
    for away in (missing, silent):
        with pytest.raises(store.StoreAway, match="Try again in a few minutes"):
            away.put(SHA256, CONTENT)
    with pytest.raises(store.StoreAway):
        silent.get(SHA256, store.Placed(content=None, reference=""))


def test_a_folder_that_takes_nothing_is_said_so_and_keeps_no_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    kept = chosen.at(f"folder:{tmp_path}")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(store.StoreAway):
        kept.put(SHA256, CONTENT)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_changed_setting_loses_no_file(tmp_path: Path, bucket: str, settings_files: Callable[[str], None]) -> None:
    """Documents of orders and of invoices, kept under four settings, are all read back under each of them."""
    northwind = trade.open_trade()
    places = ["rows", f"folder:{tmp_path}", bucket, "rows"]
    orders: dict[UUID, bytes] = {}
    invoices: dict[UUID, bytes] = {}
    for at, place in enumerate(places):
        settings_files(place)
        sent = Upload(CONTENT + str(at).encode())
        order = purchasing.submit_purchase_order(viewer=northwind.dana, order=northwind.draft(), now=trade.NOW, document=sent)
        orders[order.id] = sent.content
        invoice = northwind.approved("10.00")
        invoices[invoice.id] = b"%PDF made " + str(at).encode()
        invoicing.store_document(customer_id=northwind.customer_id, invoice_id=invoice.id, content=invoices[invoice.id], now=trade.NOW)
    for place in places:
        settings_files(place)
        for order_id, content in orders.items():
            assert orders_of.document(viewer=northwind.dana, purchase_order_id=order_id).content == content
        for invoice_id, content in invoices.items():
            assert invoices_of.invoice_document(viewer=northwind.dana, invoice_id=invoice_id) == content
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2


WRONG = [
    ("rowz", "TALLYSTICK_FILES is 'rowz'; it must be rows, folder:/path, or s3://bucket?endpoint=https://host."),
    ("folder:relative", "it must name a folder that is there, from the root on, as folder:/srv/files."),
    ("folder:/nowhere/at/all", "it must name a folder that is there, from the root on, as folder:/srv/files."),
    ("s3://", "names no bucket; write s3://bucket"),
    ("s3://key:secret@bucket", "names no bucket; write s3://bucket"),
    ("s3://bucket?endpint=http://127.0.0.1", "names no bucket; write s3://bucket"),
]


@pytest.mark.parametrize(("location", "sentence"), WRONG)
def test_a_wrong_setting_is_named_in_one_sentence(location: str, sentence: str) -> None:
    with pytest.raises(store.Misplaced) as misplaced:
        chosen.at(location)
    assert sentence in str(misplaced.value)
