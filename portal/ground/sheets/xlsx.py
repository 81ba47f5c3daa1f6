"""Reading .xlsx as the clerk sees it: values, formats, and the sheet's own flags, from its XML.

A cell library gives a blank for a formula without a value and knows no hidden rows (proofs.md, Traps).
"""

from datetime import datetime
from math import isfinite
from typing import NamedTuple

from portal.ground.sheets.archive import BROKEN, Archive, local, parse, unescaped
from portal.ground.sheets.cells import Cell, Merge, Misfit, Page, address, place
from portal.ground.sheets.shown import BUILT_IN, day_text, shown

NO_VALUE = "是公式，但文件里没有算好的结果；请在 Excel 或 WPS 里打开保存一次，或把结果粘贴为数值"
_MAIN = "/officeDocument"


class Tab(NamedTuple):
    """A sheet's name, the part that holds it, and whether it is hidden."""

    name: str
    part: str
    hidden: bool


class Book:
    """An .xlsx file: its tabs, and each of them as a `Page`."""

    def __init__(self, data: bytes) -> None:
        self._archive = Archive(data)
        self._part = self._workbook()
        root = self._archive.tree(self._part)
        relations = self._archive.relations(self._part)
        self._from_1904 = any(local(e.tag) == "workbookPr" and e.get("date1904") in ("1", "true", "on") for e in root)
        self.tabs = [
            Tab(e.get("name", ""), relations.get(_relation(e.attrib), ""), e.get("state", "visible") != "visible")
            for group in root
            if local(group.tag) == "sheets"
            for e in group
        ]
        self._strings = self._shared(relations)
        self._formats = self._styles(relations)

    def page(self, name: str) -> Page:
        """One tab as a page."""
        tab = next(tab for tab in self.tabs if tab.name == name)
        page = Page(name)
        parse(self._archive.read(tab.part), _Reader(page, self._strings, self._formats, self._from_1904))
        return page

    def _workbook(self) -> str:
        if "mimetype" in self._archive:
            raise Misfit("这是 .ods 表格，请另存为 .xlsx 再上传")
        if "xl/workbook.bin" in self._archive:
            raise Misfit("这是 .xlsb 表格，请另存为 .xlsx 再上传")
        if "word/document.xml" in self._archive or "ppt/presentation.xml" in self._archive:
            raise Misfit("这是文档或幻灯片，不是表格，请上传 .xlsx、.xls 或 .csv")
        if "[content_types].xml" not in self._archive:
            raise Misfit("这是压缩包，不是表格，请上传 .xlsx、.xls 或 .csv")
        if b"macroEnabled" in self._archive.read("[content_types].xml"):
            raise Misfit("这是带宏的表格（.xlsm），请另存为不带宏的 .xlsx 再上传")
        root = self._archive.tree("_rels/.rels") if "_rels/.rels" in self._archive else ()
        for item in root:
            if item.get("Type", "").endswith(_MAIN):
                return item.get("Target", "").lstrip("/")
        return "xl/workbook.xml"

    def _shared(self, relations: dict[str, str]) -> list[str]:
        part = next((p for p in relations.values() if p.lower().endswith("sharedstrings.xml")), "")
        if part not in self._archive:
            return []
        reader = _Strings()
        parse(self._archive.read(part), reader)
        return reader.strings

    def _styles(self, relations: dict[str, str]) -> list[str]:
        part = next((p for p in relations.values() if p.lower().endswith("styles.xml")), "")
        if part not in self._archive:
            return []
        groups = {local(e.tag): e for e in self._archive.tree(part)}
        codes = dict(BUILT_IN)
        for e in groups.get("numFmts", ()):
            codes[int(e.get("numFmtId", "0"))] = e.get("formatCode", "General")
        return [codes.get(int(e.get("numFmtId", "0")), "General") for e in groups.get("cellXfs", ())]


