"""Writing papers: numbers, the register, making and keeping the file, changes of standing; and checking them."""

from portal.papers.engine.canonical import sha256 as digest
from portal.papers.engine.canonical import text as canonical_text
from portal.papers.engine.ink import thin
from portal.papers.services.checking import CheckView, Finding, check_view, file_verdict, findings, shown
from portal.papers.services.making import (
    Facts,
    Made,
    facts_of,
    keep,
    make,
    make_authority,
    troubles,
    unmade_facts,
    unmade_ids,
)
from portal.papers.services.registering import next_number, note_opening, pass_over, refuse_unprintable, register
from portal.papers.services.standing import end_subject, set_standing

__all__ = [
    "CheckView",
    "Facts",
    "Finding",
    "Made",
    "canonical_text",
    "check_view",
    "digest",
    "end_subject",
    "facts_of",
    "file_verdict",
    "findings",
    "keep",
    "make",
    "make_authority",
    "next_number",
    "note_opening",
    "pass_over",
    "refuse_unprintable",
    "register",
    "set_standing",
    "shown",
    "thin",
    "troubles",
    "unmade_facts",
    "unmade_ids",
]
