"""Words of settings: values of each kind, the page's lists, the plan's phases and what the plan leaves open."""

from portal.settings.terms.lists import GROUPS, REASON_MOST, REASONS, STATES, Asked, Change, Line
from portal.settings.terms.plan import AMBIGUITIES, PHASES, Ambiguity, Phase, Stage, phase_on, stages
from portal.settings.terms.values import (
    STALE,
    YEARS_AHEAD,
    Stamp,
    Version,
    bounds,
    clean,
    clean_text,
    on_day,
    stored,
    typed,
    value_fault,
    worded,
)

__all__ = [
    "AMBIGUITIES",
    "GROUPS",
    "PHASES",
    "REASONS",
    "REASON_MOST",
    "STALE",
    "STATES",
    "YEARS_AHEAD",
    "Ambiguity",
    "Asked",
    "Change",
    "Line",
    "Phase",
    "Stage",
    "Stamp",
    "Version",
    "bounds",
    "clean",
    "clean_text",
    "on_day",
    "phase_on",
    "stages",
    "stored",
    "typed",
    "value_fault",
    "worded",
]
