"""An uploaded file as a sheet: what it is is decided by its bytes, and nothing hidden stays unsaid."""

from collections.abc import Mapping

from portal.ground.sheets.archive import BROKEN
from portal.ground.sheets.cells import BYTES_MOST, Choice, Misfit, Notice, Page, Row, Sheet, listed, spans
from portal.ground.sheets.compound import MAGIC
from portal.ground.sheets.text import read_text
from portal.ground.sheets.xls import OldBook
from portal.ground.sheets.xlsx import Book

KINDS = (".xlsx", ".xls", ".csv")
_ABOUT = "说明"


def read_sheet(data: bytes, filename: str, answers: Mapping[str, str] | None = None) -> Sheet:
    """An .xlsx, .xls or CSV file (UTF-8, UTF-16, GB18030) as the clerk sees it.

    `answers` are those to earlier notices (`{"sheet": "商户", "encoding": "gb18030"}`). Raises `Misfit`, a
    `ValueError` whose sentence says what to do (rules 10 Sheets in; rules 6 Files).
    """
    answers = answers or {}
    kind = _kind(data, filename)
    if kind == "csv":
        page, notices = read_text(data, answers)
    else:
        page, notices = _opened(data, kind, answers)
    if not page.rows:
        raise Misfit(f"“{page.name}”里没有内容，请填好后再上传" if kind != "csv" else "文件里没有内容，请填好后再上传")
    rows = tuple(Row(number, page.rows[number]) for number in sorted(page.rows))
    return Sheet(
        filename=filename,
        kind=kind,
        name=page.name,
        rows=rows,
        notices=(*notices, *_unsaid(page)),
        merges=tuple(page.merges),
        hidden_rows=frozenset(page.hidden_rows & page.rows.keys()),
        hidden_columns=frozenset(page.hidden_columns),
    )


def _opened(data: bytes, kind: str, answers: Mapping[str, str]) -> tuple[Page, list[Notice]]:
    try:
        return _chosen(Book(data) if kind == "xlsx" else OldBook(data), answers)
    except Misfit:
        raise
    except (ValueError, LookupError, ArithmeticError):  # a number or a name where none can stand
        raise Misfit(BROKEN) from None


def _kind(data: bytes, filename: str) -> str:
    suffix = "." + filename.lower().rpartition(".")[2] if "." in filename else ""
    if suffix not in KINDS:
        raise Misfit("只收 .xlsx、.xls 和 .csv 表格，请另存后再上传")
    if not data.strip():
        raise Misfit("文件是空的，请重新选择")
    if len(data) > BYTES_MOST:
        raise Misfit(f"文件有 {len(data) / 1024 / 1024:.1f} MB，超过 10 MB；请拆成几张表分别上传")
    if data.startswith(b"PK"):
        return "xlsx"
    if data.startswith(MAGIC):
        return "xls"
    head = data[:2048].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head", b"<style")):
        raise Misfit("这是网页或 XML 改了后缀的表格，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传")
    if head.startswith((b"%pdf", b"\x89png", b"\xff\xd8\xff", b"gif8", b"rar!", b"7z\xbc\xaf")):
        raise Misfit("这不是表格，请上传 .xlsx、.xls 或 .csv")
    if suffix != ".csv":
        raise Misfit(f"后缀是 {suffix}，内容却不是表格，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传")
    return "csv"


def _chosen(book: Book | OldBook, answers: Mapping[str, str]) -> tuple[Page, list[Notice]]:
    """The tab to read, and what there is beside it."""
    visible = [tab.name for tab in book.tabs if not tab.hidden]
    hidden = [tab.name for tab in book.tabs if tab.hidden]
    if not visible:
        raise Misfit("文件里没有看得见的工作表，请取消隐藏后再上传")
    notices = []
    if hidden:
        named = "、".join(f"“{name}”" for name in hidden)
        notices.append(Notice("hidden-sheets", f"隐藏的工作表 {named} 没有读", tuple(hidden)))
    if len(visible) == 1:
        return book.page(visible[0]), notices
    pages = {name: book.page(name) for name in visible}
    filled = [name for name in visible if pages[name].rows]
    wanted = [name for name in filled if _ABOUT not in name] or filled or visible
    if len(wanted) == 1:
        return pages[wanted[0]], notices
    choices = tuple(Choice(name, name) for name in wanted)
    question = Notice("sheet", f"文件里有 {len(wanted)} 张工作表，一次导入一张，请选一张", tuple(wanted), choices)
    return pages[question.answer(answers)], [question, *notices]


def _unsaid(page: Page) -> list[Notice]:
    """What the clerk does not see, or sees otherwise than it stands in the file."""
    notices = []
    rows = page.hidden_rows & page.rows.keys()
    if rows:
        places = spans(rows)
        sentence = f"第 {listed(places)} 行是隐藏的（可能是筛选），共 {len(rows)} 行有内容"
        choices = (Choice("skip", "不导入隐藏的行"), Choice("take", "一并导入"))
        notices.append(Notice("hidden-rows", sentence, places, choices))
    columns = page.hidden_columns & {column for cells in page.rows.values() for column in cells}
    if columns:
        places = spans(columns, "column")
        choices = (Choice("skip", "不导入隐藏的列"), Choice("take", "一并导入"))
        notices.append(Notice("hidden-columns", f"{listed(places)} 列是隐藏的，里面有内容", places, choices))
    if page.formulas:
        sentence = f"{listed(page.formulas)} 是公式，按算好的结果导入"
        notices.append(Notice("formulas", sentence, tuple(page.formulas)))
    if page.short_days:
        sentence = f"{listed(page.short_days)} 的日期没有显示全，按实际存的年月日导入"
        notices.append(Notice("short-days", sentence, tuple(page.short_days)))
    return [*notices, *_rounded(page)]


def _rounded(page: Page) -> list[Notice]:
    cells = [cell for _, cells in sorted(page.rows.items()) for cell in cells.values() if cell.stored is not None]
    if not cells:
        return []
    first = cells[0]
    looks = f"显示 {first.text}" if first.text else "什么也不显示"
    sentence = (
        f"{listed(cell.address for cell in cells)} 显示的与存的不同：{first.address} {looks}，存的是 {first.stored}"
    )
    choices = (Choice("shown", "按显示的导入"), Choice("stored", "按存的导入"))
    return [Notice("rounded", sentence, tuple(cell.address for cell in cells), choices)]


__all__ = ["KINDS", "Misfit", "read_sheet"]
