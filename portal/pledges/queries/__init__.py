"""Reading pledges: texts, lists, how every shop stands (I13), one pledge, and the people behind it."""

from portal.pledges.queries.desk import (
    Board,
    Pressing,
    areas_of,
    board,
    by_number,
    counted,
    pressing,
    waiting_ones,
)
from portal.pledges.queries.history import Signed, history
from portal.pledges.queries.listing import Wanted, listed, rows, shop, shown_as, shown_counts, visible_to
from portal.pledges.queries.people import authority_in, confirmers, papers_of
from portal.pledges.queries.single import (
    OPEN,
    at_signing,
    check_of,
    ending_of,
    live_of,
    of_journey,
    open_voiding,
    signed_with,
    tenure,
    uncovered_by_tenure,
    waiting_of,
)
from portal.pledges.queries.standing import standing_counts, standing_of, standings
from portal.pledges.queries.texts import next_version, signed_on, template, template_in_force, templates

__all__ = [
    "OPEN",
    "Board",
    "Pressing",
    "Signed",
    "Wanted",
    "areas_of",
    "at_signing",
    "authority_in",
    "board",
    "by_number",
    "check_of",
    "confirmers",
    "counted",
    "ending_of",
    "history",
    "listed",
    "live_of",
    "next_version",
    "of_journey",
    "open_voiding",
    "papers_of",
    "pressing",
    "rows",
    "shop",
    "shown_as",
    "shown_counts",
    "signed_on",
    "signed_with",
    "standing_counts",
    "standing_of",
    "standings",
    "template",
    "template_in_force",
    "templates",
    "tenure",
    "uncovered_by_tenure",
    "visible_to",
    "waiting_of",
    "waiting_ones",
]
