"""A sheet of streets: its columns, in and out, and the dry run of one that comes in (rules 10, Sheets in)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from typing import Any, NamedTuple

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.accounts.terms import MARK
from portal.areas.queries import Place, Tree
from portal.areas.terms import AreaType
from portal.areas.terms import clean_code as clean_area
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.fields.letters import BLANKS, Misread, half_width
from portal.ground.sheets import dry
from portal.ground.sheets.check import Fault, RowResult
from portal.ground.sheets.columns import ColumnSpec, Matching
from portal.ground.sheets.dry import Opened, fault_at
from portal.places import queries, rules
from portal.places.models import Street
from portal.places.services.streets import facts_of, words_of
from portal.places.terms import (
    SHEET_MOST,
    StreetFacts,
    StreetKind,
    clean_code,
    clean_end,
    clean_length,
    clean_name,
    clean_remark,
)

_KINDS = {one.label: one for one in StreetKind}
_TYPES = {one.label: one for one in AreaType}
_BETWEEN = re.compile(r"[、,，;；/\s]+")
NOTES = (
    "在“{title}”表里从第 2 行起填，一行一条路段；带 * 的必填，不要改表头，也不要合并单元格。",
    "穿过几个网格的，网格编号都写上，用顿号隔开：MY-01、MY-02。",
    "责任人填账号（在“人员与岗位”里能查到），一条路段一个人；空着就不动现在的责任人。",
)


def split_grids(text: str) -> tuple[str, ...]:
    """Grids as people write them in one cell: MY-01、MY-02, or 明月社区一网格."""
    found = tuple(dict.fromkeys(one for one in _BETWEEN.split(half_width(text).strip(BLANKS)) if one))
    if not found:
        raise Misread("请填网格编号，例如 MY-02")
    return found


def clean_login(text: str) -> str:
    """An account as people write it."""
    return "".join(sign for sign in half_width(text) if sign not in BLANKS).lower()


COLUMNS = (
    ColumnSpec("code", "路段代码", ("代码", "编号", "路段编号"), False, clean_code, "", 10,
               hint="新路段空着，系统编号；改老路段才填"),
    ColumnSpec("name", "名称", ("路段", "路名", "路段名称", "街巷名称", "道路名称"), True, clean_name, "桂花巷", 22),
    ColumnSpec("kind", "类别", ("路段类别", "道路类别", "等级"), True, _KINDS.__getitem__, "背街小巷", 12,
               choices=tuple(_KINDS)),
    ColumnSpec("area_type", "区域类型", (), False, _TYPES.__getitem__, "背街小巷", 12, choices=tuple(_TYPES),
               hint="空着就跟第一个网格"),
    ColumnSpec("grids", "网格代码", ("网格", "网格编号", "所属网格"), True, split_grids, "MY-02", 20,
               hint="几个网格用顿号隔开"),
    ColumnSpec("keeper", "责任人账号", ("责任人", "账号"), False, clean_login, "my-02", 16),
    ColumnSpec("runs_from", "起点", ("起",), False, clean_end, "明月大道口", 18),
    ColumnSpec("runs_to", "终点", ("止", "讫点"), False, clean_end, "老井巷", 18),
    ColumnSpec("length_m", "长度（米）", ("长度",), False, clean_length, "320", 10, "number"),
    ColumnSpec("remark", "备注", ("说明",), False, clean_remark, "", 24),
)  # fmt: skip
HEADINGS = {spec.key: spec.heading for spec in COLUMNS}


class Somebody(NamedTuple):
    """A person near the clerk's streets: the posts that they hold there; not `active` while the account is locked."""

    id: int
    login: str
    name: str
    active: bool
    posts: tuple[tuple[str, int], ...]


@dataclass
class Entry:
    """What one row comes to: a new street, a change of one, nothing; with whoever shall answer for it."""

    row: int
    facts: StreetFacts
    street: Street | None = None
    changed: list[str] = field(default_factory=list)
    words: str = ""
    keeper: Somebody | None = None  # where the sheet names another one than answers now

    @property
    def kind(self) -> str:
        """new, changed or same"""
        if self.street is None:
            return "new"
        return "changed" if self.changed or self.keeper else "same"

    @property
    def told(self) -> str:
        """What is done, in words."""
        parts = ["登记"] if self.street is None else [self.words] if self.words else []
        return "；".join([*parts, *([f"责任人 {self.keeper.name}"] if self.keeper else [])])


@dataclass
class Preview(dry.DryRun[Entry, dry.Answers]):
    """The whole dry run."""

    def plan(self) -> list[Any]:
        """What would be done to which street; one that would change counts with its version."""
        return [
            (
                e.row, e.kind, e.street.id if e.street else 0,
                e.street.version if e.street and e.kind == "changed" else 0, e.facts.name, sorted(e.facts.grids),
                e.words, e.keeper.id if e.keeper else 0,
            )
            for e in self.entries
        ]  # fmt: skip


