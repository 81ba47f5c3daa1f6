"""Decisions about pledges: what counts as a signature, how long a pledge runs, into which column a shop falls."""

import calendar
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, NoReturn

from portal.merchants.terms import NOT_OWING, ShopState
from portal.pledges.terms import (
    COARSE_POINTS,
    LEAST_LENGTH,
    LEAST_POINTS,
    LEAST_SIDE,
    MOST_BYTES,
    MOST_MILLISECONDS,
    MOST_PIXELS,
    MOST_POINTS,
    MOST_STROKES,
    PROOFS,
    PledgeState,
    Proof,
    Shown,
    Signer,
    Standing,
    Wording,
)

Strokes = list[list[list[float]]]

#: The clock may stand so far before the newest line of the trail (proofs.md, Traps: an office server without NTP).
CLOCK_SLACK = timedelta(minutes=5)

BROKEN_INK = "签名没有传完整，请清除后重签。"
TOO_SHORT = "签名太短，请签全名，一笔一画写大一点。"
NO_INK = "还没有签名，请用手指在框里签您的全名。"


def read_strokes(text: str) -> Strokes:
    """Return the strokes of a signature field: JSON `[[[x, y, t], …], …]`, pixels of the pad, milliseconds.

    Pixels may lie a little outside the pad (a finger that left it); more than three numbers a point, as pressure,
    is refused and so never stored (rules 1). ValueError says in Chinese what is wrong.
    """
    if len(text) > MOST_BYTES:
        raise ValueError("签名的笔画太多，请清除后重签，写一遍就好。")
    try:
        strokes = json.loads(text or "[]", parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise ValueError(BROKEN_INK) from None
    if not isinstance(strokes, list) or not all(isinstance(stroke, list) for stroke in strokes):
        raise ValueError(BROKEN_INK)
    strokes = [stroke for stroke in strokes if stroke]
    if len(strokes) > MOST_STROKES or sum(map(len, strokes)) > MOST_POINTS:
        raise ValueError("签名的笔画太多，请清除后重签，写一遍就好。")
    if not all(_is_point(point) for stroke in strokes for point in stroke):
        raise ValueError(BROKEN_INK)
    fault = ink_fault(strokes)
    if fault:
        raise ValueError(fault)
    return strokes


def _refuse(_constant: str) -> NoReturn:
    raise ValueError("not a number")


def _is_point(point: Any) -> bool:
    return (
        isinstance(point, list)
        and len(point) == 3
        and all(isinstance(n, int | float) and not isinstance(n, bool) for n in point)
        and abs(point[0]) <= MOST_PIXELS
        and abs(point[1]) <= MOST_PIXELS
        and 0 <= point[2] <= MOST_MILLISECONDS
    )


def coarse(strokes: Strokes, *, most: int = COARSE_POINTS) -> Strokes:
    """Return the strokes with at most about `most` points: every n-th and the ends, before the careful thinning.

    A pen that reports a thousand points a second says no more than every eighth of them, and thinning is quadratic.
    """
    step = -(-sum(map(len, strokes)) // most)
    if step < 2:
        return strokes
    return [stroke[:-1:step] + stroke[-1:] for stroke in strokes]


def ink_fault(strokes: Sequence[Sequence[Sequence[float]]]) -> str | None:
    """Return why strokes are no signature, None when they are (rules 1, Kiosk signing ⑤; PLEDGE-1)."""
    points = [point for stroke in strokes for point in stroke]
    if not points:
        return NO_INK
    drawn = sum(math.dist(a[:2], b[:2]) for stroke in strokes for a, b in pairwise(stroke))
    wide = max(p[0] for p in points) - min(p[0] for p in points)
    high = max(p[1] for p in points) - min(p[1] for p in points)
    if len(points) < LEAST_POINTS or drawn < LEAST_LENGTH or max(wide, high) < LEAST_SIDE:
        return TOO_SHORT
    return None


def proof_fault(signer: Signer, proof: Proof) -> str | None:
    """Return why what was shown does not serve for this signer (rules 1, Kiosk signing ④)."""
    if proof in PROOFS[signer]:
        return None
    words = "、".join(one.label for one in PROOFS[signer])
    return f"{signer.label}签订要看：{words}。"


def term_end(starts_on: date, *, months: int) -> date:
    """Return the exclusive end: the same day `months` later, or the day after that month's last (rules 1: one year)."""
    year, month = divmod(starts_on.year * 12 + starts_on.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    if starts_on.day > last:
        return date(year, month + 1, last) + timedelta(days=1)
    return date(year, month + 1, starts_on.day)


def clock_fault(now: datetime, newest: datetime | None) -> str | None:
    """Return why nothing may be signed now: the clock stands before what the trail has already seen."""
    if newest is None or now >= newest - CLOCK_SLACK:
        return None
    return "服务器的时钟比最近一条留痕还早，暂时不能签订。请告诉系统管理员校准时间，已签的不受影响。"


def shown(state: PledgeState, *, tenure_ended: bool, until_on: date, today: date, soon_days: int) -> Shown:
    """Return what lists show: 生效 becomes 即将到期 in its last days (30) and 已到期 from `until_on` on (rules 10).

    An open pledge whose tenure has ended is 已解除, whether or not its ending is written down yet.
    """
    if tenure_ended and state in (PledgeState.LIVE, PledgeState.WAITING):
        return Shown.ENDED
    if state is not PledgeState.LIVE:
        return Shown(state.value)
    if today >= until_on:
        return Shown.LAPSED
    return Shown.SOON if (until_on - today).days <= soon_days else Shown.LIVE


@dataclass(frozen=True)
class ShopFacts:
    """What I13 asks about one shop. `live`: a pledge of the current tenure holds today; `earlier`: some pledge of
    this shop, of an earlier tenure or an earlier term, once held."""

    state: ShopState
    live: bool = False
    waiting: bool = False
    deferred: bool = False
    refused: bool = False
    earlier: bool = False


def standing(facts: ShopFacts) -> Standing:
    """Return the one column that a shop falls into (I13): the first that fits, from the top."""
    if facts.state in NOT_OWING:
        return Standing.EXEMPT
    ladder = (
        (facts.live, Standing.LIVE),
        (facts.waiting, Standing.WAITING),
        (facts.deferred, Standing.DEFERRED),
        (facts.refused, Standing.REFUSED),
        (facts.earlier, Standing.RENEW),
    )
    return next((column for holds, column in ladder if holds), Standing.UNSIGNED)


def wording_fault(wording: Wording) -> str | None:
    """Return what a text still lacks: three named duties with at least one sentence each, and every clause (R5)."""
    if len(wording.duties) != 3:
        return "要写满三项责任。"
    for place, duty in enumerate(wording.duties, 1):
        if not duty.name or not duty.items:
            return f"第{place}项责任要有名称和至少一条内容。"
    if not all((wording.preamble, wording.party_a_duty, wording.signing)):
        return "开头语、甲方责任和签署方式都要写。"
    return None


def effective_fault(effective_from: date, *, today: date) -> str | None:
    """Return why a version cannot come into force on that day."""
    return "启用日期不能早于今天，已签的责任书不受新文本影响。" if effective_from < today else None
