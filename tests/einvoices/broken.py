"""Break documents, one rule each: the check can fail, and says by which rule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tallystick.integrations.einvoicing import making, terms

_Change = Callable[[dict[str, Any], dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Broken:
    """Name what is wrong, the rule that must say so in both syntaxes, and how the facts and figures of a right document are changed."""

    name: str
    rule: str
    change: _Change
    ubl_rule: str = ""

    def found(self, facts: Mapping[str, Any], exact: Mapping[str, Any], syntax: making.Syntax) -> list[str]:
        """Break the document and list the rules that refuse it."""
        own: dict[str, Any] = {**facts, "seller": dict(facts["seller"]), "buyer": dict(facts["buyer"])}
        figures: dict[str, Any] = {
            **exact,
            "lines": [dict(line) for line in exact["lines"]],
            "rates": [dict(rate) for rate in exact["rates"]],
            "zero": dict(exact["zero"]),
        }
        self.change(own, figures)
        return [fault.rule for fault in making.WRITER.make(syntax, terms.terms(own, figures)).faults]  # type: ignore[arg-type]  # broken on purpose

    def wanted(self, syntax: making.Syntax) -> str:
        """Name the rule of a syntax."""
        return self.ubl_rule if syntax == "ubl" and self.ubl_rule else self.rule


def _figure(name: str, by_minor: int) -> _Change:
    def change(_facts: dict[str, Any], exact: dict[str, Any]) -> None:
        exact[name] += by_minor

    return change


def _fact(name: str, value: object) -> _Change:
    def change(facts: dict[str, Any], _exact: dict[str, Any]) -> None:
        facts[name] = value

    return change


def _party(side: str, name: str, value: object) -> _Change:
    def change(facts: dict[str, Any], _exact: dict[str, Any]) -> None:
        facts[side][name] = value

    return change


def _rate(name: str, by_minor: int) -> _Change:
    def change(_facts: dict[str, Any], exact: dict[str, Any]) -> None:
        exact["rates"][0][name] += by_minor

    return change


def _line(name: str, value: object) -> _Change:
    def change(_facts: dict[str, Any], exact: dict[str, Any]) -> None:
        exact["lines"][0][name] = value

    return change


def _zero(category: str, reason: str) -> _Change:
    """Tax nothing, and say why by the words given."""

    def change(_facts: dict[str, Any], exact: dict[str, Any]) -> None:
        exact["zero"] = {"category": category, "reason": reason}
        net_minor = exact["net_minor"]
        exact["lines"] = [{**line, "percent": "0"} for line in exact["lines"]]
        exact["rates"] = [{"percent": "0", "net_minor": net_minor, "tax_minor": 0}]
        exact |= {"tax_minor": 0, "gross_minor": net_minor}

    return change


def _fils(facts: dict[str, Any], exact: dict[str, Any]) -> None:
    """Say a third decimal, which the norm can not."""
    facts["currency"] = "KWD"
    exact["lines"] = [{**exact["lines"][0], "quantity": "1", "unit_price_minor": 1_001, "net_minor": 1_001, "percent": "19"}]
    exact["rates"] = [{"percent": "19", "net_minor": 1_001, "tax_minor": 190}]
    exact |= {"net_minor": 1_001, "tax_minor": 190, "gross_minor": 1_191}


BROKEN: tuple[Broken, ...] = (
    Broken("the lines do not add up", "BR-CO-10", _line("net_minor", 9_999)),
    Broken("the total without tax is not the lines", "BR-CO-10", _figure("net_minor", 1)),
    Broken("tax that no rate explains", "BR-CO-14", _figure("tax_minor", 1)),
    Broken("a gross that is not net and tax", "BR-CO-15", _figure("gross_minor", 1)),
    Broken("tax that is not the rate of its base", "BR-CO-17", _rate("tax_minor", 200)),
    Broken("a base that is not its lines", "BR-S-08", _rate("net_minor", 100)),
    Broken("a country that is none", "FX-SCH-A-000568", _party("buyer", "country", "XX"), ubl_rule="BR-CL-14"),
    Broken("a buyer without a name", "BR-07", _party("buyer", "name", "")),
    Broken("a seller without any number", "BR-S-02", _party("seller", "tax_number", "")),
    Broken("reverse charge without its reason", "BR-AE-10", _zero("AE", "")),
    Broken("an exemption without its law", "BR-E-10", _zero("E", "")),
    Broken("a third decimal", "BR-DEC-12", _fils),
)
