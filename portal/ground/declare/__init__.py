"""The types of every offer: what a room gives to shared rooms, as plain data (house.md sections 2 and 3).

`create_app` collects the `OFFERS` of all rooms into one `Offers`; shared rooms read it through `offers()`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from flask import current_app

from portal.ground.declare.clockwork import (
    Duty,
    Escalation,
    Job,
    Owed,
    Probe,
    Reading,
    ReminderRule,
    Whom,
    days_begun,
    duties,
    reading,
    readings,
)
from portal.ground.declare.desk import (
    Bar,
    DeskBars,
    DeskCard,
    DeskPlan,
    DeskTasks,
    Figure,
    Hit,
    PlanLine,
    SearchIn,
    Task,
    Tasks,
)
from portal.ground.declare.office import AreaUse, Demo, FileNames, GivenNumbers, HandOver, Holding, Seed, SettingSpec
from portal.ground.declare.pages import (
    Action,
    Cell,
    Chapter,
    ChapterOf,
    Column,
    Filter,
    KioskScreen,
    NavEntry,
    PaperKind,
    TimelineLine,
)


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
    holdings: Sequence[Holding] = ()
    area_uses: Sequence[AreaUse] = ()
    reminders: Sequence[ReminderRule] = ()
    probes: Sequence[Probe] = ()
    file_names: Sequence[FileNames] = ()
    numbers: Sequence[GivenNumbers] = ()
    cards: Sequence[DeskCard] = ()
    tasks: Sequence[DeskTasks] = ()
    plans: Sequence[DeskPlan] = ()
    bars: Sequence[DeskBars] = ()
    search: Sequence[SearchIn] = ()

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


__all__ = [
    "Action",
    "AreaUse",
    "Bar",
    "Cell",
    "Chapter",
    "ChapterOf",
    "Column",
    "Demo",
    "DeskBars",
    "DeskCard",
    "DeskPlan",
    "DeskTasks",
    "Duty",
    "Escalation",
    "Figure",
    "FileNames",
    "Filter",
    "GivenNumbers",
    "HandOver",
    "Hit",
    "Holding",
    "Job",
    "KioskScreen",
    "NavEntry",
    "Offers",
    "Owed",
    "PaperKind",
    "PlanLine",
    "Probe",
    "Reading",
    "ReminderRule",
    "SearchIn",
    "Seed",
    "SettingSpec",
    "Task",
    "Tasks",
    "TimelineLine",
    "Whom",
    "days_begun",
    "duties",
    "offers",
    "reading",
    "readings",
]
