"""One street's file: what it is, who answers for it and who did, what happened to its file."""

from flask.typing import ResponseReturnValue

from portal.areas.queries import places
from portal.ground.can import Can
from portal.ground.declare import TimelineLine
from portal.places import queries
from portal.places.views.lists import came_from
from portal.places.views.room import room, street_or_404
from portal.web import me, now, page


@room.get("/<int:id>", needs=Can.PLACES_READ)
def show(id: int) -> ResponseReturnValue:
    street, tree = street_or_404(id), places()
    kept = queries.keepings(id)
    grids = [one.grid_id for one in street.grids]
    reach = me().reach(Can.PLACES_KEEP)
    keeping = any(reach.covers(community=tree.by_id[one].parent, grid=one) for one in grids)
    current = next((one for one in kept if one.until_at is None), None)
    return page(
        "places/show.html", street=street, lines=_lines(id, kept), past=[one for one in kept if one.until_at],
        current=current, answers=current is not None and queries.answers(id, on=now().date()),
        areas=[(tree.full_name(tree.by_id[one]), one) for one in grids],
        ends=queries.ends_words(street.runs_from, street.runs_to, street.length_m), back=came_from(), keeping=keeping,
        knows=me().may(Can.PEOPLE_READ), days=lambda at: (now().date() - at.date()).days + 1,
    )  # fmt: skip


def _lines(street_id: int, kept: list[queries.Kept]) -> list[TimelineLine]:
    """The file's own lines and the changes of keeper, the newest first."""
    told = queries.events(street_id)
    found = [TimelineLine(at, kind.label, f"{text}；{by}" if text else by) for at, kind, text, by in told]
    for one in kept:
        reason = f"{one.reason}；{one.given_by}" if one.reason else one.given_by
        found.append(TimelineLine(one.since_at, f"责任人：{one.name}", reason))
        passed_on = any(other.since_at == one.until_at for other in kept if other is not one)
        if one.until_at is not None and not passed_on:
            words = f"{one.end_reason}；{one.ended_by}" if one.end_reason else one.ended_by or ""
            found.append(TimelineLine(one.until_at, f"{one.name}不再是责任人", words))
    return sorted(found, key=lambda one: one.at, reverse=True)
