"""The container of old Office files (.xls, and .xlsx with a password): its streams by name."""

import struct

from portal.ground.sheets.archive import BROKEN
from portal.ground.sheets.cells import Misfit

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFC  # from here on no sector number
_SMALL = 64


class Compound:
    """Streams of an OLE2 compound file. `Misfit` when its chains lead nowhere."""

    def __init__(self, data: bytes) -> None:
        try:
            self._open(data)
        except (struct.error, IndexError, UnicodeDecodeError):
            raise Misfit(BROKEN) from None

    def names(self) -> list[str]:
        """The names of its streams."""
        return list(self._entries)

    def read(self, name: str) -> bytes:
        """The bytes of a stream. `Misfit` when it is missing or broken."""
        if name not in self._entries:
            raise Misfit(BROKEN)
        start, size = self._entries[name]
        try:
            if size >= self._cutoff:
                return self._chain(start)[:size]
            parts = self._walk(start, self._small_table, len(self._small_data) // _SMALL + 1)
            return b"".join(self._small_data[n * _SMALL : (n + 1) * _SMALL] for n in parts)[:size]
        except (struct.error, IndexError):
            raise Misfit(BROKEN) from None

    def _open(self, data: bytes) -> None:
        self._data = data
        self._size = 1 << struct.unpack_from("<H", data, 30)[0]
        if self._size not in (512, 4096):
            raise Misfit(BROKEN)
        self._sectors = len(data) // self._size + 1
        directory, self._cutoff, small_start = (
            struct.unpack_from("<I", data, 48)[0],
            struct.unpack_from("<I", data, 56)[0],
            struct.unpack_from("<I", data, 60)[0],
        )
        self._table = self._allocation()
        self._entries: dict[str, tuple[int, int]] = {}
        self._small_data = b""
        self._list(self._chain(directory))
        self._small_table: tuple[int, ...] = ()
        if small_start < _END:
            raw = self._chain(small_start)
            self._small_table = struct.unpack(f"<{len(raw) // 4}I", raw)

    def _allocation(self) -> tuple[int, ...]:
        """The table that says which sector follows which."""
        numbers = list(struct.unpack_from("<109I", self._data, 76))
        following, count = struct.unpack_from("<II", self._data, 68)
        for _ in range(min(count, self._sectors)):
            if following >= _END:
                break
            raw = self._sector(following)
            *more, following = struct.unpack(f"<{self._size // 4}I", raw)
            numbers.extend(more)
        used = [n for n in numbers if n < _END][: self._sectors]
        raw = b"".join(self._sector(n) for n in used)
        return struct.unpack(f"<{len(raw) // 4}I", raw)

    def _list(self, raw: bytes) -> None:
        for place in range(0, len(raw) - 127, 128):
            length, kind = struct.unpack_from("<HB", raw, place + 64)
            start, size = struct.unpack_from("<II", raw, place + 116)
            name = raw[place : place + max(0, length - 2)].decode("utf-16-le")
            if kind == 5:
                self._small_data = self._chain(start) if start < _END else b""
            elif kind == 2:
                self._entries[name] = (start, size)

    def _sector(self, number: int) -> bytes:
        at = 512 if self._size == 512 else self._size
        raw = self._data[at + number * self._size : at + (number + 1) * self._size]
        if not raw:
            raise IndexError(number)
        return raw.ljust(self._size, b"\0")

    def _chain(self, start: int) -> bytes:
        return b"".join(self._sector(n) for n in self._walk(start, self._table, self._sectors))

    @staticmethod
    def _walk(start: int, table: tuple[int, ...], most: int) -> list[int]:
        numbers = []
        while start < _END:
            numbers.append(start)
            if len(numbers) > most:  # a chain that bites its tail
                raise IndexError(start)
            start = table[start]
        return numbers
