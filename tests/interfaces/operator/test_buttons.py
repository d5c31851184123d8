"""Press each of the operator's buttons as each role of the staff: those that only a POST reaches, so that no form test opens them."""

import uuid
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, reverse

from interfaces.operator.operating import Town
from interfaces.operator.test_four_eyes import ADMINISTER, APPROVE, ENTER, ROLES
from interfaces.operator.test_wrong_forms import Place, opened, rows
from tallystick.interfaces.web import urls

EVERYBODY = set(ROLES)
BUTTONS: dict[str, set[str]] = {
    "review-approve": APPROVE,
    "review-reject": ENTER,
    "review-undo": APPROVE,
    "operator-announced-withdraw": ENTER,
    "record-payment-outcome": ENTER,
    "operator-credit-approve": APPROVE,
    "operator-credit-terms-approve": APPROVE,
    "operator-credit-terms-decline": APPROVE,
    "operator-write-off-approve": APPROVE,
    "operator-use-credit": ENTER,
    "operator-refund-approve": APPROVE,
    "operator-refund-settle": ENTER,
    "operator-separate-funds": ADMINISTER,
    "operator-four-eyes": ADMINISTER,
    "operator-private-targets": ADMINISTER,
    "operator-fuse-close": APPROVE,
    "operator-prove": EVERYBODY,
    "operator-key-rotate": ADMINISTER,
    "operator-key-revoke": ADMINISTER,
    "operator-mail-retry": ENTER,
    "operator-mail-deal": ENTER,
    "operator-reminders-send": ENTER,
    "operator-reminders-resume": ENTER,
    "operator-invoice-resume": ENTER,
    "operator-job-resume": ENTER | ADMINISTER,
}


def _walk(patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, URLPattern]]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns)
        elif ".pages." in one.lookup_str and one.name:
            yield one.name, one


PATTERNS = {
    name: one for name, one in _walk(urls.urlpatterns) if name in BUTTONS or name.startswith(("operator-", "review", "record-payment", "queue"))
}


@pytest.fixture(scope="module")
def place(town: Town) -> Place:
    """Share one customer."""
    return opened(town)


def address(route: str, at: Place) -> str:
    """Name things that are not there: who may press the button finds nothing, who may not is refused before."""
    unknown = {"uuid": uuid.uuid4(), "customer_id": at.customer_id, "division_id": at.top_id, "job_id": 999_999_999, "group_id": 999_999_999}
    wanted = PATTERNS[route].pattern.converters
    return reverse(route, kwargs={name: unknown.get(name, unknown["uuid"]) for name in wanted})


def test_every_button_is_in_the_table(town: Town, place: Place) -> None:
    """Whatever answers a GET with 405 is a button."""
    taken = set()
    for route, pattern in PATTERNS.items():
        if route == "first-run" or set(pattern.pattern.converters) & {"legal_entity_id", "kind", "currency", "person_id"}:
            continue
        answers = [getattr(town, role).get(address(route, place)).status_code for role in ("approver", "administrator")]
        if 405 in answers:
            taken.add(route)
    assert taken == set(BUTTONS)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", list(BUTTONS))
def test_a_button_is_pressed_by_its_roles_only(town: Town, place: Place, route: str, role: str) -> None:
    """The wrong role is refused and nothing changes; the right one gets another answer, were it that there is nothing to do."""
    client, where, before = getattr(town, role), address(route, place), rows()
    assert client.get(where).status_code in {403, 405}
    if role in BUTTONS[route]:
        if route in {"operator-separate-funds", "operator-four-eyes", "operator-private-targets"}:  # these would change what other tests stand on
            return
        assert client.post(where, {"form_key": str(uuid.uuid4()), "revision": "1", "reasons": "vendor"}).status_code in {200, 302, 404, 409, 422}
        return
    assert client.post(where, {"form_key": str(uuid.uuid4()), "revision": "1", "reasons": "vendor"}).status_code == 403
    assert rows() == before
