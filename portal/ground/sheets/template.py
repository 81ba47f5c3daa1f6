"""The empty sheet that clerks fill in: text columns, drop-downs, and a page that explains every column."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.datavalidation import DataValidation

from portal.ground.sheets.cells import letters
from portal.ground.sheets.columns import ColumnSpec
from portal.ground.sheets.write import SHANGHAI, dressed, escaped, settled, tab_name

ABOUT = "填写说明"
ROWS_READY = 5000
_FIXED = datetime(2026, 1, 1, tzinfo=SHANGHAI)  # a template is the same every time
_LISTS_FROM = 7  # column G of the explanation holds the first list of choices
_NOTES = (
    "在“{title}”表里从第 2 行起填，一行一家；带 * 的必填，不要改表头，也不要合并单元格。",
    "号码、编号、日期都按文字填，前面的 0 会留着；填不了的空着，不要填“无”。",
    "填好后上传，系统先给出核对结果，确认后才导入。",
)


def template_xlsx(specs: Sequence[ColumnSpec], *, title: str, notes: Sequence[str] = _NOTES) -> bytes:
    """An empty .xlsx with the headings of `specs` and a page 填写说明.

    Columns are formatted as text, except those of numbers, so that no sheet bends a telephone or a code; a
    column with choices has a drop-down. The same arguments give the same bytes.
    """
    book = Workbook()
    sheet: Any = book.active
    sheet.title = tab_name(title)
    about = book.create_sheet(ABOUT)
    sheet.freeze_panes = "A2"
    for number, spec in enumerate(specs, 1):
        heading = dressed(sheet.cell(1, number, ("*" if spec.required else "") + spec.heading))
        heading.number_format = "@"
        column = sheet.column_dimensions[letters(number)]
        column.width = spec.width + 2
        column.number_format = "General" if spec.kind == "number" else "@"
    _explain(about, specs, [note.format(title=sheet.title) for note in notes])
    _lists(sheet, about, specs)
    return settled(book, _FIXED)


def _explain(about: Any, specs: Sequence[ColumnSpec], notes: Sequence[str]) -> None:
    for number, note in enumerate(notes, 1):
        _text(about.cell(number, 1), note)
    top = len(notes) + 2
    for column, (heading, width) in enumerate((("栏目", 18), ("必填", 8), ("怎么填", 44), ("例子", 26)), 1):
        dressed(_text(about.cell(top, column), heading))
        about.column_dimensions[letters(column)].width = width
    for number, spec in enumerate(specs, top + 1):
        hint = spec.hint or ("从下拉里选" if spec.choices else "")
        for column, text in enumerate((spec.heading, "必填" if spec.required else "", hint, spec.example), 1):
            cell = _text(about.cell(number, column), text)
            cell.alignment = Alignment(vertical="top", wrap_text=column == 3)
            if column == 1:
                cell.font = Font(bold=True)


def _lists(sheet: Any, about: Any, specs: Sequence[ColumnSpec]) -> None:
    """Drop-downs; their choices stand on the page of explanations, where people can read them too."""
    beside = _LISTS_FROM
    for number, spec in enumerate(specs, 1):
        if not spec.choices:
            continue
        name = letters(beside)
        dressed(_text(about.cell(1, beside), f"{spec.heading}可选"))
        about.column_dimensions[name].width = 16
        for row, choice in enumerate(spec.choices, 2):
            _text(about.cell(row, beside), choice)
        listed = f"'{ABOUT}'!${name}$2:${name}${len(spec.choices) + 1}"
        rule = DataValidation(type="list", formula1=listed, allow_blank=True, showErrorMessage=True)
        rule.errorTitle, rule.error = "不在可选项里", f"{spec.heading}请从下拉里选"
        rule.add(f"{letters(number)}2:{letters(number)}{ROWS_READY + 1}")
        sheet.add_data_validation(rule)
        beside += 1


def _text(cell: Any, text: str) -> Any:
    cell.value = escaped(text)
    cell.data_type = "s"
    cell.number_format = "@"
    return cell
