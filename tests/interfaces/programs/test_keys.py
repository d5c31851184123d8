"""What keys may do at the programs' doors: scopes, divisions, addresses, ends, rotation, and how fast all of it counts."""

import dataclasses
import time
import uuid
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.test import override_settings

import given
from interfaces.programs import account
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries, rules
from tallystick.domain.customers.rules import CustomerRole, KeyMode, Right, StaffRole, Viewer
from tallystick.domain.events import queries as events
from tallystick.domain.funds import keyed
from tallystick.integrations.postgres import scope
from tallystick.interfaces import callers
from tallystick.interfaces.api import access
from tallystick.interfaces.api.problem import Unauthenticated
from tallystick.lib import errors, ids

HERE = "127.0.0.1"
EVERYTHING = tuple(one for one in rules.SCOPES if not one.startswith("imports:"))


def made(shop: account.Program, *scopes: str, viewer: Viewer | None = None, **terms: object) -> customers.NewKey:
    """Make a key of these scopes."""
    wanted = customers.KeyTerms(scopes=scopes or ("balance:read", "charges:write"), **terms)  # type: ignore[arg-type]
    return customers.make_key(viewer=viewer or shop.viewer, name="Shop", terms=wanted)


def facts_of(shop: account.Program, kind: str) -> list[dict[str, object]]:
    """Read what was recorded, newest first."""
    with scope.of(shop.viewer):
        return [dict(row.facts) for row in events.log(customer_id=shop.customer_id) if row.kind == kind]


@pytest.mark.parametrize(
    ("scopes", "resource", "right", "may"),
    [
        ({"invoices:read"}, "invoices", Right.READ, True),
        ({"invoices:read"}, "invoices", Right.WRITE, False),
        ({"invoices:write"}, "invoices", Right.READ, True),
        ({"invoices:write"}, "payments", Right.READ, False),
        (set(), "balance", Right.READ, False),
    ],
)
def test_writing_includes_reading_and_nothing_includes_another_resource(scopes: set[str], resource: str, right: Right, *, may: bool) -> None:
    """Scopes are by resource and right."""
    rights = rules.KeyRights(rules.KeyKind.CUSTOMER, "administrator", None, frozenset(scopes))
    viewer = rules.key_viewer(rights, name="Shop", person_id=1, customer_id=1)
    assert rules.key_permits(viewer, resource, right) is may
    if not may:
        with pytest.raises(rules.ScopeMissing):
            rules.permit_key(viewer, resource, right)


def test_a_key_out_of_sight_of_a_division_is_told_nothing_of_it() -> None:
    """The refusal is that of a division that is not."""
    rights = rules.KeyRights(rules.KeyKind.CUSTOMER, "administrator", frozenset({7}), frozenset({"balance:read"}))
    viewer = rules.key_viewer(rights, name="Shop", person_id=1, customer_id=1)
    rules.permit_key(viewer, "balance", Right.READ, division_id=7)
    with pytest.raises(errors.NotFound):
        rules.permit_key(viewer, "balance", Right.READ, division_id=8)
    bare = Viewer(kind=rules.ViewerKind.KEY, name="Shop")
    assert not rules.key_permits(bare, "balance", Right.READ)


@pytest.mark.parametrize(
    ("address", "networks", "may"),
    [
        ("192.0.2.7", (), True),
        ("192.0.2.7", ("192.0.2.0/24",), True),
        ("::ffff:192.0.2.7", ("192.0.2.0/24",), True),
        ("192.0.3.7", ("192.0.2.0/24", "198.51.100.4/32"), False),
        ("2001:db8::5", ("2001:db8::/32",), True),
        ("", ("192.0.2.0/24",), False),
        ("unknown", ("0.0.0.0/0",), False),
    ],
)
def test_the_list_of_addresses(address: str, networks: tuple[str, ...], *, may: bool) -> None:
    """An address in one of the networks, written either way."""
    assert rules.comes_from(address, networks) is may


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, "203.0.113.9", "10.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", ""),
    ],
)
def test_who_asks_is_told_by_our_own_proxies_only(proxies: int, forwarded: str, found: str) -> None:
    """What a caller writes in front of what our proxies wrote counts for nothing."""
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=proxies):
        assert callers.address("10.0.0.1", forwarded) == found


