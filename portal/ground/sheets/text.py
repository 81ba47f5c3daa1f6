"""Reading CSV in whatever encoding an office saves it; what had to be guessed is said (rules 10 Sheets in)."""

import codecs
import csv
import io
import re
from collections.abc import Mapping

from portal.ground.sheets.cells import COLUMNS_MOST, Cell, Choice, Misfit, Notice, Page, address

_LABELS = {"utf-8": "UTF-8", "gb18030": "GB18030（GBK、GB2312）"}
# Characters that older GB18030 tables kept in private use, at the places Unicode has since given them.
_SETTLED = {
    0xE78D: 0xFE10, 0xE78E: 0xFE12, 0xE78F: 0xFE11, 0xE790: 0xFE13, 0xE791: 0xFE14, 0xE792: 0xFE15, 0xE793: 0xFE16,
    0xE794: 0xFE17, 0xE795: 0xFE18, 0xE796: 0xFE19, 0xE7C7: 0x1E3F, 0xE816: 0x20087, 0xE817: 0x20089,
    0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE831: 0x215D7,
    0xE832: 0x9FB8, 0xE83B: 0x2298F, 0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE855: 0x241FE, 0xE864: 0x9FBB,
}  # fmt: skip
_SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?E\+(1\d|2\d)", re.IGNORECASE)
GUARDED = re.compile(r"'+[=+\-@\t\r]")


def read_text(data: bytes, answers: Mapping[str, str]) -> tuple[Page, list[Notice]]:
    """A CSV file as a page, and what had to be guessed. `Misfit` when it is no text or no table."""
    text, notices = _decoded(data, answers)
    if "\0" in text:
        raise Misfit("这不是表格，或文件已损坏，请上传 .xlsx、.xls 或 .csv")
    page = Page("CSV")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for number, values in enumerate(reader, 1):
            if len(values) > 10 * COLUMNS_MOST:
                raise Misfit(f"第 {number} 行超过 {COLUMNS_MOST} 列，不像一张表格")
            for column, value in enumerate(values, 1):
                page.put(number, column, _cell(number, column, value))
    except csv.Error:
        raise Misfit(f"第 {reader.line_num} 行的双引号不成对，后面的格子分不清；请另存为 .xlsx 再上传") from None
    return page, notices


def _decoded(data: bytes, answers: Mapping[str, str]) -> tuple[str, list[Notice]]:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding), []
    if data.isascii():
        return data.decode("ascii"), []
    fits = [encoding for encoding in ("utf-8", "gb18030") if _fits(data, encoding)]
    if not fits:
        raise Misfit("文件的编码认不出来，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传")
    choices = tuple(Choice(encoding, _LABELS[encoding]) for encoding in fits)
    chosen = Notice("encoding", "", choices=choices).answer(answers)
    text = _strict(data, chosen)
    sentence = f"文件没有写明编码，按 {_LABELS[chosen]} 读出：“{_sample(text)}”。请看看这几个字对不对"
    return text, [Notice("encoding", sentence, choices=choices)]


def _strict(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise Misfit("文件里有读不出的字符，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传") from None
    return text.translate(_SETTLED) if encoding == "gb18030" else text


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _sample(text: str) -> str:
    """The first few words that are not plain ASCII: these tell whether the encoding is right."""
    return "、".join(dict.fromkeys(re.findall(r"[^\x00-\x7f，。、]{1,12}", text)))[:40].rstrip("、")


def _delimiter(text: str) -> str:
    head = re.sub(r'"[^"]*"', "", text[:20000]).split("\n", 1)[0]
    counts = {sign: head.count(sign) for sign in (",", "\t", ";", "，")}
    best = max(counts, key=lambda sign: counts[sign])
    return best if counts[best] else ","


def _cell(row: int, column: int, value: str) -> Cell:
    where = address(row, column)
    if GUARDED.match(value):  # the sign that keeps a sheet from reckoning with a text
        value = value[1:]
    if _SCIENTIFIC.fullmatch(value.strip()):
        why = f"是科学计数法（{value.strip()}），后面的数字已经丢失；请在原表里把该列设为文本后重新导出"
        return Cell(where, value, fault=why)
    return Cell(where, value, fault="里有乱码，请重新输入" if "\ufffd" in value else None)
