"""Offers to pages: the rail, lists and file pages of lower rooms, papers, the kiosk."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

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


class Cell(NamedTuple):
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
