"""Decisions of the kiosk, without app and database."""

from datetime import datetime, timedelta

import pytest

from portal.ground.clock import SHANGHAI
from portal.kiosk.rules import CodeFacts, code_state, may_move
from portal.kiosk.terms import DONE, CodeState

AT = datetime(2026, 11, 25, 10, 0, tzinfo=SHANGHAI)
MINUTE = timedelta(minutes=1)
CODE_LIFE = 30 * MINUTE


@pytest.mark.parametrize(
    ("code", "after", "state"),
    [
        pytest.param(None, 0 * MINUTE, CodeState.UNKNOWN, id="nobody issued it"),
        pytest.param(CodeFacts(AT + CODE_LIFE, None, None), 0 * MINUTE, CodeState.LIVE, id="just issued"),
        pytest.param(CodeFacts(AT + CODE_LIFE, None, None), 29.9 * MINUTE, CodeState.LIVE, id="29:54"),
        pytest.param(CodeFacts(AT + CODE_LIFE, None, None), 30 * MINUTE, CodeState.EXPIRED, id="30:00"),
        pytest.param(CodeFacts(AT + CODE_LIFE, AT, None), MINUTE, CodeState.USED, id="used"),
        pytest.param(CodeFacts(AT + CODE_LIFE, AT, None), 90 * MINUTE, CodeState.USED, id="used long ago"),
        pytest.param(CodeFacts(AT + CODE_LIFE, None, AT), MINUTE, CodeState.CANCELLED, id="reissued"),
        pytest.param(CodeFacts(AT + CODE_LIFE, None, AT), 31 * MINUTE, CodeState.EXPIRED, id="reissued and past"),
    ],
)
def test_how_a_code_stands(code: CodeFacts | None, after: timedelta, state: CodeState) -> None:
    assert code_state(code, now=AT + after) is state


def test_one_press_leads_one_step_on_or_back_and_nothing_leads_away_from_the_end() -> None:
    for at in range(1, 7):
        for to in range(1, 7):
            assert may_move(at, to) is (at != DONE and (to == at + 1 or to < at)), (at, to)