def test_each_route_of_charges_takes_its_own_scope(shop: account.Program) -> None:
    """A key for holds charges nothing, and the other way round; a key that reads does neither."""
    shop.opening(10_000)
    bodies = {"charges": "charges:write", "holds": "holds:write"}
    body = {"division_id": shop.div, "amount": {"amount": "1.00", "currency": "USD"}}
    for path, needed in bodies.items():
        for other in ("charges:write", "holds:write", "charges:read", "balance:read"):
            answer = shop.post(path, body, key=made(shop, other).secret)
            assert (answer.status_code == 201) is (other == needed), (path, other)
            if other != needed:
                assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
                assert needed in answer.json()["detail"]
    assert shop.balance(key=made(shop, "charges:write").secret).status_code == 403
    assert shop.balance(key=made(shop, "balance:read").secret).json()["balance"] == "98.00"


def test_a_key_is_used_from_its_addresses_only(shop: account.Program) -> None:
    """Both faces refuse it from anywhere else, CertCentral's as a key that is not known."""
    shop.opening(10_000)
    here, elsewhere = made(shop, networks=("127.0.0.1",)), made(shop, networks=("192.0.2.0/24", "2001:db8::/32"))
    assert shop.balance(key=here.secret).status_code == 200
    assert shop.charge(key=here.secret).status_code == 201
    refused = shop.charge(key=elsewhere.secret)
    assert (refused.status_code, refused.json()["code"]) == (403, "address_not_allowed")
    unknown = shop.balance(key="tsk_live_unknown")
    assert (shop.balance(key=elsewhere.secret).status_code, shop.balance(key=elsewhere.secret).content) == (403, unknown.content)


def test_a_revoked_key_ends_within_a_second_on_both_faces(shop: account.Program) -> None:
    """A key that was used the moment before is remembered no longer than that."""
    shop.opening(10_000)
    key = made(shop)
    assert (shop.charge(key=key.secret).status_code, shop.balance(key=key.secret).status_code) == (201, 200)
    customers.revoke_key(viewer=shop.viewer, key_id=key.id, now=account.NOW)
    assert shop.balance(key=key.secret).status_code == 403
    time.sleep(1.0)
    assert shop.charge(key=key.secret).status_code == 401


def test_an_expired_key_is_unknown(shop: account.Program) -> None:
    """Both faces let it pass until its end, and not after."""
    over, good = made(shop, expires_at=datetime.now(UTC) - timedelta(seconds=1)), made(shop, expires_at=datetime.now(UTC) + timedelta(hours=1))
    assert (shop.balance(key=over.secret).status_code, shop.charge(key=over.secret).status_code) == (403, 401)
    assert shop.balance(key=good.secret).status_code == 200


