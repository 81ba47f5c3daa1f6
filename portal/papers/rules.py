"""文书规则: what a paper's standing may become, what the check page says, what a dropped file is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.papers.terms import FileVerdict, SealWord, Shown, Standing

#: Every move that a standing can make; what is not here is refused.
MOVES: Mapping[Standing, frozenset[Standing]] = {
    Standing.WAITING: frozenset({Standing.VALID, Standing.RENEWED, Standing.ENDED, Standing.VOID}),
    Standing.VALID: frozenset({Standing.RENEWED, Standing.ENDED, Standing.VOID}),
    Standing.RENEWED: frozenset(),
    Standing.ENDED: frozenset(),
    Standing.VOID: frozenset(),
}
#: What the check page says of each standing, while dates do not say more.
SHOWN = {
    Standing.VALID: Shown.VALID,
    Standing.WAITING: Shown.WAITING,
    Standing.RENEWED: Shown.RENEWED,
    Standing.ENDED: Shown.ENDED,
    Standing.VOID: Shown.VOID,
}
#: Standings from which a paper can still end.
OPEN = tuple(standing for standing, moves in MOVES.items() if moves)


def may_move(before: Standing, after: Standing) -> bool:
    """Tell whether a paper's standing may become `after`."""
    return after in MOVES[before]


def shown(standing: Standing, *, valid_from: date, valid_until: date, today: date, sound: bool) -> Shown:
    """Return what the check page says of a registered paper; 已到期 is derived from its dates (house.md section 3).

    `sound` is whether its evidence still has its digest: if not, nothing else counts (PLEDGE-3).
    """
    if not sound:
        return Shown.ALTERED
    if standing is not Standing.VALID:
        return SHOWN[standing]
    if today >= valid_until:
        return Shown.LAPSED
    return Shown.FUTURE if today < valid_from else Shown.VALID


@dataclass(frozen=True)
class DroppedFile:
    """The facts about a file that was dropped in: whose hash it has, and what its seal says."""

    same_as_register: bool
    same_as_other: bool
    same_as_unsealed: bool
    seal: SealWord


def file_verdict(file: DroppedFile) -> FileVerdict:
    """Return what the file is. The register's hash has the last word: a valid seal alone says nothing (rules 10)."""
    if file.same_as_register:
        return FileVerdict.OURS
    if file.same_as_other:
        return FileVerdict.OTHER_PAPER
    if file.seal is SealWord.ADDED:
        return FileVerdict.ADDED
    if file.seal is SealWord.FOREIGN:
        return FileVerdict.FOREIGN
    if file.same_as_unsealed or file.seal in (SealWord.BROKEN, SealWord.INTACT):
        return FileVerdict.CHANGED
    return FileVerdict.UNKNOWN


def number_text(series: str, year: int, number: int) -> str:
    """Return a number as papers print it: 桂三包〔2026〕第0142号 (rules 1, Pledge)."""
    return f"{series}〔{year}〕第{number:04d}号"
