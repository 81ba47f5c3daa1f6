"""Which column is which: headings found, in one row or two, and what is missing, unknown or there twice."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, NamedTuple

from portal.ground.fields.letters import BLANKS
from portal.ground.sheets.cells import Cell, Choice, Merge, Misfit, Notice, Row, Sheet, address, listed

HEADINGS_WITHIN = 30
_TOTAL = re.compile(r"(本页|本表|全部|以上)?(合计|总计|小计|共计|总数|累计)[:：]?.{0,6}")


def trimmed(text: str) -> str:
    """The text without blanks around it: the cleaner of a column that has no other."""
    return text.strip(BLANKS)


@dataclass(frozen=True)
class ColumnSpec:
    """One column of a sheet, in and out.

    `clean` turns what was typed into a value or raises `ValueError` with a sentence (`.cure` is taken over);
    `kind` is text, number, day or moment and decides how an empty template is formatted; `width` is in
    characters; `choices` become a drop-down; `mask` hides what was typed in a refused cell; `hint` says how
    to fill it in.
    """

    key: str
    heading: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    clean: Callable[[str], Any] = trimmed
    example: str = ""
    width: int = 14
    kind: str = "text"
    choices: tuple[str, ...] = ()
    mask: Callable[[str], str] | None = None
    hint: str = ""


class Unknown(NamedTuple):
    """A heading that no column has."""

    address: str
    heading: str


@dataclass(frozen=True)
class Matching:
    """A sheet whose columns are known.

    `places` has a column number for every key that was found; `rows` are the data rows as the answers to the
    notices leave them. `problems` must be cured in the file before anything can be checked.
    """

    specs: tuple[ColumnSpec, ...]
    heading_rows: tuple[int, ...]
    places: Mapping[str, int]
    headings: Mapping[str, str]
    rows: tuple[Row, ...]
    missing: tuple[ColumnSpec, ...]
    unknown: tuple[Unknown, ...]
    duplicates: Mapping[str, tuple[str, ...]]
    notices: tuple[Notice, ...]
    problems: tuple[str, ...]

    def unanswered(self, answers: Mapping[str, str] | None = None) -> tuple[Notice, ...]:
        """The notices that ask and have no answer yet: nothing is imported before they have one."""
        given = answers or {}
        return tuple(
            notice
            for notice in self.notices
            if notice.asks and given.get(notice.kind) not in [choice.key for choice in notice.choices]
        )


class _Headings(NamedTuple):
    """What a heading row (or two) says: text and spec key by column."""

    rows: tuple[int, ...]
    texts: dict[int, str]
    keys: dict[int, str]


def match_columns(sheet: Sheet, specs: Sequence[ColumnSpec], answers: Mapping[str, str] | None = None) -> Matching:
    """Find the headings and the data under them. `Misfit` when no row looks like the headings."""
    answers = answers or {}
    hidden_rows = _taken(sheet, "hidden-rows", answers)
    hidden_columns = _taken(sheet, "hidden-columns", answers)
    rows = [
        Row(row.number, {c: cell for c, cell in row.cells.items() if hidden_columns or c not in sheet.hidden_columns})
        for row in sheet.rows
        if hidden_rows or row.number not in sheet.hidden_rows
    ]
    headings = _headings(rows, sheet.merges, specs)
    where: dict[str, list[int]] = {}
    for column, key in sorted(headings.keys.items()):
        where.setdefault(key, []).append(column)
    places = {key: columns[0] for key, columns in where.items()}
    last = headings.rows[-1]
    duplicates = {
        headings.texts[columns[0]]: tuple(address(last, c) for c in columns)
        for columns in where.values()
        if len(columns) > 1
    }
    missing = tuple(spec for spec in specs if spec.required and spec.key not in places)
    unknown = tuple(
        Unknown(address(last, c), text) for c, text in sorted(headings.texts.items()) if c not in headings.keys
    )
    data, notices = _data(sheet, rows, headings, places, answers)
    return Matching(
        specs=tuple(specs),
        heading_rows=headings.rows,
        places=places,
        headings={key: headings.texts[column] for key, column in places.items()},
        rows=tuple(data),
        missing=missing,
        unknown=unknown,
        duplicates=duplicates,
        notices=(*sheet.notices, *_about(headings, unknown), *notices),
        problems=tuple(_problems(missing, duplicates, unknown)),
    )


def plain_heading(text: str) -> str:
    """A heading as it is compared: without blanks, stars, colons, 必填, and in half width."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub(r"\((?:必填|选填|可选|可不填)\)", "", text)
    return re.sub(r"[\s*:：]", "", text)