def preview(data: bytes, name: str, answers: dry.Answers, *, actor: Actor, tree: Tree, today: date) -> Preview:
    """Read the sheet and say what it would do. `Misfit` when it cannot be read as a sheet of streets."""
    return weigh(open_sheet(data, name, answers), actor=actor, tree=tree, today=today)


def open_sheet(data: bytes, name: str, answers: dry.Answers) -> Opened[Preview]:
    """Read the sheet, cell by cell; slow, and asks no database."""
    return dry.open_sheet(Preview(answers), data, name, COLUMNS, most=SHEET_MOST, unique=("code",))


def weigh(opened: Opened[Preview], *, actor: Actor, tree: Tree, today: date) -> Preview:
    """Say what an opened sheet would do."""
    if not opened.found.problems:
        _Reader(opened.found, opened.matching, actor, tree, today).take(opened.results)
    return opened.found


class _Reader:
    """Turns checked rows into entries: the grids, the street that a row is of, whoever answers for it."""

    def __init__(self, found: Preview, matching: Matching, actor: Actor, tree: Tree, today: date):
        self.found, self.matching, self.tree, self.today = found, matching, tree, today
        self.grids = {grid.id: grid for grid in tree.grids_within(actor, Can.PLACES_KEEP)}
        self.actor = actor
        self.seen: dict[tuple[str, int], int] = {}
        self.able: dict[frozenset[int], list[Somebody]] = {}

    def take(self, results: Sequence[RowResult]) -> None:
        self.known = _Known(results, self.actor, self.tree, self.today)
        for result in results:
            faults = list(result.faults)
            entry = self._entry(dict(result.values), result.number, faults)
            if faults or entry is None:
                self.found.blame(result.number, faults)
            else:
                self.found.entries.append(entry)

    def _fault(self, row: int, key: str, shown: object, why: str, cure: str | None = None) -> Fault:
        return fault_at(self.matching, row, key, shown, why, cure, heading=HEADINGS[key])

    def _entry(self, values: dict[str, Any], row: int, faults: list[Fault]) -> Entry | None:
        grids = self._grids(values.get("grids") or (), row, faults)
        homes = {self.tree.community_of(one).id for one in grids}
        street = self._street(values, homes, row, faults) if grids and values.get("name") else None
        merged = grids
        if street is not None:
            before = facts_of(street)
            merged = rules.merged_grids(grids, before.grids, within=frozenset(self.grids))
        keeper = self._keeper(values.get("keeper"), street, merged or frozenset(self.grids), row, faults)
        if faults or not values.get("name") or self._twice(values["name"], homes, row, faults):
            return None
        said = {
            key: value for key, value in values.items() if value is not None and key not in ("code", "keeper", "grids")
        }
        if street is None:
            said.setdefault("area_type", self.tree.by_id[min(grids, key=lambda one: self.tree.by_id[one].code)].type)
            return Entry(row, StreetFacts(**said, grids=grids), keeper=keeper)
        after = replace(before, **said, grids=merged)
        changed = rules.changed_fields(before, after)
        return Entry(row, after, street, changed, words_of(before, after, changed, self.tree), keeper)

    def _grids(self, written: Iterable[str], row: int, faults: list[Fault]) -> frozenset[int]:
        found = []
        for one in written:
            try:
                found.append(self._grid(one))
            except Misread as misread:
                faults.append(self._fault(row, "grids", "、".join(written), str(misread), misread.cure))
                return frozenset()
        return frozenset(found)

    def _grid(self, text: str) -> int:
        """A grid by its code, or by its community's name and its own together."""
        place = self.tree.by_code.get(clean_area(text)) or self._named(text)
        if place is None:
            near = get_close_matches(clean_area(text), [one.code for one in self.grids.values()], 1, 0.5)
            raise Misread(f"没有“{text[:12]}”这个网格", near[0] if near else None)
        if place.id not in self.grids:
            raise Misread(f"{self.tree.full_name(place)}不是网格" if place not in self.tree.grids else
                          f"{self.tree.full_name(place)}不在您的管辖范围")  # fmt: skip
        return place.id

    def _named(self, text: str) -> Place | None:
        found = [one for one in self.tree.grids if text in (self.tree.full_name(one), one.name)]
        if len(found) > 1:
            found = [one for one in found if one.id in self.grids]
        if len(found) > 1:
            raise Misread(f"“{text[:12]}”不止一个，请填编号，例如 {found[0].code}")
        return found[0] if found else None

    def _keeper(
        self, called: str | None, street: Street | None, grids: frozenset[int], row: int, faults: list[Fault]
    ) -> Somebody | None:
        """Whoever a row names, where it is not who answers now: by account, or by a name that one person alone has.

        Only those who may answer for this street are known here: of anybody else the sheet says neither the name nor
        that there is such an account, as the form offers nobody else.
        """
        if not called or (street is not None and street.keeper is not None and called in _called(street.keeper)):
            return None
        able = self._able(grids)
        found = [one for one in able if one.login == called] or [one for one in able if called in _called(one)]
        if len(found) == 1:
            return found[0]
        if found:
            why = f"叫“{called[:12]}”的不止一个，请填账号：{'、'.join(one.login for one in found[:4])}"
            faults.append(self._fault(row, "keeper", called, why))
            return None
        near_by = get_close_matches(called, [one.login for one in able], 1, 0.6)
        why = f"“{called[:20]}”不在这条路段可以选的责任人里：要在本社区或街道有岗位，账号能登录"
        faults.append(self._fault(row, "keeper", called, why, near_by[0] if near_by else None))
        return None

    def _able(self, grids: frozenset[int]) -> list[Somebody]:
        """Who may answer for a street that runs through these grids; many rows ask of the same ones."""
        if grids not in self.able:
            near = self.tree.around(grids)
            self.able[grids] = [
                one
                for one in self.known.people
                if rules.keeper_refusal(one.name, active=one.active, posts=one.posts, near=near) is None
            ]
        return self.able[grids]

    def _street(self, values: dict[str, Any], homes: set[int], row: int, faults: list[Fault]) -> Street | None:
        """The street that a row is of: by its code, else by its name in the community."""
        code = values.get("code")
        if not code:
            named = (self.known.by_name.get((values["name"], home)) for home in sorted(homes))
            return next((one for one in named if one is not None), None)
        street = self.known.by_code.get(code)
        if street is None:
            faults.append(self._fault(row, "code", code, "没有这个代码，或不在您的管辖范围；新路段把代码空着"))
        elif street.closed_at is not None:
            faults.append(self._fault(row, "code", code, "这条路段已经撤销，要再用请先到它的页面恢复"))
        else:
            for home in homes:
                twin = self.known.by_name.get((values["name"], home))
                if twin is not None and twin.id != street.id:
                    why = f"{twin.code} 也叫“{values['name']}”，在同一个社区"
                    faults.append(self._fault(row, "name", values["name"], why))
                    break
        return street

    def _twice(self, name: str, homes: set[int], row: int, faults: list[Fault]) -> bool:
        """A name twice in one community of one sheet."""
        for home in homes:
            first = self.seen.setdefault((name, home), row)
            if first != row:
                why = f"与第 {first} 行是同一条（名称和社区相同），可跳过此行；分段的请在名称里写明"
                faults.append(self._fault(row, "name", name, why))
                return True
        return False


