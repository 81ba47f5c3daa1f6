"""Reading shops: whose they are (`reach`), lists (`listing`), one file (`files`)."""

from portal.merchants.queries.files import (
    attachment,
    attachments,
    current_tenure,
    current_tenures,
    ended_tenures,
    events,
    first_tenure,
    named_attachments,
    named_photos,
    numbers_used,
    tenure,
    whole,
)
from portal.merchants.queries.listing import Line, Wanted, best, counts, how_many, listed, states_of, tallied, wanted
from portal.merchants.queries.reach import Place, Tree, reachable, tree, visible_to, waiting_sheet, within

__all__ = [
    "Line",
    "Place",
    "Tree",
    "Wanted",
    "attachment",
    "attachments",
    "best",
    "counts",
    "current_tenure",
    "current_tenures",
    "ended_tenures",
    "events",
    "first_tenure",
    "how_many",
    "listed",
    "named_attachments",
    "named_photos",
    "numbers_used",
    "reachable",
    "states_of",
    "tallied",
    "tenure",
    "tree",
    "visible_to",
    "waiting_sheet",
    "wanted",
    "whole",
    "within",
]
