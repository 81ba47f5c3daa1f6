"""Words of the shop file, and how what people type about a shop becomes a value (`cleaning`)."""

from portal.merchants.terms.cleaning import CLEANERS, FRONTAGE_MOST, PRINTED, printable
from portal.merchants.terms.drawing import Plan, plan
from portal.merchants.terms.finding import hit, search_pieces, search_text
from portal.merchants.terms.words import (
    COUNTED_MOST,
    EDITABLE,
    EXPORT_MOST,
    FIELDS,
    HANDED_ON,
    IMPORT_MOST,
    NOT_OWING,
    REASONS,
    REVEALED_SECONDS,
    STALE,
    VIEWS,
    EventKind,
    Listing,
    ShopFacts,
    ShopState,
    Trade,
    Twin,
)

__all__ = [
    "CLEANERS",
    "COUNTED_MOST",
    "EDITABLE",
    "EXPORT_MOST",
    "FIELDS",
    "FRONTAGE_MOST",
    "HANDED_ON",
    "IMPORT_MOST",
    "NOT_OWING",
    "PRINTED",
    "REASONS",
    "REVEALED_SECONDS",
    "STALE",
    "VIEWS",
    "EventKind",
    "Listing",
    "Plan",
    "ShopFacts",
    "ShopState",
    "Trade",
    "Twin",
    "hit",
    "plan",
    "printable",
    "search_pieces",
    "search_text",
]