class _Known:
    """The streets and people that the rows of a sheet may be of, read in a few queries."""

    def __init__(self, results: Iterable[RowResult], actor: Actor, tree: Tree, today: date):
        rows = list(results)
        codes = sorted({str(one.values["code"]) for one in rows if one.values.get("code")})
        names = sorted({str(one.values["name"]) for one in rows if one.values.get("name")})
        reach = queries.visible_to(actor, Can.PLACES_KEEP, tree=tree)
        coded = [one for part in _parts(codes) for one in db.session.scalars(reach.where(Street.code.in_(part)))]
        self.by_code = {street.code: street for street in coded}
        self.by_name: dict[tuple[str, int], Street] = {}
        for part in _parts(names):
            for street in db.session.scalars(reach.where(Street.name.in_(part), Street.closed_at.is_(None))):
                for one in street.grids:
                    self.by_name.setdefault((street.name, tree.community_of(one.grid_id).id), street)
        self.people: list[Somebody] = []
        if any(one.values.get("keeper") for one in rows):
            streets = [*self.by_code.values(), *self.by_name.values()]
            own = {grid.id for grid in tree.grids_within(actor, Can.PLACES_KEEP)}
            self.people = _people(tree.around(own.union(*([one.grid_id for one in st.grids] for st in streets))), today)


def _people(areas: Iterable[int], today: date) -> list[Somebody]:
    """Whoever sits in these areas, each once with all posts there: two queries."""
    posts: dict[int, list[tuple[str, int]]] = {}
    known: dict[int, tuple[str, bool]] = {}
    for area, seats in accounts.seats(sorted(areas), on=today).items():
        for seat in seats:
            known[seat.person_id] = (seat.name, seat.active)
            posts.setdefault(seat.person_id, []).append((seat.role, area))
    logins = queries.logins(known)
    return [Somebody(one, logins[one], *said, tuple(posts[one])) for one, said in known.items()]


def _called(person: Person | Somebody) -> set[str]:
    """What a cell may call somebody: the account, the name, the name without the demonstration's mark."""
    return {person.login, clean_login(person.name), clean_login(person.name.removesuffix(MARK))}


def _parts(values: list[str], size: int = 500) -> Iterable[list[str]]:
    return (values[start : start + size] for start in range(0, len(values), size))
