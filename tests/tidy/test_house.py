"""Ask every file of the house for its faults, and every checker for a planted one."""

from pathlib import Path

import pytest

from tidy import business, house, places, shape, states

PYTHON = [
    shape.long_files,
    shape.long_functions,
    shape.many_parameters,
    shape.imports_inside,
    shape.undocumented,
    shape.silent_assertions,
    shape.empty_names,
    business.writes_elsewhere,
    business.positional_operations,
    business.clocks,
    business.floats,
    business.unnamed_units,
    business.outside_words,
    places.unexplained_excuses,
    states.undrawn,
]
SQL = [shape.long_files, business.clocks]
EVERYWHERE = [places.registries, places.machine_paths, places.located_locks, places.unexplained_ignores]


@pytest.mark.parametrize("checker", PYTHON, ids=lambda each: each.__name__)
def test_python_files_keep_the_rule(checker: house.Checker) -> None:
    found = house.faults(checker, house.python())
    assert not found, "\n".join(found)


@pytest.mark.parametrize("checker", SQL, ids=lambda each: each.__name__)
def test_sql_files_keep_the_rule(checker: house.Checker) -> None:
    found = house.faults(checker, house.tree(suffix=".sql"))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("checker", EVERYWHERE, ids=lambda each: each.__name__)
def test_tracked_files_keep_the_rule(checker: house.Checker) -> None:
    found = house.faults(checker, house.tracked())
    assert not found, "\n".join(found)


@pytest.mark.parametrize("checker", [shape.long_files, shape.long_functions, shape.imports_inside], ids=lambda each: each.__name__)
def test_tests_are_short_too(checker: house.Checker) -> None:
    found = house.faults(checker, house.tree("tests"))
    assert not found, "\n".join(found)


def test_every_folder_with_python_is_a_package() -> None:
    folders = {source.path.parent for source in house.python() if source.path.parent != house.CLIENT}
    assert sorted(str(each) for each in folders if not (house.ROOT / each / "__init__.py").exists()) == []


OPERATIONS = "src/tallystick/domain/funds/operations.py"
RULES = "src/tallystick/domain/funds/rules.py"
QUERIES = "src/tallystick/domain/funds/queries.py"
PAGE = "src/tallystick/interfaces/web/pages/overview.py"