def _taken(sheet: Sheet, kind: str, answers: Mapping[str, str]) -> bool:
    return any(n.kind == kind and n.answer(answers) == "take" for n in sheet.notices)


def _headings(rows: list[Row], merges: Sequence[Merge], specs: Sequence[ColumnSpec]) -> _Headings:
    """The row, or the two rows, under which most columns are known; the first of equals, one row before two."""
    names = {plain_heading(name): s.key for s in specs for name in (s.heading, *s.aliases)}
    top = rows[:HEADINGS_WITHIN]
    found = [_one(row, names) for row in top]
    found += [_two(a, b, merges, names) for a, b in pairwise(top) if b.number == a.number + 1]
    best = max(found, key=lambda h: len(set(h.keys.values())), default=None)
    wanted = min(2, len(specs))
    if best is None or len(best.keys) < wanted:
        named = "、".join(spec.heading for spec in specs if spec.required)
        raise Misfit(f"没有找到表头。表头应有：{named}。请下载模板，把内容填进模板再上传")
    return best


def _one(row: Row, names: Mapping[str, str]) -> _Headings:
    texts = {column: cell.text.strip() for column, cell in row.cells.items() if cell.text.strip()}
    keys = {c: names[plain_heading(t)] for c, t in texts.items() if plain_heading(t) in names}
    return _Headings((row.number,), texts, keys)


def _two(upper: Row, lower: Row, merges: Sequence[Merge], names: Mapping[str, str]) -> _Headings:
    """Headings over two rows: 责任人 above, 姓名 and 电话 below."""
    texts, keys = {}, {}
    above = {c: cell.text.strip() for c, cell in upper.cells.items()}
    for merge in merges:
        if merge.top <= upper.number <= merge.bottom and merge.right - merge.left < 200:
            title = above.get(merge.left, "")
            above.update({c: title for c in range(merge.left, merge.right + 1) if title})
    below = {c: cell.text.strip() for c, cell in lower.cells.items()}
    for column in sorted(above.keys() | below.keys()):
        head, foot = above.get(column, ""), below.get(column, "")
        spellings = [head + foot, foot, head] if foot else [head]
        known = next((names[plain_heading(s)] for s in spellings if plain_heading(s) in names), None)
        texts[column] = head + foot
        if known:
            keys[column] = known
    return _Headings((upper.number, lower.number), {c: t for c, t in texts.items() if t}, keys)


def _about(headings: _Headings, unknown: Sequence[Unknown]) -> Iterator[Notice]:
    if len(headings.rows) == 2:
        read = "、".join(headings.texts[c] for c in sorted(headings.keys) if headings.texts[c])
        sentence = f"表头占了第 {headings.rows[0]}、{headings.rows[1]} 两行，合起来读作：{read}"
        yield Notice("headings", sentence, choices=(Choice("join", "是这样"),))
    if unknown:
        named = "、".join(f"“{item.heading}”（{item.address}）" for item in unknown)
        yield Notice("unknown", f"{named} 不在模板里，不会导入", tuple(item.address for item in unknown))


