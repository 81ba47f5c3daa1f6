"""One area's file: what it is, what belongs to it, what other rooms say of it, what happened to it."""

from itertools import chain

from flask.typing import ResponseReturnValue

from portal.areas import queries
from portal.areas.views.lists import came_from
from portal.areas.views.room import area_or_404, room, with_cells
from portal.ground.can import Can
from portal.ground.declare import TimelineLine, offers
from portal.web import me, now, page


@room.get("/<int:id>", needs=Can.AREAS_READ)
def show(id: int) -> ResponseReturnValue:
    area, tree, house = area_or_404(id), queries.places(), offers()
    place = tree.by_id[id]
    chapters = [one.read(id, me(), now()) for one in house.on("chapters", "area")]
    own = [TimelineLine(at, kind.label, f"{text}；{by}" if text else by) for at, kind, text, by in queries.events(id)]
    lines = sorted([*own, *chain.from_iterable(one.lines for one in chapters)], key=lambda one: one.at, reverse=True)
    inner = queries.inner(place, me(), tree)
    return page(
        "areas/show.html", area=area, place=place, tree=tree, lines=lines, back=came_from(),
        chapters=[(one.title, one.facts) for one in chapters if one.facts], lamps=[c.lamp for c in chapters if c.lamp],
        above=tree.by_id.get(place.parent or 0), **with_cells([inner] if inner.lines else []),
    )  # fmt: skip
