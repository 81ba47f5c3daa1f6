"""The room's blueprint, and what several of its doors share."""

from typing import Any

from portal.areas import queries
from portal.areas.models import Area
from portal.ground.can import Can
from portal.ground.declare import offers
from portal.web import Room, me, now, one_or_404

room = Room("areas", __name__, url="/areas")


def area_or_404(number: int, key: Can = Can.AREAS_READ) -> Area:
    """Return the area if it is within reach of the actor's key, else 404."""
    return one_or_404(queries.visible_to(me(), key).where(Area.id == number))


def with_cells(groups: list[queries.Group]) -> dict[str, Any]:
    """The rows of the tree with what other rooms add to each: one query a column for the whole page.

    A column that has nothing to say about any of these rows stays away, as streets do beside sections.
    """
    ids = [line.id for group in groups for line in group.lines]
    told = [(column, column.cells(ids, now())) for column in offers().on("columns", "areas")]
    columns = [column for column, cells in told if any(cells.values())]
    given = [(column.fold, cells) for column, cells in told if column in columns]
    shown = [
        (group.title, [(*line, [(fold, cells.get(line.id)) for fold, cells in given]) for line in group.lines])
        for group in groups
    ]
    return {"groups": shown, "columns": columns}
