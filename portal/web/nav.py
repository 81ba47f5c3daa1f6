"""The rail: groups of entries that the rooms offer, those only whose door the actor may pass."""

from typing import NamedTuple, cast

from flask import current_app, g, request, url_for

from portal.ground.declare import offers
from portal.web.door import may_go

GROUPS = ("", "门前三包", "日常", "综合")


class Item(NamedTuple):
    """One line of the rail as the template wants it."""

    label: str
    url: str
    icon: str
    current: bool


class Group(NamedTuple):
    """A heading of the rail and its lines."""

    label: str
    lines: tuple[Item, ...]


def rail() -> tuple[Group, ...]:
    """Return the groups of the rail for whoever is here; empty groups are left out."""
    actor = g.get("actor")
    if actor is None:
        return ()
    # It depends on nothing else than this, and every page asks for it.
    place = (frozenset(actor.reaches), actor.kind, request.blueprint, request.script_root)
    known = cast(dict[object, tuple[Group, ...]], current_app.extensions.setdefault("rails", {}))
    if (found := known.get(place)) is None:
        found = known[place] = _rail()
    return found


def _rail() -> tuple[Group, ...]:
    entries = sorted(offers().nav, key=lambda entry: entry.order)
    here = request.blueprint
    groups = []
    for label in GROUPS:
        lines = tuple(
            Item(e.label, url_for(e.endpoint), e.icon, current=e.endpoint.rpartition(".")[0] == here)
            for e in entries
            if e.group == label and may_go(e.endpoint)
        )
        if lines:
            groups.append(Group(label, lines))
    return tuple(groups)