PLANTED = [
    (shape.long_files, RULES, "\n" * 401, 1),
    (shape.long_files, "src/tallystick/domain/funds/sql/post.sql", "--\n" * 151, 1),
    (shape.long_functions, RULES, "def f():\n" + "    a = 1\n" * 50, 1),
    (shape.long_functions, RULES, "def f():\n" + "    a = 1\n" * 49, 0),
    (shape.many_parameters, RULES, "def f(a, b, *, c, d, e, g, h, i): ...", 1),
    (shape.many_parameters, RULES, "class A:\n    def f(self, b, c, d, e, g, h, i): ...", 0),
    (shape.imports_inside, RULES, "def f():\n    if True:\n        import os", 1),
    (shape.undocumented, RULES, "class A:\n    def f(self): ...\n    def _g(self): ...\n    def __str__(self): ...\nclass _B: ...", 3),
    (shape.undocumented, RULES, '"""Say."""\nclass A:\n    """Say."""\n    class Meta: ...', 0),
    (shape.undocumented, "src/tallystick/domain/funds/migrations/0001_initial.py", "class Migration: ...", 0),
    (shape.silent_assertions, RULES, "assert a\nassert b, 'a scope is open'", 1),
    (shape.empty_names, "src/tallystick/domain/funds/helpers.py", "", 1),
    (shape.empty_names, RULES, "class InvoiceManager: ...\ndef process_invoice(data): ...\ninfo = 1", 4),
    (shape.empty_names, RULES, "class PersonManager(BaseUserManager[Person]): ...", 0),
    (shape.empty_names, "src/tallystick/interfaces/services_v2/balance.py", "finance_manager = 1\ndatabase = 2", 0),
    (business.writes_elsewhere, QUERIES, "models.Fund.objects.filter(id=1).update(balance_minor=1)", 1),
    (business.writes_elsewhere, QUERIES, "row.save()\nrow.delete()\nmodels.Fund.objects.create()", 3),
    (business.writes_elsewhere, PAGE, "cursor.execute('insert into funds_fund (id) values (1)')", 1),
    (business.writes_elsewhere, PAGE, "cursor.execute(f'update funds_fund set id = {x}')", 1),
    (business.writes_elsewhere, PAGE, "seen.update({1: 2})\nlock = 'select 1 from funds_fund for update of funds_fund'", 0),
    (business.writes_elsewhere, OPERATIONS, "models.Fund.objects.create()", 0),
    (business.positional_operations, OPERATIONS, "def charge(viewer, fund_id): ...", 1),
    (business.positional_operations, OPERATIONS, "def charge(*, viewer, fund_id): ...\ndef _own(a, b): ...\ndef lock(customer_id): ...", 0),
    (business.clocks, RULES, "import datetime\ndatetime.datetime.now()\ntimezone.now()\ntime.time()\ndate.today()", 4),
    (business.clocks, QUERIES, "cursor.execute('select 1 where due_date < current_date')", 1),
    (business.clocks, "src/tallystick/domain/funds/sql/post.sql", "select now();\n-- never now()\nselect ledger_now();", 1),
    (business.clocks, "src/tallystick/integrations/mail/sending.py", "time.time()", 0),
    (business.floats, RULES, "share: float = 0.5", 2),
    (business.floats, RULES, "share = Fraction(1, 2)\nseconds: float", 0),
    (business.floats, "src/tallystick/lib/money.py", "float(text)", 1),
    (business.unnamed_units, RULES, "def f(amount: int, *, fund_balance: int | None): ...\nclass A:\n    price: int", 3),
    (business.unnamed_units, "src/tallystick/domain/funds/models.py", "class A:\n    balance = models.BigIntegerField()", 1),
    (business.unnamed_units, RULES, "def f(amount_minor: int, amount: str, limit: int): ...", 0),
    (business.outside_words, OPERATIONS, "from django import http\nimport django.urls\nfrom django.core.mail import send_mail", 3),
    (business.outside_words, OPERATIONS, "from django.db import models\nfrom django.core import validators", 0),
    (business.outside_words, PAGE, "from django.http import HttpRequest", 0),
    (places.registries, "README.md", "see " + "pypi" + ".org/simple", 1),
    (places.machine_paths, "README.md", f"cd {house.ROOT}/src", 1),
    (places.machine_paths, "README.md", "cd /ho" + "me/anna/tallystick", 1),
    (places.located_locks, "uv.lock", "source = https://example.org/a.whl", 1),
    (places.unexplained_ignores, "ruff.toml", '  "D105",\n  "D106", # why', 1),
    (places.unexplained_excuses, RULES, "a = 1  # no" + "qa: S101\nb = 1  # no" + "qa: S101 - why", 1),
    (places.located_locks, "README.md", "https://example.org/", 0),
]


@pytest.mark.parametrize(("checker", "path", "text", "count"), PLANTED, ids=lambda each: getattr(each, "__name__", None))
def test_a_planted_fault_is_found(checker: house.Checker, path: str, text: str, count: int) -> None:
    assert len(list(checker(house.Source(Path(path), text)))) == count


def test_a_drawing_that_differs_from_its_table_is_found() -> None:
    table: dict[str, dict[object, set[object]]] = {"TRANSITIONS": {"pending": {"approved", "rejected"}, "rejected": {"pending"}, "approved": set()}}
    assert list(states.compare("x", "pending -> approved | rejected\nrejected -> pending", table)) == []
    assert list(states.compare("x", "    pending -> approved | rejected -> pending\n", table)) == [
        "x: the docstring draws approved -> pending, no table has it",
    ]
    assert list(states.compare("x", "pending -> approved\nrejected -> pending", table)) == ["x: the docstring lacks pending -> rejected"]
    assert len(list(states.compare("x", "", table))) == 3
