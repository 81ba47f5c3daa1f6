"""Writing papers: numbers, the register, making and keeping the file, changes of standing.

`facts_of` → `make` → `keep` are the three steps of one path for kiosk, counter and sweep: read and end the
transaction, render and seal with none open, register the file in the second (house.md section 4).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
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
from portal.ground.files import FileStore
from portal.papers import queries, rules
from portal.papers.engine import authority, canonical, compose, ink, render, seal
from portal.papers.engine.office import Issuer
from portal.papers.models import NumberSeries, Paper, PaperStanding
from portal.papers.terms import Standing

#: Lent to the rooms above: a signature's points thinned, evidence as canonical text, its digest.
thin = ink.thin
canonical_text = canonical.text
digest = canonical.sha256


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
    db.session.execute(
        update(NumberSeries)
        .where(_series(series, now))
        .values(last_sha=sha)
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True)
class Facts:
    """What making a paper needs, as plain values: no row is touched while it is rendered."""

    id: int
    kind: str
    number: str
    evidence: str
    evidence_sha: str


@dataclass(frozen=True)
class Made:
    """A paper's two hashes and its sealed bytes."""

    unsealed_sha: str
    sealed_sha: str
    sealed: bytes


def facts_of(paper: Paper) -> Facts:
    """Return what making this paper needs. Refused when its evidence was altered: nothing false is sealed."""
    if not queries.is_sound(paper):
        raise Refused("这份文书的存证与登记的摘要不一致，不能制作；请联系审计员。")
    return Facts(paper.id, paper.kind, paper.number, paper.evidence, paper.evidence_sha)


def make(facts: Facts) -> Made:
    """Render and seal a paper. Touches no database. Refused when the office's seal is missing or out of its term.

    The same facts give the same unsealed bytes (I9).
    """
    evidence = canonical.load(facts.evidence)
    offer = queries.kind(facts.kind)
    folder = Path(current_app.config["FONTS"])
    at = datetime.fromisoformat(evidence["paper"]["at"])
    try:
        office_seal = the_seal()
        composed = compose.compose(current_app.jinja_env, offer.template, evidence, folder)
        press = render.press(folder, Path(current_app.static_folder or "static") / "img")
        terms = compose.terms_text(evidence["facts"])
        unsealed = press.render(
            composed, evidence=facts.evidence, at=at, attached={"terms.txt": terms} if terms else {}
        )
        sealed = office_seal.press(unsealed, at=at)
    except seal.NoSeal as error:
        raise Refused(str(error)) from error
    return Made(canonical.sha256(unsealed), canonical.sha256(sealed), sealed)


def the_seal() -> seal.Seal:
    """Return the office's seal: the configured PKCS#12, else the demonstration one. NoSeal says what is missing."""
    config = current_app.config
    name = config["OFFICE"]["seal"]
    if config["SEAL_PKCS12"]:
        passphrase = Path(config["SEAL_PASSPHRASE_FILE"]) if config["SEAL_PASSPHRASE_FILE"] else None
        return seal.from_pkcs12(Path(config["SEAL_PKCS12"]), passphrase, name)
    return seal.from_folder(queries.authority_folder(), name)


def keep(facts: Facts, made: Made, *, by: Actor, now: datetime) -> bool:
    """Register a paper's file, which is on the disk before the row commits; tells whether this call did it.

    Harmless twice: one UPDATE must change exactly one row, and who comes second changes nothing.
    """
    store: FileStore = current_app.extensions["files"]
    store.put(made.sealed, ".pdf")
    changed = db.session.execute(
        update(Paper)
        .where(Paper.id == facts.id, Paper.sealed_sha.is_(None), Paper.evidence_sha == facts.evidence_sha)
        .values(unsealed_sha=made.unsealed_sha, sealed_sha=made.sealed_sha, issued_at=now)
        .execution_options(synchronize_session="evaluate")
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        return False
    record("papers.issue", f"paper:{facts.id}", by=by, now=now, number=facts.number, file=made.sealed_sha)
    return True


def set_standing(paper_id: int, standing: Standing, *, by: Actor, now: datetime, reason: str = "") -> bool:
    """Change a paper's standing and keep the change as a dated row.

    False when it stands so already; Refused when it cannot become so.
    """
    before = db.session.scalar(select(Paper.standing).where(Paper.id == paper_id).with_for_update())
    if before is standing:
        return False
    if before is None or not rules.may_move(before, standing):
        raise Refused(f"这份文书{before.label if before else '不存在'}，不能改为{standing.label}。")
    changed = db.session.execute(
        update(Paper)
        .where(Paper.id == paper_id, Paper.standing == before)
        .values(standing=standing, version=Paper.version + 1)
        .execution_options(synchronize_session="fetch")
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("他人已先修改，请刷新")
    db.session.add(
        PaperStanding(
            paper_id=paper_id, before=before, after=standing, changed_at=now, changed_by=by.name,
            reason=(reason or standing.label)[:200],
        )
    )  # fmt: skip
    record("papers.stand", f"paper:{paper_id}", by=by, now=now, before=before.value, after=standing.value)
    return True


def end_subject(subject: str, standing: Standing, reason: str, *, by: Actor, now: datetime) -> int:
    """End every paper of a subject that is still open (house.md section 3); returns how many. Harmless twice."""
    open_ones = select(Paper.id).where(Paper.subject == subject, Paper.standing.in_(rules.OPEN)).order_by(Paper.id)
    ids = db.session.scalars(open_ones).all()
    return sum(set_standing(paper_id, standing, by=by, now=now, reason=reason) for paper_id in ids)


def make_authority(*, now: datetime) -> bool:
    """Make the demonstration authority if it is not there; tells whether it did."""
    return authority.make(queries.authority_folder(), office=current_app.config["OFFICE"]["seal"], now=now)
