"""登记: numbers, and putting a paper into the register."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.clock import SHANGHAI
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.fields.codes import new_check_code
from portal.ground.fields.letters import naming
from portal.papers import queries, rules
from portal.papers.engine import canonical
from portal.papers.engine.office import Issuer
from portal.papers.models import NumberSeries, Paper, PaperStanding
from portal.papers.terms import Standing


def issuer() -> Issuer:
    """Return the office as this deployment names it."""
    config = current_app.config
    demo = bool(config["DEMO"])
    return Issuer(
        name=config["OFFICE"]["name"], seal=config["OFFICE"]["seal"], below="演示" if demo else "",
        public_address=config["PUBLIC_ADDRESS"], demo=demo,
    )  # fmt: skip


def next_number(series: str, *, now: datetime) -> str:
    """Return the next number of a series in this year: 桂三包〔2026〕第0142号.

    One statement in the caller's transaction: two callers never get the same, and one that was rolled back with its
    paper was never given out. Numbers are never used again.
    """
    year = now.astimezone(SHANGHAI).year
    dialect = sqlite if db.session.get_bind().dialect.name == "sqlite" else postgresql
    given = db.session.execute(
        dialect.insert(NumberSeries)
        .values(series=series, year=year, last=1)
        .on_conflict_do_update(index_elements=["series", "year"], set_={"last": NumberSeries.last + 1})
        .returning(NumberSeries.last)
    ).scalar_one()
    return rules.number_text(series, year, given)


def pass_over(used: Mapping[str, int]) -> int:
    """Never give out again what was given out already, as `queries.numbers_used` tells it of the register that stood
    before an older copy of it was brought back. Returns how many numbers are passed over.
    """
    passed = 0
    for name, last in used.items():
        series, in_year = name.rsplit(" ", 1)
        year = int(in_year)
        row = db.session.scalar(
            select(NumberSeries).where(NumberSeries.series == series, NumberSeries.year == year).with_for_update()
        )
        if row is None:
            db.session.add(NumberSeries(series=series, year=year, last=last))
            passed += last
        elif row.last < last:
            passed, row.last = passed + last - row.last, last
    db.session.flush()
    return passed


def register(
    *, kind: str, number: str, subject: str, evidence: Mapping[str, Any], valid_from: date, valid_until: date,
    standing: Standing, by: Actor, now: datetime,
) -> Paper:  # fmt: skip
    """Put a paper into the register; its file is made afterwards (`POST /papers/<id>/issue`, or the sweep).

    `number` comes from `next_number` in the same transaction, `subject` is `tenure:17`, `evidence` plain JSON data (for
    a pledge `terms.PledgePaper.as_evidence()`), `valid_until` exclusive. KeyError for a kind that no room offers;
    Refused when a character cannot be printed: it is named.
    """
    offer = queries.kind(kind)
    refuse_unprintable(evidence)
    code, previous = new_check_code(), _last_sha(offer.series, now)
    kept = {
        "kind": kind, "number": number, "check_code": code, "title": offer.title, "subject": subject,
        "at": now.astimezone(SHANGHAI).replace(microsecond=0).isoformat(), "previous": previous,
        "valid_from": valid_from.isoformat(), "valid_until": valid_until.isoformat(),
        "office": issuer().as_evidence(),
    }  # fmt: skip
    text = canonical.text({"paper": kept, "facts": dict(evidence)})
    paper = Paper(
        kind=kind, number=number, check_code=code, subject=subject, title=offer.title, standing=standing,
        valid_from=valid_from, valid_until=valid_until, evidence=text, evidence_sha=canonical.sha256(text),
        evidence_sm3=canonical.sm3(text), previous_sha=previous, requested_at=now,
    )  # fmt: skip
    paper.standings.append(
        PaperStanding(before=None, after=standing, changed_at=now, changed_by=by.name, reason="登记")
    )
    db.session.add(paper)
    db.session.flush()
    _set_last_sha(offer.series, now, paper.evidence_sha)
    record("papers.register", f"paper:{paper.id}", by=by, now=now, number=number, evidence=paper.evidence_sha)
    return paper


def refuse_unprintable(evidence: Mapping[str, Any]) -> None:
    """Refuse evidence that holds a character no face prints, and name it (proofs.md, Traps)."""
    missing = queries.missing_characters(queries.words_printed(evidence))
    if missing:
        named = "、".join(naming(character) for character in missing[:5])
        raise Refused(f"{named} 现有字库印不出来，文书没有登记；请联系管理员补字库，或改用标准字。")


def _series(series: str, now: datetime) -> Any:
    return (NumberSeries.series == series) & (NumberSeries.year == now.astimezone(SHANGHAI).year)


def _last_sha(series: str, now: datetime) -> str:
    """Digest of the paper registered before this one; the series' row is locked until the transaction ends."""
    found = db.session.scalar(select(NumberSeries.last_sha).where(_series(series, now)).with_for_update())
    return found or ""


def _set_last_sha(series: str, now: datetime, sha: str) -> None:
    change = update(NumberSeries).where(_series(series, now)).values(last_sha=sha)
    db.session.execute(change.execution_options(synchronize_session=False))


def note_opening(paper: Paper, *, by: Actor, now: datetime) -> None:
    """Write down who opens the file of a paper: whole names and a signature stand in it (rules 6, Audit)."""
    record("papers.open", f"paper:{paper.id}", by=by, now=now, number=paper.number)
