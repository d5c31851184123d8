"""Fetch a file of more than a megabyte through the server that runs in production: it waits on disk and is sent piece by piece."""

import httpx
import pytest

import given
from interfaces.programs import test_served
from interfaces.web import asking
from tallystick.reactions import worker

_ROWS = 14_000
served = test_served.served


@pytest.fixture(scope="module")
def sold(database: dict[str, str]) -> given.Customer:
    """A customer with many movements."""
    assert database, "the database comes first"
    acme = given.customer(limit_minor=10**9)
    for start in range(0, _ROWS, 500):
        asked = [acme.asked(100, order_id=f"A-{start + place}", note="Certificates of the shop") for place in range(500)]
        given.funds.charge(viewer=acme.viewer(), charges=asked)
    return acme


def test_a_long_file_comes_whole(served: str, sold: given.Customer) -> None:
    """Every row is in it, and who goes away in the middle takes nobody else along."""
    client = asking.person(sold)
    path = client.post(asking.at("balance-history", sold.top_id) + "file/", {"kind": "csv"}).headers["Location"]
    worker.drain()
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    with httpx.Client(base_url=served, cookies=cookies) as fetching:
        for _reader in range(6):  # more than there are threads
            with fetching.stream("GET", f"{path}content/") as begun:
                assert begun.status_code == 200
                assert int(begun.headers["Content-Length"]) > 1 << 20
                next(begun.iter_raw(1024))
        whole = fetching.get(f"{path}content/")
    assert len(whole.content) == int(whole.headers["Content-Length"])
    assert whole.content.count(b"\r\n") == _ROWS + 1