def test_a_remembered_key_is_forgotten_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remembered a moment before, and looked up again at the very instant; a key without an end is remembered for its second."""
    clock, asked = [1000.0], []

    def found(**_named: object) -> keyed.KeyFacts | None:
        asked.append(clock[0])
        left = round((1000.4 - clock[0]) * 1_000_000)
        return keyed.KeyFacts(account.ADA, 1, "USD", "key", ends_in_microseconds=left if ends else None) if left > 0 or not ends else None

    monkeypatch.setattr(access, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(access.keyed, "key", found)
    monkeypatch.setattr(callers, "note", lambda _key_id: None)
    for ends in (True, False):
        secret = f"Bearer {uuid.uuid4().hex}"
        for now in (1000.0, 1000.399_999):
            clock[0] = now
            access.identify(secret, address=HERE)
        clock[0] = 1000.4
        if ends:
            with pytest.raises(Unauthenticated):
                access.identify(secret, address=HERE)
    clock[0] = 1000.999
    access.identify(secret, address=HERE)
    assert asked == [1000.0, 1000.4, 1000.0]


def test_a_key_that_charges_without_a_pause_ends_at_its_end(shop: account.Program) -> None:
    """What is sent from that instant on is refused, however lately the key was good."""
    end = datetime.now(UTC) + timedelta(seconds=0.5)
    key = made(shop, expires_at=end).secret
    answers = []
    while not answers or answers[-1][0] < end + timedelta(seconds=0.2):
        answers.append((datetime.now(UTC), shop.charge(key=key).status_code))
    assert answers[0][1] == 201
    assert {status for at, status in answers if at >= end} == {401}


def test_rotation_lets_both_keys_work_for_a_while(shop: account.Program) -> None:
    """The new one has the old one's rights; the old one ends when the overlap does, and then cannot be rotated again."""
    old = made(shop, "balance:read", networks=("127.0.0.1",), mode=KeyMode.TEST)
    new = customers.rotate_key(viewer=shop.viewer, key_id=old.id, overlap=timedelta(hours=24), now=datetime.now(UTC))
    assert new.secret.startswith("tsk_test_")
    assert (shop.balance(key=old.secret).status_code, shop.balance(key=new.secret).status_code) == (200, 200)
    first, second = (next(row for row in queries.keys(viewer=shop.viewer) if row.id == one.id) for one in (old, new))
    assert (second.scopes, second.networks, second.follows_id, second.expires_at) == (first.scopes, first.networks, first.id, None)
    assert first.expires_at is not None
    assert timedelta(hours=23) < first.expires_at - datetime.now(UTC) < timedelta(hours=24)
    last = customers.rotate_key(viewer=shop.viewer, key_id=new.id, overlap=timedelta(), now=datetime.now(UTC))
    assert (shop.balance(key=new.secret).status_code, shop.balance(key=last.secret).status_code) == (403, 200)
    with pytest.raises(errors.Conflict):
        customers.rotate_key(viewer=shop.viewer, key_id=new.id, overlap=timedelta(), now=datetime.now(UTC))
    with pytest.raises(errors.Invalid):
        customers.rotate_key(viewer=shop.viewer, key_id=last.id, overlap=timedelta(days=31), now=datetime.now(UTC))
    with pytest.raises(errors.NotFound):
        customers.rotate_key(viewer=account.opened().viewer, key_id=last.id, overlap=timedelta(), now=datetime.now(UTC))


def test_a_key_made_to_expire_is_followed_by_one_that_lives_as_long(shop: account.Program) -> None:
    """Ninety days again, and the old one no longer than it had."""
    end = datetime.now(UTC) + timedelta(days=90)
    old = made(shop, expires_at=end)
    new = customers.rotate_key(viewer=shop.viewer, key_id=old.id, overlap=timedelta(days=7), now=datetime.now(UTC) + timedelta(days=85))
    rows = {row.id: row for row in queries.keys(viewer=shop.viewer)}
    assert rows[old.id].expires_at == end
    assert abs((rows[new.id].expires_at or end) - end - timedelta(days=85)) < timedelta(minutes=1)


def test_all_that_is_done_to_a_key_is_on_record_and_no_secret_is(shop: account.Program) -> None:
    """Who, what, when; the secret and its hash stand nowhere."""
    key = made(shop, "balance:read", "invoices:read", networks=("192.0.2.0/24",))
    new = customers.rotate_key(viewer=shop.viewer, key_id=key.id, overlap=timedelta(hours=1), now=datetime.now(UTC))
    customers.revoke_key(viewer=shop.viewer, key_id=new.id, now=datetime.now(UTC))
    customers.revoke_key(viewer=shop.viewer, key_id=new.id, now=datetime.now(UTC))
    issued = facts_of(shop, "key.issued")
    assert issued[1]["scopes"] == ["balance:read", "invoices:read"]
    assert issued[1]["networks"] == ["192.0.2.0/24"]
    assert facts_of(shop, "key.rotated")[0]["followed_by"] == ids.public("key", new.id)
    assert len(facts_of(shop, "key.revoked")) == 1
    with scope.of(shop.viewer):
        told = str([row.facts for row in events.log(customer_id=shop.customer_id)])
    assert key.secret[:13] in told
    assert key.secret[13:] not in told


