"""A sheet of one year read against the calendar in force: what it would do, day by day. Nothing is written here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.ground.fields.days import clean_day
from portal.ground.fields.letters import BLANKS, Misread, half_width
from portal.ground.fields.lines import line
from portal.ground.sheets import dry
from portal.ground.sheets.check import Fault, RowResult
from portal.ground.sheets.columns import ColumnSpec, Matching
from portal.ground.sheets.dry import Opened, fault_at
from portal.ground.workdays import Day, Year
from portal.worktime import queries, rules
from portal.worktime.terms import IMPORT_MOST, NAME_MOST, SOURCE_MOST, Head

WORKS, RESTS = "上班", "休息"
_WORDS = {
    **dict.fromkeys(("上班", "上", "班", "补班", "调休上班", "工作", "工作日", "是"), True),
    **dict.fromkeys(("休息", "休", "放假", "假", "周末", "节假日", "公休", "否"), False),
}
NOTES = (
    "在“{title}”表里，一天一行，从1月1日到12月31日写全；缺一天都不能导入。",
    "照国务院办公厅的放假通知改：放假的改成“休息”并写上节日，调休上班的周末改成“上班”。",
    "“文件”写通知的文号，写一行就够，例如 国办发明电〔2025〕7号。",
)


def _works(text: str) -> bool:
    plain = half_width(text).strip(BLANKS)
    if plain not in _WORDS:
        raise Misread("请填“上班”或“休息”")
    return _WORDS[plain]


def columns() -> list[ColumnSpec]:
    """The columns of a year's sheet, in and out."""
    return [
        ColumnSpec("day", "日期", ("日子",), True, clean_day, "2027-01-01", 16, "day"),
        ColumnSpec(
            "works", "上班/休息", ("上班或休息", "类型", "状态", "是否上班", "安排"), True, _works, RESTS, 12,
            hint="只填“上班”或“休息”",
        ),
        ColumnSpec(
            "name", "名称", ("节日", "节日名称", "节假日", "假日"), False, line("名称", NAME_MOST), "元旦", 14,
            hint="平日休息要写节日；调休上班的写替哪个节日补班",
        ),
        ColumnSpec(
            "source", "文件", ("文号", "依据", "依据文件", "来源"), False, line("文件", SOURCE_MOST),
            "国办发明电〔2025〕7号", 26, hint="放假通知的文号，写一行就够",
        ),
    ]  # fmt: skip


HEADINGS = {spec.key: spec.heading for spec in columns()}


def rows_of(year: Year) -> list[dict[str, Any]]:
    """The rows of a year's sheet, as it goes out; the paper stands in the first."""
    rows = [{"day": one.on, "works": WORKS if one.works else RESTS, "name": one.name} for one in year.days()]
    return [{**rows[0], "source": year.source if year.published else ""}, *rows[1:]]


@dataclass
class Answers(dry.Answers):
    """What the clerk has answered; `source` is the paper, where the sheet does not name it."""

    source: str = ""


@dataclass(frozen=True)
class Entry:
    """What one row comes to: a day that is new, changed or the same."""

    row: int
    day: Day
    before: Day | None

    @property
    def kind(self) -> str:
        """new, changed or same"""
        return "new" if self.before is None else "same" if self.before == self.day else "changed"


@dataclass
class Preview(dry.DryRun[Entry, Answers]):
    """The whole dry run: days of `year`, which take the place of `head` (None: the first calendar of that year)."""

    year: int = 0
    head: Head | None = None
    paper: str = ""
    beyond: dict[int, Head] = field(default_factory=dict)  # years before, of which a day or two are moved too

    @property
    def source(self) -> str:
        """The paper behind it."""
        return self.answers.source or self.paper

    @property
    def asks(self) -> list[str]:
        """The paper's number, where the sheet does not name it."""
        return [] if self.source or not self.entries else ["文件文号要填"]

    @property
    def edition(self) -> int:
        """The edition that it takes the place of; 0 for none."""
        return self.head.edition if self.head else 0

    def days(self, year: int) -> list[Day]:
        """The days that it brings of a year."""
        return [entry.day for entry in self.entries if entry.day.on.year == year]

    @property
    def idle(self) -> bool:
        """Whether the calendar in force says the same already."""
        same = len(self.of("same")) == len(self.entries)
        return same and self.head is not None and self.head.published and self.head.source == self.source

    def plan(self) -> list[Any]:
        """What would be done, to which edition."""
        heads = [self.head, *self.beyond.values()]
        editions = [(head.year, head.edition, head.digest) for head in heads if head]
        days = [(e.row, e.kind, e.day.on.isoformat(), e.day.works, e.day.name) for e in self.entries]
        return [editions, self.source, days]


