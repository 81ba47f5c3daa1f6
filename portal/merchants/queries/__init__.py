"""Reading shops: whose they are (`reach`), lists (`listing`), one file (`files`)."""

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
from portal.merchants.queries.listing import Line, Wanted, counts, listed, wanted
from portal.merchants.queries.reach import Place, Tree, tree, visible_to, waiting_sheet, within

__all__ = [
    "Line", "Place", "Tree", "Wanted", "attachment", "attachments", "counts", "current_tenure", "current_tenures", "ended_tenures", "events",
    "first_tenure", "listed", "tenure", "tenures", "tree", "twins", "visible_to",
    "waiting_sheet", "wanted", "within",
]  # fmt: skip
