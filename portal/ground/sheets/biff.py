"""The records of an .xls workbook: what its own flags say, and the numbers with their formats.

The cell library gives texts; hidden rows and columns, formulas and formats stand only here.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite

from portal.ground.sheets.archive import BROKEN
from portal.ground.sheets.cells import Merge, Misfit
from portal.ground.sheets.shown import BUILT_IN

_BOF, _EOF, _FILEPASS, _SHEET, _FORMAT, _XF, _DATEMODE = 0x809, 0x0A, 0x2F, 0x85, 0x41E, 0xE0, 0x22
_ROW, _COLINFO, _MERGES, _FORMULA, _DIMENSIONS = 0x208, 0x7D, 0xE5, 0x06, 0x200
#: Rows and columns of the largest sheet that an .xls can hold.
_ROWS_MOST, _COLUMNS_MOST = 65_536, 256
_NUMBER, _RK, _MULRK, _BOOLERR = 0x203, 0x27E, 0xBD, 0x205
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


@dataclass
class Flags:
    """What one sheet says of itself.

    Rows and columns start at 1; `numbers` holds value and format by place.
    """

    name: str
    hidden: bool
    numbers: dict[tuple[int, int], tuple[float, str]] = field(default_factory=dict)
    truths: dict[tuple[int, int], bool] = field(default_factory=dict)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    formulas: list[tuple[int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merges: list[Merge] = field(default_factory=list)


class Workbook:
    """The flags of every worksheet of an .xls workbook's stream.

    `Misfit` with a sentence for what cannot be read.
    """

    def __init__(self, stream: bytes) -> None:
        self._stream = stream
        self._formats = dict(BUILT_IN)
        self._styles: list[int] = []
        self.from_1904 = False
        self.sheets: list[Flags] = []
        try:
            for offset, flags in self._globals():
                self._sheet(offset, flags)
                self.sheets.append(flags)
        except (struct.error, IndexError, UnicodeDecodeError):
            raise Misfit(BROKEN) from None

    def _records(self, at: int) -> Iterator[tuple[int, bytes]]:
        """The records of the substream that begins here, without those of what is drawn inside it."""
        depth = 0
        while at + 4 <= len(self._stream):
            kind, length = struct.unpack_from("<HH", self._stream, at)
            body = self._stream[at + 4 : at + 4 + length]
            at += 4 + length
            depth += (kind == _BOF) - (kind == _EOF)
            if depth <= 1 and kind != _EOF:
                yield kind, body
            if depth == 0:
                return

    def _globals(self) -> list[tuple[int, Flags]]:
        found = []
        for kind, body in self._records(0):
            if kind == _BOF and struct.unpack_from("<H", body)[0] != 0x600:
                raise Misfit("这张 .xls 是 Excel 95 以前的老格式，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传")
            if kind == _FILEPASS:
                raise Misfit("这张表有密码，请在 Excel 或 WPS 里取消密码后再上传")
            if kind == _SHEET and body[5] == 0:  # a worksheet, not a chart or macro
                offset = struct.unpack_from("<I", body)[0]
                found.append((offset, Flags(_short_text(body, 6, 1), body[4] & 3 != 0)))
            elif kind == _FORMAT:
                self._formats[struct.unpack_from("<H", body)[0]] = _short_text(body, 2, 2)
            elif kind == _XF:
                self._styles.append(struct.unpack_from("<H", body, 2)[0])
            elif kind == _DATEMODE:
                self.from_1904 = body[:1] == b"\x01"
        return found

    def _sheet(self, offset: int, flags: Flags) -> None:
        for kind, body in self._records(offset):
            if kind in (_NUMBER, _RK, _MULRK, _FORMULA, _BOOLERR):
                self._value(kind, body, flags)
            elif kind == _ROW:
                row, grey = struct.unpack_from("<H", body)[0], struct.unpack_from("<H", body, 12)[0]
                if grey & 0x20:
                    flags.hidden_rows.add(row + 1)
            elif kind == _COLINFO:
                first, last, width, _, grey = struct.unpack_from("<5H", body)
                if grey & 1 or width == 0:
                    flags.hidden_columns.update(range(first + 1, min(last, 255) + 2))
            elif kind == _DIMENSIONS:
                _believe(*struct.unpack_from("<2I2H", body))
            elif kind == _MERGES:
                for number in range(struct.unpack_from("<H", body)[0]):
                    top, bottom, left, right = struct.unpack_from("<4H", body, 2 + 8 * number)
                    flags.merges.append(Merge(top + 1, left + 1, bottom + 1, right + 1))

    def _value(self, kind: int, body: bytes, flags: Flags) -> None:
        row, column, style = struct.unpack_from("<3H", body)
        at = (row + 1, column + 1)
        if kind == _NUMBER:
            self._put(flags, at, struct.unpack_from("<d", body, 6)[0], style)
        elif kind == _RK:
            self._put(flags, at, _packed(struct.unpack_from("<I", body, 6)[0]), style)
        elif kind == _MULRK:
            for number in range((len(body) - 6) // 6):
                style, packed = struct.unpack_from("<HI", body, 4 + 6 * number)
                self._put(flags, (row + 1, column + 1 + number), _packed(packed), style)
        elif kind == _BOOLERR:
            _truth(flags, at, is_error=body[7] == 1, value=body[6])
        else:
            flags.formulas.append(at)
            if body[12:14] != b"\xff\xff":
                self._put(flags, at, struct.unpack_from("<d", body, 6)[0], style)
            elif body[6] in (1, 2):
                _truth(flags, at, is_error=body[6] == 2, value=body[8])

    def _put(self, flags: Flags, at: tuple[int, int], value: float, style: int) -> None:
        if not isfinite(value):
            raise Misfit(BROKEN)
        number = self._styles[style] if style < len(self._styles) else 0
        flags.numbers[at] = (value, self._formats.get(number, "General"))


def _believe(first_row: int, last_row: int, first_column: int, last_column: int) -> None:
    """`Misfit` for a sheet that says it is larger than any can be: the cell library takes its word for the room that it
    needs, and asks for more than any machine has."""
    if last_row > _ROWS_MOST or last_column > _COLUMNS_MOST or first_row > last_row or first_column > last_column:
        raise Misfit(BROKEN)


def _truth(flags: Flags, at: tuple[int, int], *, is_error: bool, value: int) -> None:
    if is_error:
        flags.errors[at] = _ERRORS.get(value, "#N/A")
    else:
        flags.truths[at] = bool(value)


def _packed(rk: int) -> float:
    """A number packed into 30 bits: an integer or the head of a double, perhaps a hundredth."""
    if rk & 2:
        value = float((rk >> 2) - (1 << 30 if rk & 0x80000000 else 0))
    else:
        value = struct.unpack("<d", struct.pack("<Q", (rk & 0xFFFFFFFC) << 32))[0]
    return value / 100 if rk & 1 else value


def _short_text(body: bytes, at: int, size: int) -> str:
    """A text with its length in one or two bytes before it and a byte that says how wide its letters are."""
    length = int.from_bytes(body[at : at + size], "little")
    wide = body[at + size] & 1
    start = at + size + 1
    if wide:
        return body[start : start + 2 * length].decode("utf-16-le")
    return body[start : start + length].decode("latin-1")
