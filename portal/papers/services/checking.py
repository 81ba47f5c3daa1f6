"""查验: what anyone may see of a paper, what a dropped file is, and whether a paper holds (验签). Changes nothing."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from portal.ground.db import db
from portal.ground.files import FileStore
from portal.papers import rules
from portal.papers.engine import canonical
from portal.papers.models import Paper
from portal.papers.queries import check_rows, evidence_of, is_sound, seal_word, successor, with_file
from portal.papers.terms import FileVerdict, SealWord, Shown


def file_verdict(data: bytes, paper: Paper) -> FileVerdict:
    """Return what a dropped file is, beside the paper whose code was checked. The bytes are kept nowhere."""
    digest = canonical.sha256(data)
    other = None if digest == paper.sealed_sha else with_file(digest)
    return rules.file_verdict(
        rules.DroppedFile(
            same_as_register=digest == paper.sealed_sha,
            same_as_other=other is not None,
            same_as_unsealed=digest == paper.unsealed_sha,
            seal=SealWord.NONE if other else seal_word(data),
        )
    )


def shown(paper: Paper, *, on: date) -> Shown:
    """Return what the check page says of a paper on a day."""
    return rules.shown(
        paper.standing, valid_from=paper.valid_from, valid_until=paper.valid_until, today=on, sound=is_sound(paper)
    )


@dataclass(frozen=True)
class CheckView:
    """What the check page shows of a paper: nothing in it names a person in full."""

    shown: Shown
    last_day: date
    days_left: int
    ended_at: datetime | None
    rows: list[tuple[str, str]]
    duties: list[dict[str, Any]]
    successor: Paper | None


def check_view(paper: Paper, *, now: datetime) -> CheckView:
    """Return what anyone may see of a paper."""
    today, word = now.date(), shown(paper, on=now.date())
    last_day = paper.last_day
    if word is Shown.ALTERED:
        return CheckView(word, last_day, 0, None, [], [], None)
    ended = paper.standings[-1].changed_at if paper.standing not in rules.OPEN and paper.standings else None
    facts = evidence_of(paper)["facts"]
    return CheckView(
        shown=word,
        last_day=last_day,
        days_left=max(0, (last_day - today).days),
        ended_at=ended,
        rows=check_rows(paper),
        duties=facts.get("terms", {}).get("duties", []),
        successor=successor(paper) if word is Shown.RENEWED else None,
    )


@dataclass(frozen=True)
class Finding:
    """One thing that was verified: what, whether it holds, and in words."""

    what: str
    holds: bool
    words: str


def findings(paper: Paper) -> list[Finding]:
    """验签: verify a paper from its evidence to its seal; each line says what was looked at and what came out."""
    sound, linked = is_sound(paper), _linked(paper)
    found = [
        Finding("存证", sound, "内容与摘要一致" if sound else "存证已改动：内容与登记的摘要不一致"),
        Finding("前后相接", linked, "与同号段前一份相接" if linked else "前一份的摘要对不上"),
    ]
    if paper.sealed_sha is None:
        return [*found, Finding("文件", True, "文件还没有制作")]
    store: FileStore = current_app.extensions["files"]
    if not store.verify(paper.sealed_sha):
        return [*found, Finding("文件", False, "文件丢失或已改动：与登记的指纹不一致")]
    data = store.read(paper.sealed_sha)
    begins = _begins_unsealed(data, paper.unsealed_sha)
    word = seal_word(data)
    return [
        *found,
        Finding("文件", begins, "与登记的指纹一致" if begins else "盖章前的内容与登记不一致"),
        Finding("印章", word is SealWord.INTACT, word.label),
    ]


def _linked(paper: Paper) -> bool:
    if not paper.previous_sha:
        return True
    return db.session.scalar(select(Paper.id).where(Paper.evidence_sha == paper.previous_sha)) is not None


def _begins_unsealed(data: bytes, unsealed_sha: str | None) -> bool:
    """The sealed file begins with exactly the unsealed one, which ends at an end-of-file mark."""
    place = data.find(b"%%EOF")
    while place >= 0:
        for end in (place + 5, place + 6):
            if canonical.sha256(data[:end]) == unsealed_sha:
                return True
        place = data.find(b"%%EOF", place + 1)
    return False