def preview(data: bytes, name: str, answers: Answers) -> Preview:
    """Read the sheet and say what it would do. `Misfit` when it cannot be read as a sheet of days."""
    return weigh(open_sheet(data, name, answers))


def open_sheet(data: bytes, name: str, answers: Answers) -> Opened[Preview]:
    """Read the sheet, cell by cell; slow, and asks no database."""
    return dry.open_sheet(Preview(answers), data, name, columns(), most=IMPORT_MOST, unique=("day",))


def weigh(opened: Opened[Preview]) -> Preview:
    """Say what an opened sheet would do."""
    if not opened.found.problems:
        _Reader(opened.found, opened.matching, queries.in_force()).take(opened.results)
    return opened.found


class _Reader:
    """Turns checked rows into the days of a year, and says what the year still lacks."""

    def __init__(self, found: Preview, matching: Matching, standing: Mapping[int, Head]):
        self.found, self.matching, self.standing = found, matching, standing

    def take(self, results: Sequence[RowResult]) -> None:
        given = [result.values["day"] for result in results if result.values.get("day")]
        if not given:
            self.found.problems.append("这张表里没有日期")
            return
        counts = Counter(day.year for day in given)
        self.found.year = max(counts, key=lambda year: (counts[year], year))
        self.found.head = self.standing.get(self.found.year)
        self.found.problems += rules.gaps(self.found.year, given)
        for result in results:
            faults = list(result.faults)
            entry = self._entry(result, faults)
            if faults or entry is None:
                self.found.blame(result.number, faults)
            else:
                self.found.entries.append(entry)

    def _entry(self, result: RowResult, faults: list[Fault]) -> Entry | None:
        values = result.values
        self._paper(result, faults)
        if faults or values.get("day") is None or values.get("works") is None:
            return None
        day = Day(values["day"], values["works"], values.get("name") or "")
        if fault := rules.day_fault(day):
            key, cure = ("works", RESTS) if day.works else ("name", None)
            faults.append(self._fault(result.number, key, WORKS if day.works else "", fault, cure))
        return Entry(result.number, day, self._before(day.on, result.number, faults))

    def _before(self, on: date, row: int, faults: list[Fault]) -> Day | None:
        """The day as it stands; a day of another year only where that year is official and ends with it."""
        head = self.found.head
        if on.year != self.found.year:
            head = self.standing.get(on.year)
            if not (on.year == self.found.year - 1 and on.month == 12 and head and head.published):
                why = f"这张表是 {self.found.year} 年的，一张表只导一年，请跳过此行"
                faults.append(self._fault(row, "day", on.isoformat(), why))
                return None
            self.found.beyond[on.year] = head
        return queries.year_of(head.number).day(on) if head else None

    def _paper(self, result: RowResult, faults: list[Fault]) -> None:
        paper = result.values.get("source")
        if paper and self.found.paper and paper != self.found.paper:
            why = f"一年只写一个文号，前面写的是 {self.found.paper}"
            faults.append(self._fault(result.number, "source", paper, why, self.found.paper))
        elif paper:
            self.found.paper = paper

    def _fault(self, row: int, key: str, shown: object, why: str, cure: str | None = None) -> Fault:
        return fault_at(self.matching, row, key, shown, why, cure, heading=HEADINGS[key])
