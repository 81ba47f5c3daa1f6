"""制作: `facts_of` → `make` → `keep`, one path for kiosk, counter and sweep (house.md section 4).

Read and end the transaction, render and seal with none open, register the file in the second.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy import update

from portal.audit.services import record
from portal.ground import later
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.files import FileStore
from portal.papers import queries
from portal.papers.engine import canonical, compose
from portal.papers.models import Paper

if TYPE_CHECKING:
    from portal.papers.engine import authority, render, seal
else:  # WeasyPrint and pyHanko: a third of a process's memory, and most processes make no paper
    authority = later.module("portal.papers.engine.authority")
    render = later.module("portal.papers.engine.render")
    seal = later.module("portal.papers.engine.seal")


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
        office_seal = queries.the_seal()
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


def unmade_ids() -> list[int]:
    """Return the papers that have no file yet."""
    return list(db.session.scalars(queries.unmade()))


def unmade_facts(paper_id: int) -> Facts:
    """Return what a paper that has no file yet is made of."""
    return facts_of(db.session.get_one(Paper, paper_id))


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
        .execution_options(synchronize_session="fetch")
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        return False
    record("papers.issue", f"paper:{facts.id}", by=by, now=now, number=facts.number, file=made.sealed_sha)
    return True


def make_authority(*, now: datetime) -> bool:
    """Make the demonstration authority if it is not there; tells whether it did."""
    return authority.make(queries.authority_folder(), office=current_app.config["OFFICE"]["seal"], now=now)


def troubles() -> list[str]:
    """Return what would keep papers from being made well, as sentences for who runs the portal."""
    found = render.troubles(queries.faces())
    try:
        queries.the_seal()
    except seal.NoSeal as error:
        found.append(str(error))
    return found