def _problems(
    missing: Sequence[ColumnSpec], duplicates: Mapping[str, tuple[str, ...]], unknown: Sequence[Unknown]
) -> Iterator[str]:
    for spec in missing:
        near = get_close_matches(spec.heading, [item.heading for item in unknown], n=1, cutoff=0.4)
        hint = f"；“{near[0]}”如果就是它，请改成“{spec.heading}”" if near else ""
        yield f"缺少“{spec.heading}”这一列（必填）{hint}"
    for heading, places in duplicates.items():
        yield f"“{heading}”有 {len(places)} 列（{listed(places)}），请只留一列"


def _data(
    sheet: Sheet, rows: list[Row], headings: _Headings, places: Mapping[str, int], answers: Mapping[str, str]
) -> tuple[list[Row], list[Notice]]:
    """The rows under the headings as the answers leave them, and the notices about them."""
    data = [row for row in rows if row.number > headings.rows[-1]]
    columns = frozenset(places.values())
    notices = []
    values = _merged(sheet, headings.rows[-1], columns)
    merged = [merge for merge, _ in values]
    if merged:
        named = tuple(f"{address(m.top, m.left)}:{address(m.bottom, m.right)}" for m in merged)
        choices = (Choice("fill", "合并的每一行都算这个值"), Choice("first", "只算第一行"))
        notices.append(Notice("merged", f"{listed(named)} 是合并的单元格", named, choices))
        if notices[-1].answer(answers) == "fill":
            data = _spread(data, values, columns)
    data = [row for row in data if any(c in columns for c in row.cells)]
    again = [row for row in data if _repeats(row, headings)]
    if again:
        numbers = tuple(str(row.number) for row in again)
        notices.append(Notice("repeated-headings", f"第 {listed(numbers)} 行又是表头，没有当作内容", numbers))
    totals = [row for row in data if _is_total(row)]
    if totals:
        numbers = tuple(str(row.number) for row in totals)
        choices = (Choice("skip", "不导入合计行"), Choice("take", "当作普通行导入"))
        notices.append(Notice("totals", f"第 {listed(numbers)} 行像是合计", numbers, choices))
        totals = totals if notices[-1].answer(answers) == "skip" else []
    left_out = {row.number for row in (*again, *totals)}
    stored = any(n.kind == "rounded" and n.answer(answers) == "stored" for n in sheet.notices)
    kept = [row for row in data if row.number not in left_out]
    return [_as_stored(row) for row in kept] if stored else kept, notices


def _merged(sheet: Sheet, after: int, columns: frozenset[int]) -> list[tuple[Merge, Cell]]:
    """Merges that show a value over more than one data cell of a known column, and that value's cell."""
    every = {row.number: row for row in sheet.rows}
    found = []
    for merge in sheet.merges:
        top = every.get(merge.top)
        cell = top.cells.get(merge.left) if top and merge.top > after else None
        known = [c for c in columns if merge.left <= c <= merge.right]
        if cell and known and (merge.bottom > merge.top or len(known) > 1):
            found.append((merge, cell))
    return found


def _spread(data: list[Row], merged: list[tuple[Merge, Cell]], columns: frozenset[int]) -> list[Row]:
    """The value of a merge that reaches downwards, in each of its rows that has something of its own."""
    by_number = {row.number: dict(row.cells) for row in data}
    for merge, cell in merged:
        if merge.left not in columns:
            continue
        for number in sorted(n for n in by_number if merge.top < n <= merge.bottom):
            by_number[number].setdefault(merge.left, replace(cell, address=address(number, merge.left)))
    return [Row(number, cells) for number, cells in by_number.items()]


def _repeats(row: Row, headings: _Headings) -> bool:
    same = [c for c in headings.keys if c in row.cells and row.cells[c].text.strip() == headings.texts[c]]
    return len(same) >= 2 and len(same) >= len(row.cells) // 2


def _is_total(row: Row) -> bool:
    return _TOTAL.fullmatch(re.sub(r"\s", "", row.cells[min(row.cells)].text)) is not None


def _as_stored(row: Row) -> Row:
    cells: dict[int, Cell] = {
        column: replace(cell, text=cell.stored, stored=None) if cell.stored is not None else cell
        for column, cell in row.cells.items()
    }
    return Row(row.number, cells)
