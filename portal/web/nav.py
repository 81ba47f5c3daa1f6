"""The rail: groups of entries that the rooms offer, those only whose door the actor may pass."""

from dataclasses import dataclass

from flask import request, url_for

from portal.ground.declare import offers
from portal.web.door import may_go

GROUPS = ("", "门前三包", "日常", "综合")


@dataclass(frozen=True)
class Item:
    """One line of the rail as the template wants it."""

    label: str
    url: str
    icon: str
    current: bool
    count: int | None = None
    late: bool = False


@dataclass(frozen=True)
class Group:
    """A heading of the rail and its lines."""

    label: str
    lines: list[Item]


def rail() -> list[Group]:
    """Return the groups of the rail for whoever is here; empty groups are left out."""
    entries = sorted(offers().nav, key=lambda entry: entry.order)
    here = request.blueprint
    groups = []
    for label in GROUPS:
        lines = [
            Item(e.label, url_for(e.endpoint), e.icon, current=e.endpoint.split(".")[0] == here)
            for e in entries
            if e.group == label and may_go(e.endpoint)
        ]
        if lines:
            groups.append(Group(label, lines))
    return groups
