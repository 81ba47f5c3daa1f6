"""What the check page says, what a dropped file is, what a standing may become: as tables."""

from datetime import date

import pytest

from portal.papers import rules
from portal.papers.terms import FileVerdict, SealWord, Shown, Standing

SINCE, UNTIL = date(2026, 4, 9), date(2027, 4, 9)


@pytest.mark.parametrize(
    ("standing", "today", "says"),
    [
        pytest.param(Standing.VALID, date(2026, 4, 9), Shown.VALID, id="first day"),
        pytest.param(Standing.VALID, date(2027, 4, 8), Shown.VALID, id="last day"),
        pytest.param(Standing.VALID, date(2027, 4, 9), Shown.LAPSED, id="the end is exclusive"),
        pytest.param(Standing.VALID, date(2026, 4, 8), Shown.FUTURE, id="not yet"),
        pytest.param(Standing.WAITING, date(2026, 5, 1), Shown.WAITING, id="待街道确认"),
        pytest.param(Standing.RENEWED, date(2026, 5, 1), Shown.RENEWED, id="已换签"),
        pytest.param(Standing.ENDED, date(2028, 5, 1), Shown.ENDED, id="已解除 stays 已解除 after its term"),
        pytest.param(Standing.VOID, date(2026, 5, 1), Shown.VOID, id="已作废"),
    ],
)
def test_what_the_check_page_says(standing: Standing, today: date, says: Shown) -> None:
    assert rules.shown(standing, valid_from=SINCE, valid_until=UNTIL, today=today, sound=True) is says
    altered = rules.shown(standing, valid_from=SINCE, valid_until=UNTIL, today=today, sound=False)
    assert altered is Shown.ALTERED, "PLEDGE-3: nothing altered is ever valid"


def file(register: bool = False, other: bool = False, unsealed: bool = False, seal: SealWord = SealWord.NONE) -> object:
    return rules.file_verdict(rules.DroppedFile(register, other, unsealed, seal))


@pytest.mark.parametrize("seal", SealWord)
def test_the_register_has_the_last_word(seal: SealWord) -> None:
    assert file(register=True, seal=seal) is FileVerdict.OURS
    assert file(other=True, seal=seal) is FileVerdict.OTHER_PAPER
    assert file(seal=seal) is not FileVerdict.OURS, "a valid seal alone says nothing"


@pytest.mark.parametrize(
    ("seal", "verdict"),
    [
        (SealWord.INTACT, FileVerdict.CHANGED),
        (SealWord.BROKEN, FileVerdict.CHANGED),
        (SealWord.ADDED, FileVerdict.ADDED),
        (SealWord.FOREIGN, FileVerdict.FOREIGN),
        (SealWord.NONE, FileVerdict.UNKNOWN),
    ],
)
def test_what_is_not_in_the_register(seal: SealWord, verdict: FileVerdict) -> None:
    assert file(seal=seal) is verdict


def test_the_seal_taken_away_is_a_change() -> None:
    assert file(unsealed=True) is FileVerdict.CHANGED


@pytest.mark.parametrize("before", Standing)
@pytest.mark.parametrize("after", Standing)
def test_moves(before: Standing, after: Standing) -> None:
    ends = {Standing.RENEWED, Standing.ENDED, Standing.VOID}
    allowed = (before is Standing.WAITING and after in ends | {Standing.VALID}) or (
        before is Standing.VALID and after in ends
    )
    assert rules.may_move(before, after) is allowed


def test_numbers_look_as_the_rules_say() -> None:
    assert rules.number_text("桂三包", 2026, 142) == "桂三包〔2026〕第0142号"
    assert rules.number_text("桂三包", 2026, 12345) == "桂三包〔2026〕第12345号"
