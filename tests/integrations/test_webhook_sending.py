"""Send messages to addresses that a customer named: only to those that may be called, only where the look-up led, in bounded time."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from integrations.receiver import Receiver
from tallystick.integrations.webhooks import sending
from tallystick.lib import networks
from tallystick.lib.networks import Reach


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Listen for one test."""
    made = Receiver()
    yield made
    made.close()


def _post(url: str, *, private_allowed: bool = True, resolve: sending.Resolve | None = None) -> sending.Outcome:
    return sending.post(url=url, headers={"webhook-id": "evt_1"}, body=b"{}", private_allowed=private_allowed, resolve=resolve)


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("93.184.216.34", Reach.PUBLIC),
        ("2606:2800:220:1:248:1893:25c8:1946", Reach.PUBLIC),
        ("64:ff9b::5db8:d822", Reach.PUBLIC),  # NAT64 of a public address
        ("127.0.0.1", Reach.PRIVATE),
        ("127.8.9.10", Reach.PRIVATE),
        ("::1", Reach.PRIVATE),
        ("10.0.0.7", Reach.PRIVATE),
        ("172.31.255.255", Reach.PRIVATE),
        ("192.168.1.1", Reach.PRIVATE),
        ("100.64.0.1", Reach.PRIVATE),
        ("198.18.0.1", Reach.PRIVATE),
        ("192.0.2.1", Reach.PRIVATE),
        ("fd12:3456::1", Reach.PRIVATE),
        ("fec0::1", Reach.PRIVATE),
        ("::ffff:10.0.0.7", Reach.PRIVATE),
        ("::ffff:127.0.0.1", Reach.PRIVATE),
        ("64:ff9b::a00:7", Reach.PRIVATE),
        ("64:ff9b:1::1", Reach.FORBIDDEN),
        ("2002:a00:7::1", Reach.PRIVATE),
        ("::10.0.0.7", Reach.PRIVATE),
        ("2001:db8::1", Reach.PRIVATE),
        ("0.0.0.0", Reach.FORBIDDEN),
        ("::", Reach.FORBIDDEN),
        ("169.254.169.254", Reach.FORBIDDEN),
        ("::ffff:169.254.169.254", Reach.FORBIDDEN),
        ("64:ff9b::a9fe:a9fe", Reach.FORBIDDEN),
        ("2002:a9fe:a9fe::1", Reach.FORBIDDEN),
        ("169.254.1.1", Reach.FORBIDDEN),
        ("168.63.129.16", Reach.FORBIDDEN),
        ("100.100.100.200", Reach.FORBIDDEN),
        ("fd00:ec2::254", Reach.FORBIDDEN),
        ("fe80::1", Reach.FORBIDDEN),
        ("fe80::1%eth0", Reach.FORBIDDEN),
        ("224.0.0.1", Reach.FORBIDDEN),
        ("ff02::1", Reach.FORBIDDEN),
        ("240.0.0.1", Reach.FORBIDDEN),
        ("255.255.255.255", Reach.FORBIDDEN),
        ("example.org", Reach.FORBIDDEN),
        ("0177.0.0.1", Reach.FORBIDDEN),
        ("2130706433", Reach.FORBIDDEN),
    ],
)
def test_every_address_is_judged(address: str, reach: Reach) -> None:
    """What it leads to, and for IPv4 in IPv6 what the IPv4 address leads to."""
    assert networks.reach(address) is reach


def test_a_message_arrives_with_its_host_and_path(receiver: Receiver) -> None:
    """A name goes into Host with its port; the connection to where it led."""
    outcome = _post(f"http://hooks.example:{receiver.port}/in?a=1", resolve=lambda _host, _port: ["127.0.0.1"])
    assert (outcome.status, outcome.error) == (204, "")
    came = receiver.came[0]
    assert (came.path, came.headers["host"], came.body) == ("/in?a=1", f"hooks.example:{receiver.port}", b"{}")


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["93.184.216.34", "::ffff:127.0.0.1"], ["169.254.169.254"]])
def test_a_name_that_leads_inside_is_refused_whole(receiver: Receiver, addresses: list[str]) -> None:
    """One private address among public ones is enough, and nothing is connected."""
    outcome = _post(f"https://hooks.example:{receiver.port}/", private_allowed=False, resolve=lambda _host, _port: addresses)
    assert outcome.status is None
    assert "may not be called" in outcome.error
    assert not receiver.came


def test_metadata_is_refused_even_where_private_addresses_are_allowed() -> None:
    """The operator's setting opens private networks, not what tells a machine its secrets."""
    assert "may not be called" in _post("http://169.254.169.254/latest/meta-data/").error


def test_a_name_is_looked_up_once(receiver: Receiver) -> None:
    """A second look-up could lead elsewhere: the connection goes to the address that was judged."""
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    assert _post(f"http://rebinding.example:{receiver.port}/", resolve=resolve).status == 204
    assert asked == ["rebinding.example"]


def test_a_redirect_is_an_answer(receiver: Receiver) -> None:
    """Nothing follows it: the second address was not judged."""
    receiver.status, receiver.location = 302, f"http://127.0.0.1:{receiver.port}/elsewhere"
    assert _post(receiver.url).status == 302
    assert len(receiver.came) == 1


def test_plain_http_is_refused_on_the_internet() -> None:
    """Only the operator's own network is spoken to in the clear."""
    assert "https" in _post("http://hooks.example/", private_allowed=False, resolve=lambda _host, _port: ["93.184.216.34"]).error


def test_a_certificate_is_asked_for(receiver: Receiver) -> None:
    """A port that speaks no TLS is an error, not a message in the clear."""
    outcome = _post(f"https://hooks.example:{receiver.port}/", resolve=lambda _host, _port: ["127.0.0.1"])
    assert outcome.status is None
    assert not receiver.came


@pytest.mark.parametrize("drips", [True, False])
def test_a_slow_receiver_is_cut_off(receiver: Receiver, drips: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then does not keep a worker: the whole exchange has its time."""
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.4)
    receiver.drips, receiver.delay_seconds = drips, 0 if drips else 3
    began = time.monotonic()
    outcome = _post(receiver.url)
    assert outcome.status is None
    assert outcome.error
    assert time.monotonic() - began < 2


def test_nobody_there() -> None:
    """A closed port and a name without address are failures of the try."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert "ConnectionRefusedError" in _post(f"http://127.0.0.1:{taken.getsockname()[1]}/").error
    assert _post("http://nobody.invalid/", resolve=lambda _host, _port: []).error == "The name has no address."


def test_no_thread_stays(receiver: Receiver) -> None:
    """The clock of each exchange ends with it."""
    before = threading.active_count()
    for _ in range(5):
        _post(receiver.url)
    assert threading.active_count() <= before + 8  # resolving threads, kept for the next names
    assert not [each for each in threading.enumerate() if isinstance(each, threading.Timer) and each.is_alive() and not each.finished.is_set()]