@pytest.mark.parametrize(
    ("role", "scopes", "terms", "wrong"),
    [
        (CustomerRole.FINANCE_MANAGER, ("divisions:write",), {}, errors.NotAllowed),
        (CustomerRole.FINANCE_MANAGER, ("users:read",), {}, errors.NotAllowed),
        (CustomerRole.STANDARD_USER, ("balance:read",), {}, errors.NotAllowed),
        (CustomerRole.ADMINISTRATOR, ("imports:write",), {}, errors.NotAllowed),
        (CustomerRole.ADMINISTRATOR, ("imports:read",), {}, errors.NotAllowed),
        (CustomerRole.ADMINISTRATOR, ("balance:all",), {}, errors.Invalid),
        (CustomerRole.ADMINISTRATOR, ("balance:read",), {"division_ids": (1,)}, errors.NotFound),
        (CustomerRole.ADMINISTRATOR, ("balance:read",), {"networks": ("192.0.2.999",)}, errors.Invalid),
        (CustomerRole.ADMINISTRATOR, ("balance:read",), {"networks": tuple(f"192.0.2.{n}" for n in range(51))}, errors.Invalid),
    ],
)
def test_what_no_key_is_made_of(
    shop: account.Program, role: CustomerRole, scopes: tuple[str, ...], terms: dict[str, object], wrong: type[errors.Refusal]
) -> None:
    """No more than its maker may, no other's division, nothing that cannot be read."""
    with pytest.raises(wrong):
        made(shop, *scopes, viewer=dataclasses.replace(shop.viewer, role=role), **terms)


def test_a_key_makes_no_key_that_may_more(shop: account.Program) -> None:
    """A program with keys:write gives away what it has, at most."""
    secret = made(shop, "keys:write", "balance:read").secret
    program = access.identify(f"Bearer {secret}", address=HERE).viewer
    assert made(shop, "balance:read", viewer=program).secret
    with pytest.raises(errors.NotAllowed):
        made(shop, "balance:read", "charges:write", viewer=program)


def test_keys_follow_what_their_person_may_do(shop: account.Program) -> None:
    """A role that is taken away is taken from the keys; divisions too; who leaves leaves no key behind."""
    person_id = customers.add_person(viewer=account.ADA, email=f"{uuid.uuid4().hex}@northwind.example", name="Eve")
    cellar = shop.division(f"Cellar {uuid.uuid4().hex[:6]}")
    place = {"viewer": account.ADA, "customer_id": shop.customer_id, "person_id": person_id}
    customers.set_membership(**place, role=CustomerRole.ADMINISTRATOR)  # type: ignore[arg-type]
    key = made(shop, "balance:read", "divisions:write", viewer=queries.customer_viewer(person_id=person_id))
    both = f"container_id={shop.top_id}", f"container_id={cellar}"
    assert [shop.balance(one, key=key.secret).status_code for one in both] == [200, 200]
    customers.set_membership(**place, role=CustomerRole.FINANCE_MANAGER, division_ids=[cellar])  # type: ignore[arg-type]
    assert [shop.balance(one, key=key.secret).status_code for one in both] == [404, 200]
    viewer = access.identify(f"Bearer {key.secret}", address=HERE).viewer
    assert (viewer.role, viewer.division_ids) == (CustomerRole.FINANCE_MANAGER, frozenset({cellar}))
    assert not rules.permits(viewer, rules.Act.CHANGE_SETTINGS)
    customers.set_membership(**place, role=CustomerRole.FINANCE_MANAGER)  # type: ignore[arg-type]
    assert shop.balance(both[0], key=key.secret).status_code == 404
    customers.set_membership(**place, role=CustomerRole.FINANCE_MANAGER, is_active=False)  # type: ignore[arg-type]
    assert shop.balance(both[1], key=key.secret).status_code == 403
    narrowed = [row["divisions"] for row in facts_of(shop, "key.narrowed") if row["starts_with"] == key.secret[:13]]
    assert narrowed == [[cellar]]


