"""Writing pledges: codes and the identity check behind them, signing, endings, versions of the text."""

from portal.pledges.services.codes import IssuedCode, issue_code
from portal.pledges.services.endings import answer_voiding, ask_voiding, confirm, settle
from portal.pledges.services.evidence import area_of
from portal.pledges.services.forgetting import forget
from portal.pledges.services.paper import Sheet, enter, keep_scan, note_blank
from portal.pledges.services.proposal import Proposal, proposal
from portal.pledges.services.reading import note_export, party_a, persons_of, sample, shown_of, unprintable
from portal.pledges.services.signing import Ready, ink_of, prepare, sign
from portal.pledges.services.tallies import tally
from portal.pledges.services.texts import add_template, sow_templates

__all__ = [
    "IssuedCode",
    "Proposal",
    "Ready",
    "Sheet",
    "add_template",
    "answer_voiding",
    "area_of",
    "ask_voiding",
    "confirm",
    "enter",
    "forget",
    "ink_of",
    "issue_code",
    "keep_scan",
    "note_blank",
    "note_export",
    "party_a",
    "persons_of",
    "prepare",
    "proposal",
    "sample",
    "settle",
    "shown_of",
    "sign",
    "sow_templates",
    "tally",
    "unprintable",
]
