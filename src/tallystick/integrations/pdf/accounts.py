"""Lay out what is said about an account: its statement for a period, and the reminder of what is past its due day."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tallystick.integrations.pdf import facts, sheets, words
from tallystick.integrations.pdf.words import Run, run, sentence

_LAST_LEVEL = 3


def statement(document: facts.Statement) -> sheets.Sheet:
    """Lay out a statement of account: the movements with the balance after each, how they add up, and what was unpaid at the end."""
    ended = date.fromisoformat(document["issued_on"])
    told = sheets.spoken(document["language"])
    return sheets.Sheet(
        language=told["language"],
        region=told["region"],
        rightward=told["rightward"],
        title=document["title"],
        number=document["number"],
        paper="a4",
        day=[ended.year, ended.month, ended.day],
        brand=document["brand"],
        logo=document.get("logo", ""),
        parties=[sheets.Side(heading=side["heading"], name=side["name"], lines=side["lines"]) for side in document["parties"]],
        strip=[sheets.cell(entry["label"], entry["value"]) for entry in document["strip"]],
        lead=[],
        columns=sheets.columns(document["columns"], 2),
        rows=document["rows"],
        caption=document["title"],
        sums=[sheets.total(entry["label"], entry["value"], heavy=entry is document["sums"][-1]) for entry in document["sums"]],
        box=None,
        notes=[],
        footer=document["brand"],
        page=sheets.page(),
        further=sheets.Further(
            heading=document["unpaid_heading"],
            columns=sheets.columns(document["unpaid_columns"], 1),
            rows=document["unpaid"],
            sum=sheets.total(document["unpaid_sum"]["label"], document["unpaid_sum"]["value"], heavy=True),
            empty=document["none_unpaid"],
        ),
    )


def reminder(document: facts.Reminder) -> sheets.Sheet:
    """Lay out the letter that reminds: what is open and since when, what is owed after unapplied credit, how to pay."""
    currency, language, level = document["currency"], document.get("language", words.ENGLISH), document["level"]
    strip = [
        sheets.cell(_("Division"), document["division"]),
        sheets.cell(_("Date"), words.day(document["issued_on"], language)),
        sheets.cell(_("Overdue invoices"), str(len(document["invoices"]))),
        sheets.cell(_("Please pay by"), words.day(document.get("pay_by", ""), language), strong=True),
    ]
    names = [_("Invoice"), _("Issued"), _("Due"), _("Overdue"), _("Open, %(currency)s") % {"currency": currency}]
    rows = [
        [
            unpaid["number"],
            words.day(unpaid["issued_on"], language),
            words.day(unpaid["due_on"], language),
            ngettext("%(count)d day", "%(count)d days", unpaid["days"]) % {"count": unpaid["days"]},
            unpaid["open"],
        ]
        for unpaid in document["invoices"]
    ]
    covered = [(_("Less your unapplied credit"), document.get("unapplied", "")), (_("Less what is on its way to us"), document.get("coming", ""))]
    sums = [sheets.total(label, minor) for label, minor in covered if minor]
    if sums:
        sums.insert(0, sheets.total(_("Open on these invoices"), document["total"]))
    sums.append(sheets.total(_("Still to pay, %(currency)s") % {"currency": currency}, document["owed"], heavy=True))
    bank, reference = document.get("bank"), document.get("reference", "")
    code = sheets.code(bank, amount_minor=document["owed_minor"], currency=currency, reference=reference)
    sentences = [sentence(_("By card: sign in and open %(page)s."), page=run(_("Pay Invoice"), strong=True))]
    sentences.append([run(_("If you have paid already, this letter crossed your payment, and nothing more is to be done."))])
    box = sheets.Box(heading=_("How to pay"), sentences=sentences, named=sheets.bank(bank, reference), scan=sheets.scan(code))
    made = sheets.sheet(
        document,
        title=_title(level),
        strip=strip,
        table=(sheets.columns(names, 2), rows),
        sums=sums,
        box=box,
        lead=_lead(level, document["division"]),
    )
    made["code"] = code
    return sheets.unbilled(made)


def _title(level: int) -> str:
    if level >= _LAST_LEVEL:
        return _("Last reminder")
    return _("Second reminder") if level > 1 else _("Payment reminder")


def _lead(level: int, division: str) -> list[list[Run]]:
    """Say it kindly first, plainly then."""
    if level >= _LAST_LEVEL:
        said = _("These invoices of %(division)s are still unpaid after two reminders. Please pay them now, or tell us today what stands against it.")
    elif level > 1:
        said = _(
            "We reminded you of these invoices of %(division)s before, and they are still unpaid. Please pay them, or tell us what stands against it."
        )
    else:
        said = _("These invoices of %(division)s are past their due day. It is easily overlooked: please pay them in the next days.")
    return [sentence(said, division=run(division, strong=True))]
