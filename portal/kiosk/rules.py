"""Decisions of the kiosk: how a code stands, which step may follow."""

from dataclasses import dataclass
from datetime import datetime

from portal.kiosk.terms import DONE, SIGN, CodeState

#: From a step to the ones that one press may lead to; a signed journey goes nowhere but to its end.
MOVES = {step: (*range(1, step), step + 1) for step in range(1, SIGN + 1)} | {DONE: ()}


@dataclass(frozen=True)
class CodeFacts:
    """What is known of a code."""

    expires_at: datetime
    used_at: datetime | None
    cancelled_at: datetime | None


def code_state(code: CodeFacts | None, *, now: datetime) -> CodeState:
    """Say how a code stands (rules 1: six digits, staff-issued, 30 minutes; its last instant no longer counts)."""
    if code is None:
        return CodeState.UNKNOWN
    if code.used_at is not None:
        return CodeState.USED
    if code.expires_at <= now:
        return CodeState.EXPIRED
    if code.cancelled_at is not None:
        return CodeState.CANCELLED
    return CodeState.LIVE


def may_move(at: int, to: int) -> bool:
    """Tell whether one press may lead from a step to another: one on, or any back, and nothing after signing."""
    return to in MOVES[at]
