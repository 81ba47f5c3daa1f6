"""The types of every offer: what a room gives to shared rooms, as plain data (house.md sections 2 and 3).

`create_app` collects the `OFFERS` of all rooms into one `Offers`; shared rooms read it through `offers()`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import Select
from sqlalchemy.sql import ColumnElement

from portal.ground.actor import Actor
from portal.ground.can import Can


@dataclass(frozen=True)
class NavEntry:
    """A line of the rail: `group` is one of 门前三包, 日常, 综合, or empty for the top."""

    group: str
    label: str
    endpoint: str
    icon: str
    order: int


@dataclass(frozen=True)
class Cell:
    """One cell that a room adds to a lower room's list: a word, a second line, or a lamp with its icon."""

    text: str
    second: str = ""
    lamp: str | None = None  # late | soon | fine | held | done | firm
    icon: str = ""
    url: str = ""


@dataclass(frozen=True)
class Column:
    """A column on a lower room's list: one query gives the cells of a whole page."""

    page: str  # "merchants"
    heading: str
    cells: Callable[[Sequence[int], datetime], Mapping[int, Cell]]
    order: int
    fold: bool = False  # leaves the row below 900 px
    key: str = ""  # heading's key in exports


@dataclass(frozen=True)
class Filter:
    """A filter on a lower room's list."""

    page: str
    key: str
    label: str
    options: Sequence[tuple[str, str]]
    narrow: Callable[[Sequence[str], datetime], ColumnElement[bool]]
    order: int


@dataclass(frozen=True)
class Action:
    """A button on a lower room's file page: a link to a door of ours."""

    page: str
    label: str
    icon: str
    endpoint: str
    argument: str  # name of the URL argument that takes the row's id
    needs: Can
    order: int
    primary: bool = False


@dataclass(frozen=True)
class TimelineLine:
    """One line of a file's timeline."""

    at: datetime
    title: str
    text: str = ""
    url: str = ""
    tone: str = ""  # "" | next | honour | late
    date_only: bool = False


@dataclass(frozen=True)
class Chapter:
    """What a room says of one row on a lower room's file page: a lamp beside the name, facts, timeline lines."""

    title: str
    lamp: Cell | None = None
    facts: Sequence[tuple[str, Cell]] = ()
    lines: Sequence[TimelineLine] = ()


@dataclass(frozen=True)
class ChapterOf:
    """A room's chapter on a lower room's file page, read in one go; `order` places its sheet."""

    page: str
    read: Callable[[int, Actor, datetime], Chapter]
    order: int


@dataclass(frozen=True)
class PaperKind:
    """A kind of paper: its template, what it prints from the evidence, and what the check page shows.

    `check_rows` and `file_name` get the facts that the room handed to `papers.services.register`; persons are masked
    in the rows. `visible_to(actor, key, now)` returns the ids of papers that a person may see or make within their
    reach, or that a device may on the journey it is on; None leaves them to whose key is good everywhere.
    """

    kind: str
    title: str
    template: str
    series: str
    check_rows: Callable[[Mapping[str, Any]], Sequence[tuple[str, str]]]
    file_name: Callable[[Mapping[str, Any]], str]
    visible_to: Callable[[Actor, Can, datetime], Select[int]] | None = None


@dataclass(frozen=True)
class KioskScreen:
    """A journey that the kiosk can begin: codes for subjects of this kind lead to this door."""

    subject: str  # "tenure"
    endpoint: str


@dataclass(frozen=True)
class SettingSpec:
    """A dated number or text that the office can change ([P] of rules.md)."""

    key: str
    label: str
    default: Any
    unit: str = ""
    source: str = ""


@dataclass(frozen=True)
class Seed:
    """Starting data: a command that may run at every start and changes nothing the second time."""

    order: int
    sow: Callable[[datetime], None]
    real_only: bool = False  # not for the demonstration office, which brings its own


@dataclass(frozen=True)
class Demo:
    """The room's part of the demonstration office; `build` gets the shared demonstration context."""

    order: int
    label: str
    build: Callable[[Any], None]


@dataclass(frozen=True)
class Offers:
    """What one room gives, or, added up, what the whole house gives."""

    nav: Sequence[NavEntry] = ()
    columns: Sequence[Column] = ()
    filters: Sequence[Filter] = ()
    actions: Sequence[Action] = ()
    chapters: Sequence[ChapterOf] = ()
    papers: Sequence[PaperKind] = ()
    kiosk: Sequence[KioskScreen] = ()
    settings: Sequence[SettingSpec] = ()
    seeds: Sequence[Seed] = ()
    demos: Sequence[Demo] = ()

    def __add__(self, other: "Offers") -> "Offers":
        merged = {f.name: [*getattr(self, f.name), *getattr(other, f.name)] for f in fields(self)}
        return Offers(**merged)

    def on(self, kind: str, page: str) -> list[Any]:
        """Return the offers of `kind` ("columns", "actions", …) for the page of a lower room, in order."""
        found = [offer for offer in getattr(self, kind) if offer.page == page]
        return sorted(found, key=lambda offer: getattr(offer, "order", 0))


def offers() -> Offers:
    """Return the running application's offers."""
    return current_app.extensions["offers"]
