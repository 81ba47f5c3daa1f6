"""Reading shops: whose they are (`reach`), lists (`listing`), one file (`files`)."""

from portal.merchants.queries.columns import columns, template_columns
from portal.merchants.queries.files import (
    attachment,
    attachments,
    current_tenure,
    current_tenures,
    ended_tenures,
    events,
    first_tenure,
    tenure,
    tenures,
    twins,
)
from portal.merchants.queries.listing import Line, Wanted, counts, how_many, listed, states_of, tallied, wanted
from portal.merchants.queries.plan import Answers, Entry, Preview, side_by_side
from portal.merchants.queries.preview import preview
from portal.merchants.queries.reach import Place, Tree, reachable, tree, visible_to, waiting_sheet, within

__all__ = [
    "Answers",
    "Entry",
    "Line",
    "Place",
    "Preview",
    "Tree",
    "Wanted",
    "attachment",
    "attachments",
    "columns",
    "counts",
    "current_tenure",
    "current_tenures",
    "ended_tenures",
    "events",
    "first_tenure",
    "how_many",
    "listed",
    "preview",
    "reachable",
    "side_by_side",
    "states_of",
    "tallied",
    "template_columns",
    "tenure",
    "tenures",
    "tree",
    "twins",
    "visible_to",
    "waiting_sheet",
    "wanted",
    "within",
]
