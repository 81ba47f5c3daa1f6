"""Sheets out: typed cells in .xlsx, guarded texts in CSV; importing an export changes nothing (rules 10
Sheets out).
"""

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

from portal.ground.sheets.cells import letters
from portal.ground.sheets.columns import ColumnSpec

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY_FORMAT = 'yyyy"年"m"月"d"日"'
MOMENT_FORMAT = 'yyyy"年"m"月"d"日" hh:mm'
INK, PAPER, LINE = "1F2A24", "E7F1EC", "B9C7BF"
_DIGITS_MOST = 15
_GUARD = re.compile(r"'*[=+\-@\t\r]")


@dataclass(frozen=True)
class Outgoing:
    """A sheet that goes out, made before anything is locked: its bytes, and what the trail says of it."""

    data: bytes
    count: int
    searched: bool = False

    @property
    def digest(self) -> str:
        """What the file is known by."""
        return hashlib.sha256(self.data).hexdigest()


def write_xlsx(
    columns: Sequence[ColumnSpec],
    rows: Iterable[Mapping[str, Any]],
    *,
    title: str,
    filter_line: str,
    snapshot: datetime,
    watermark: str,
) -> bytes:
    """An .xlsx with title, filter line, snapshot time and watermark above the headings.

    `rows` give values by column key: text is written as text whatever it begins with, int, float and
    Decimal as numbers, days and instants as such, truth as 是/否, None as nothing; a whole number of more
    than 15 digits as text. The same arguments give the same bytes.
    """
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(tab_name(title))
    sheet.freeze_panes = "A5"
    _page(sheet, columns, watermark)
    at = snapshot.astimezone(SHANGHAI)
    said = f"截至 {at.year}年{at.month}月{at.day}日 {at:%H:%M} · {watermark}"
    for text, font in (
        (title, Font(size=14, bold=True, color=INK)),
        (filter_line, Font()),
        (said, Font(color="5B6B62")),
    ):
        sheet.append([_cell(sheet, text, font=font)])
    sheet.append([_heading(sheet, spec.heading) for spec in columns])
    samples = _samples(sheet)
    count = 4
    for row in rows:
        sheet.append([_typed(sheet, row.get(spec.key), samples) for spec in columns])
        count += 1
    sheet.auto_filter.ref = f"A4:{letters(len(columns))}{count}"
    return settled(book, at)


def write_csv(columns: Sequence[ColumnSpec], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """A CSV in UTF-8 with its mark, headings first, lines ended as Windows does.

    A text that begins with = + - @ gets a ' before it, so that no sheet reckons with it; numbers stay
    numbers.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_guarded(spec.heading) for spec in columns])
    for row in rows:
        writer.writerow([_flat(row.get(spec.key)) for spec in columns])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def tab_name(title: str) -> str:
    """A title as a tab can be called: at most 31 signs, none of []:*?/\\."""
    return re.sub(r"[\[\]:*?/\\]", " ", title).strip(" '")[:31] or "表"


def settled(book: Workbook, at: datetime) -> bytes:
    """The book's bytes with `at` for every time in them, so that they depend on nothing else."""
    book.properties.creator = "portal"
    book.properties.created = at.replace(tzinfo=None)
    raw = io.BytesIO()
    book.save(raw)
    out = io.BytesIO()
    stamp = (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second // 2 * 2)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            body = old.read(item)
            if item.filename == "docProps/core.xml":
                body = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + f"{at:%Y-%m-%dT%H:%M:%SZ}".encode(), body)
            entry = zipfile.ZipInfo(item.filename, stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, body)
    return out.getvalue()


def escaped(text: str) -> str:
    """A text as XML can hold it: control signs as `_x000B_`, and what looks like such a sign kept apart."""
    text = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    return re.sub(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]", lambda m: f"_x{ord(m[0]):04X}_", text)


def _page(sheet: Any, columns: Sequence[ColumnSpec], watermark: str) -> None:
    """Widths, and how it prints: landscape, as wide as the paper, headings on every page, the watermark
    below.
    """
    for number, spec in enumerate(columns, 1):
        sheet.column_dimensions[letters(number)].width = spec.width + 2
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "4:4"
    sheet.oddFooter.left.text = watermark.replace("&", "&&")
    sheet.oddFooter.right.text = "第 &P 页，共 &N 页"


def _cell(sheet: Any, value: Any, *, font: Font | None = None) -> Any:
    cell: Any = WriteOnlyCell(sheet)
    if isinstance(value, str):
        cell.value = escaped(value)
        cell.data_type = "s"
    else:
        cell.value = value
    if font:
        cell.font = font
    return cell


def _heading(sheet: Any, text: str) -> Any:
    return dressed(_cell(sheet, text))


def dressed(cell: Any) -> Any:
    """A heading's look: bold on the paper's green, with a line below."""
    cell.font = Font(bold=True, color=INK)
    cell.fill = PatternFill("solid", fgColor=PAPER)
    cell.border = Border(bottom=Side("thin", color=LINE))
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def _samples(sheet: Any) -> dict[str, Any]:
    """One cell for every kind of value: its style is made once and shared by all of that kind."""
    kinds = {"text": "@", "number": "General", "day": DAY_FORMAT, "moment": MOMENT_FORMAT, "formula-like": "@"}
    samples = {}
    for kind, code in kinds.items():
        cell: Any = WriteOnlyCell(sheet)
        cell.number_format = code
        cell.quotePrefix = kind == "formula-like"
        samples[kind] = cell._style
    return samples


def _typed(sheet: Any, value: Any, samples: Mapping[str, Any]) -> Any:
    value, kind = _plain(value)
    if value is None or value == "":
        return None
    cell = _cell(sheet, value)
    cell._style = samples[kind]
    return cell


def _plain(value: Any) -> tuple[Any, str]:
    """A value as a cell holds it, and its kind."""
    if isinstance(value, bool):
        return ("是" if value else "否"), "text"
    if isinstance(value, int | float | Decimal):
        exact = Decimal(str(value))
        if not exact.is_finite():
            return str(value), "text"
        long = len(exact.normalize().as_tuple().digits) + max(0, int(exact.normalize().as_tuple().exponent))
        return (f"{exact:f}", "text") if long > _DIGITS_MOST and not isinstance(value, float) else (value, "number")
    if isinstance(value, datetime):
        local = value.astimezone(SHANGHAI).replace(tzinfo=None, microsecond=0)
        return local, "moment"
    if isinstance(value, date):
        return value, "day"
    if value is None:
        return None, "text"
    text = str(value)
    return text, "formula-like" if _GUARD.match(text) else "text"


def _flat(value: Any) -> str:
    value, kind = _plain(value)
    if value is None:
        return ""
    if kind == "moment":
        return f"{value:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
    if kind == "day":
        return f"{value:%Y-%m-%d}"
    if kind == "number":
        return f"{Decimal(str(value)):f}"
    return _guarded(value)


def _guarded(text: str) -> str:
    return "'" + text if _GUARD.match(text) else text