class _Strings:
    """The shared strings; what a phonetic guide adds is not seen and not read."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._text: list[str] = []
        self._open = False
        self._guides = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = local(tag)
        self._guides += name == "rPh"
        self._open = name == "t" and not self._guides

    def end(self, tag: str) -> None:
        name = local(tag)
        self._open = False
        self._guides -= name == "rPh"
        if name == "si":
            self.strings.append(unescaped("".join(self._text)))
            self._text = []

    def data(self, text: str) -> None:
        if self._open:
            self._text.append(text)

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise Misfit(BROKEN)

    def close(self) -> None:
        """Nothing is left to do."""


class _Reader:
    """One sheet's XML, read in one pass into a page."""

    def __init__(self, page: Page, strings: list[str], formats: list[str], from_1904: bool) -> None:
        self._page, self._strings, self._formats, self._from_1904 = page, strings, formats, from_1904
        self._names: dict[str, str] = {}
        self._row = self._column = self._guides = 0
        self._type = self._style = ""
        self._text: list[str] = []
        self._open = self._formula = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = self._names.get(tag) or self._names.setdefault(tag, local(tag))
        self._open = name in ("v", "t") and not self._guides
        if name == "c":
            self._cell(attributes)
        elif name == "row":
            self._row = int(attributes.get("r") or self._row + 1)
            self._column = 0
            if attributes.get("hidden") in ("1", "true") or attributes.get("ht") in ("0", "0.0"):
                self._page.hidden_rows.add(self._row)
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._guides += 1
        elif name == "col":
            self._columns(attributes)
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def end(self, tag: str) -> None:
        name = self._names[tag]
        self._open = False
        if name == "rPh":
            self._guides -= 1
        elif name == "c":
            cell = self._made(address(self._row, self._column), "".join(self._text))
            if self._formula:
                self._page.formulas.append(cell.address)
            self._page.put(self._row, self._column, cell)

    def data(self, text: str) -> None:
        if self._open:
            self._text.append(text)

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise Misfit(BROKEN)

    def close(self) -> None:
        """Nothing is left to do."""

    def _cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        self._row, self._column = place(reference) if reference else (self._row, self._column + 1)
        self._type, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._text, self._formula = [], False

    def _columns(self, attributes: dict[str, str]) -> None:
        if attributes.get("hidden") in ("1", "true") or attributes.get("width") in ("0", "0.0"):
            first, last = int(attributes.get("min", "1")), int(attributes.get("max", "1"))
            self._page.hidden_columns.update(range(first, min(last, first + 16384) + 1))

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        if last:
            (top, left), (bottom, right) = place(first), place(last)
            self._page.merges.append(Merge(top, left, bottom, right))

    def _made(self, where: str, raw: str) -> Cell:
        if self._type == "s":
            return _text_cell(where, self._string(raw))
        if self._type in ("inlineStr", "str"):
            return _text_cell(where, unescaped(raw))
        if self._type == "e":
            return Cell(where, raw, fault=f"是错误值 {raw}，请改正公式或直接填内容")
        if not raw.strip():
            return Cell(where, "", fault=NO_VALUE if self._formula else None)
        if self._type == "b":
            return Cell(where, "TRUE" if raw.strip() in ("1", "true") else "FALSE", "truth")
        if self._type == "d":
            return self._dated(where, raw)
        return self._number(where, raw)

    def _string(self, raw: str) -> str:
        if not raw.strip().isdigit():
            return ""
        index = int(raw)
        if index >= len(self._strings):
            raise Misfit(BROKEN)
        return self._strings[index]

    def _dated(self, where: str, raw: str) -> Cell:
        from_text = _iso(raw)
        return Cell(where, from_text, "day") if from_text else Cell(where, raw)

    def _number(self, where: str, raw: str) -> Cell:
        value = float(raw)
        if not isfinite(value):
            raise Misfit(BROKEN)
        style = int(self._style) if self._style.isdigit() else 0
        code = self._formats[style] if style < len(self._formats) else "General"
        look = shown(value, code, from_1904=self._from_1904)
        if look.short:
            self._page.short_days.append(where)
        return Cell(where, look.text, look.kind, look.stored, look.fault)


def _text_cell(where: str, text: str) -> Cell:
    return Cell(where, text, fault="里有乱码，请重新输入" if "\ufffd" in text else None)


def _iso(raw: str) -> str | None:
    try:
        return day_text(datetime.fromisoformat(raw)).text
    except ValueError:
        return None


def _relation(attributes: dict[str, str]) -> str:
    return next((value for name, value in attributes.items() if local(name) == "id" and name != "id"), "")
