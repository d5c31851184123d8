"""Write tables and archives piece by piece, each piece by somebody who knows of the ones before only what JSON keeps."""

import io
import json
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from tallystick.integrations import tables

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _cells(content: bytes) -> list[list[tuple[str, str]]]:
    """Read a sheet: of each cell its text or number, and the code of its format."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert book.testzip() is None
        styles = ET.fromstring(book.read("xl/styles.xml"))
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
        for name in book.namelist():
            ET.fromstring(book.read(name))
    codes = {one.get("numFmtId"): one.get("formatCode") for one in styles.iter(f"{_MAIN}numFmt")}
    formats = [codes.get(one.get("numFmtId"), "") for one in styles.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")]
    return [
        [("".join(cell.itertext()), str(formats[int(cell.get("s", "0"))])) for cell in row.iter(f"{_MAIN}c")] for row in sheet.iter(f"{_MAIN}row")
    ]


def test_each_cell_is_what_it_is() -> None:
    """Days and instants as days since 1900, amounts with all places, texts as texts, nothing as nothing."""
    moment = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
    row: list[tables.Cell] = ["=1+1", 7, Decimal("-1.50"), Decimal(1200), Decimal("0.125"), date(2026, 11, 22), moment, None, "a <b> & \x01 _x0041_"]
    told = _cells(tables.xlsx_of(tables.Table("All: of/it", ["A"] * len(row), [row])))
    assert told[1] == [
        ("=1+1", ""),
        ("7", ""),
        ("-1.50", "#,##0.00"),
        ("1200", "#,##0"),
        ("0.125", "#,##0.000"),
        ("46348", "yyyy-mm-dd"),
        ("46348.250000000", "yyyy-mm-dd hh:mm:ss"),
        ("a <b> & _x0001_ _x005F_x0041_", ""),
    ]
    assert (
        tables.csv_of(tables.Table("It", ["A"], [row]))
        .decode("utf-8-sig")
        .splitlines()[1]
        .startswith("'=1+1,7,-1.50,1200,0.125,2026-11-22,2026-11-22 06:00:00,,")
    )


@pytest.mark.parametrize("kind", [tables.Sheet, tables.Workbook])
def test_pieces_make_the_whole(kind: type[tables.Sheet] | type[tables.Workbook]) -> None:
    """Thirty columns, so that the letters run over; a hundred rows in ten pieces."""
    heads = [f"H{place}" for place in range(30)]
    rows: list[list[tables.Cell]] = [[f"{row}/{place}" for place in range(30)] for row in range(100)]
    file = kind()
    content = file.begin("All", heads)
    for start in range(0, 100, 10):
        file = kind(json.loads(json.dumps(file.state)))
        content += file.add(rows[start : start + 10])
    content += kind(json.loads(json.dumps(file.state))).end()
    whole = (tables.csv_of if kind is tables.Sheet else tables.xlsx_of)(tables.Table("All", heads, rows))
    if kind is tables.Sheet:
        assert content == whole
    else:
        assert _cells(content) == _cells(whole)
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            assert 'r="AD101"' in book.read("xl/worksheets/sheet1.xml").decode()
            assert '<autoFilter ref="A1:AD101"/>' in book.read("xl/worksheets/sheet1.xml").decode()


def test_an_archive_holds_what_was_put_in() -> None:
    """Files whole and in pieces, names of any letters; the same files give the same bytes."""
    archive = tables.Archive()
    content = archive.put("a/é.txt", b"one" * 1000) + archive.begin("long.txt")
    for _piece in range(5):
        archive = tables.Archive(json.loads(json.dumps(archive.state)))
        content += archive.add(b"two" * 1000)
    content += archive.finish(b"end") + archive.put("last", b"") + archive.end()
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        assert made.testzip() is None
        assert [(one, made.read(one)) for one in made.namelist()] == [("a/é.txt", b"one" * 1000), ("long.txt", b"two" * 5000 + b"end"), ("last", b"")]
    assert tables.zip_of([("a", b"1")]) == tables.zip_of([("a", b"1")])


@pytest.mark.parametrize(("text", "name"), [("PO/77", "PO-77"), ("..", "-"), ("a\x00b\n", "a-b-"), ("C:\\x", "C--x"), ("№ 5", "№ 5")])
def test_a_text_of_people_is_one_files_name(text: str, name: str) -> None:
    assert tables.file_name(text) == name