def test_the_last_use_is_kept(shop: account.Program) -> None:
    """Written once a minute by a thread of its own, for a key of either face."""
    one, other, unused = made(shop), made(shop), made(shop)
    shop.balance(key=one.secret)
    shop.charge(key=other.secret)
    callers.settled()
    rows = {row.id: row.last_used_at for row in queries.keys(viewer=shop.viewer)}
    assert rows[unused.id] is None
    for each in (one, other):
        assert abs((rows[each.id] or account.NOW) - datetime.now(UTC)) < timedelta(minutes=1)


def _staff(role: StaffRole) -> int:
    person_id = customers.add_person(viewer=account.ADA, email=f"{uuid.uuid4().hex}@tallystick.example", name="Max")
    customers.set_staff(viewer=account.ADA, person_id=person_id, role=role)
    return person_id


def test_keys_of_the_operator_are_another_kind(shop: account.Program) -> None:
    """They work with a member of staff's role, know no customer by themselves, charge nobody, and end with the person's role."""
    person_id = _staff(StaffRole.APPROVER)
    terms = customers.KeyTerms(scopes=("purchase_orders:write", "charges:write"))
    key = customers.make_operator_key(viewer=account.ADA, person_id=person_id, name="Approver's robot", terms=terms)
    assert key.secret.startswith("tso_live_")
    found = access.identify(f"Bearer {key.secret}", address=HERE)
    assert (found.kind, found.customer_id, found.viewer.kind) == (rules.KeyKind.OPERATOR, 0, rules.ViewerKind.STAFF)
    assert (found.viewer.staff_role, found.viewer.person_id) == (StaffRole.APPROVER, person_id)
    assert rules.key_permits(found.viewer, "purchase_orders", Right.READ)
    assert not rules.key_permits(found.viewer, "invoices", Right.READ)
    refused = shop.charge(key=key.secret)
    assert (refused.status_code, refused.json()["code"]) == (403, "customer_key_needed")
    assert shop.balance(key=key.secret).content == shop.balance(key="tsk_live_unknown").content
    assert key.id in {row.id for row in queries.keys(viewer=account.ADA)}
    assert key.id not in {row.id for row in queries.keys(viewer=shop.viewer)}
    with pytest.raises(errors.NotFound):
        customers.revoke_key(viewer=shop.viewer, key_id=key.id, now=account.NOW)
    customers.set_staff(viewer=account.ADA, person_id=person_id, role=StaffRole.APPROVER, is_active=False)
    assert next(row for row in queries.keys(viewer=account.ADA) if row.id == key.id).revoked_at is not None
    with scope.of(account.ADA), scope.cursor() as cursor:
        cursor.execute("select kind from customers_keychange where key_id = %s order by changed_at", [key.id])
        assert [row[0] for row in cursor.fetchall()] == ["key.issued", "key.revoked"]


def test_only_the_operators_administrator_makes_the_operators_keys() -> None:
    """Neither an approver nor a customer, and for staff only."""
    terms = customers.KeyTerms(scopes=("purchase_orders:write",))
    for viewer in (dataclasses.replace(account.ADA, staff_role=StaffRole.APPROVER), account.opened().viewer):
        with pytest.raises(errors.NotAllowed):
            customers.make_operator_key(viewer=viewer, person_id=account.ADA.person_id or 0, name="Robot", terms=terms)
    with pytest.raises(errors.NotFound):
        customers.make_operator_key(viewer=account.ADA, person_id=given.ADMIN.person_id or 0, name="Robot", terms=terms)


def test_the_acts_of_scopes_and_back() -> None:
    """A key that was made by acts has the scopes that they mean, and takes no more of its person."""
    for acts in ([rules.Act.SEE_FINANCES], [rules.Act.SEE_FINANCES, rules.Act.CHARGE], [rules.Act.SEE_FINANCES, rules.Act.PAY]):
        assert rules.acts_of(rules.scopes_of(acts)) == set(acts)
    assert rules.acts_of(["charges:write"]) == {rules.Act.CHARGE}
    assert set(rules.scopes_of([rules.Act.CHARGE])) == {"charges:write", "holds:write", "refunds:write"}
    assert rules.acts_of(EVERYTHING) >= {rules.Act.MANAGE_KEYS, rules.Act.CHANGE_SETTINGS}
