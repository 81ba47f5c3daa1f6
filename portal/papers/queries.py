"""Reading papers: the register, who may see which, what still has to be made, and whether all of it holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from flask import current_app
from markupsafe import Markup
from sqlalchemy import Integer, Select, and_, bindparam, false, func, or_, select
from sqlalchemy.orm import joinedload

from portal.ground import later
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db, rows
from portal.ground.declare import PaperKind, offers
from portal.papers.engine import canonical, compose, drawing, fonts, proof
from portal.papers.engine.fonts import Faces
from portal.papers.models import NumberSeries, Paper
from portal.papers.terms import SealWord, Standing

if TYPE_CHECKING:
    from portal.papers.engine import authority, seal
else:  # WeasyPrint and pyHanko: a third of a process's memory, and most processes make no paper
    authority = later.module("portal.papers.engine.authority")
    seal = later.module("portal.papers.engine.seal")


def kind(name: str) -> PaperKind:
    """Return the offered kind of paper with this name. KeyError when no room offers it."""
    found = next((offer for offer in offers().papers if offer.kind == name), None)
    if found is None:
        raise KeyError(name)
    return found


def visible_to(actor: Actor, *, key: Can, now: datetime) -> Select[Paper]:
    """Papers that somebody may see or make: each kind's own room says which (`PaperKind.visible_to`).

    A person whose key is good everywhere sees all; a device never does.
    """
    if actor.kind == "person" and actor.reach(key).everything:
        return select(Paper)
    allowed = [
        and_(Paper.kind == offer.kind, Paper.id.in_(offer.visible_to(actor, key, now)))
        for offer in offers().papers
        if offer.visible_to is not None
    ]
    return select(Paper).where(or_(false(), *allowed))


def with_code(check_code: str) -> Paper | None:
    """Return the paper with this 查验码 (as stored), None when there is none."""
    wanted = select(Paper).where(Paper.check_code == check_code).options(joinedload(Paper.standings))
    return db.session.scalars(wanted).unique().one_or_none()


def successor(paper: Paper) -> Paper | None:
    """Return the valid paper of the same subject that has come after this one, None when there is none."""
    return db.session.scalars(
        select(Paper)
        .where(Paper.subject == paper.subject, Paper.standing == Standing.VALID, Paper.id > paper.id)
        .order_by(Paper.id.desc())
        .limit(1)
    ).first()


def with_file(digest: str) -> Paper | None:
    """Return the paper whose sealed file has this SHA-256."""
    return db.session.scalars(select(Paper).where(Paper.sealed_sha == digest)).one_or_none()


def unmade() -> Select[int]:
    """Ids of papers that were registered and not made yet, the oldest first."""
    return select(Paper.id).where(Paper.sealed_sha.is_(None)).order_by(Paper.id)


#: Papers without a file, counted up to so many; made once, since desks ask.
_UNMADE = select(func.count()).select_from(
    select(Paper.id).where(Paper.sealed_sha.is_(None)).limit(bindparam("most", type_=Integer())).subquery()
)


def how_many_unmade(*, most: int) -> int:
    """How many papers have no file yet; counting stops at `most`."""
    return int(rows(_UNMADE, {"most": most})[0][0])


def every_id() -> Select[int]:
    """Ids of all papers, the oldest first."""
    return select(Paper.id).order_by(Paper.id)


def evidence_of(paper: Paper) -> dict[str, Any]:
    """Return a paper's evidence: `paper` (the register's part) and `facts` (the issuing room's)."""
    return canonical.load(paper.evidence)


def is_sound(paper: Paper) -> bool:
    """Tell whether the evidence still has its digest and agrees with the row (PLEDGE-3)."""
    if canonical.sha256(paper.evidence) != paper.evidence_sha:
        return False
    kept = evidence_of(paper)["paper"]
    told = (kept["number"], kept["check_code"], kept["previous"], kept["valid_from"], kept["valid_until"])
    return told == (
        paper.number, paper.check_code, paper.previous_sha, paper.valid_from.isoformat(), paper.valid_until.isoformat(),
    )  # fmt: skip


def faces() -> Faces:
    """Return the faces that papers are set in."""
    return Faces(Path(current_app.config["FONTS"]))


def cuts_quickly() -> bool:
    """Tell whether the library that embeds faces quickly is on this machine."""
    return fonts.cuts_quickly()


def missing_characters(text: str) -> list[str]:
    """Return the characters of `text` that no paper can print, each once; names are refused by them (rules 10)."""
    return faces().missing_characters(text)


def authority_folder() -> Path:
    """Return where the demonstration authority stands."""
    return Path(current_app.config["INSTANCE"]) / "authority"


def the_seal() -> "seal.Seal":
    """Return the office's seal: the configured PKCS#12, else the demonstration one. NoSeal says what is missing.

    In production the demonstration's keys seal nothing, even where their folder stands.
    """
    config = current_app.config
    name = config["OFFICE"]["seal"]
    if config["SEAL_PKCS12"]:
        passphrase = Path(config["SEAL_PASSPHRASE_FILE"]) if config["SEAL_PASSPHRASE_FILE"] else None
        return seal.from_pkcs12(Path(config["SEAL_PKCS12"]), passphrase, name)
    if config["PRODUCTION"]:
        raise seal.NoSeal("还没有配置单位的电子章：请设置 OFFICE_SEAL_PKCS12；演示证书不能用于正式环境")
    return seal.from_folder(authority_folder(), name)


def own_certificates() -> list[x509.Certificate]:
    """Return this office's certificates: what it seals with now, and what it sealed with before.

    A host outside holds no key: the certificates in the authority's folder are enough for it.
    """
    found = authority.own_certificates(authority_folder())
    return [the_seal().certificate, *found] if current_app.config["SEAL_PKCS12"] else found


def trust_anchor() -> bytes | None:
    """Return the authority's certificate (PEM) that proves our seals, None when none stands here."""
    if current_app.config["SEAL_PKCS12"]:
        return the_seal().anchor().public_bytes(Encoding.PEM)
    file = authority_folder() / "ca.pem"
    return file.read_bytes() if file.is_file() else None


def seal_word(data: bytes) -> SealWord:
    """Return what the seal of a file says."""
    return proof.examine(data, own_certificates())


@dataclass(frozen=True)
class Receipt:
    """What the kiosk's last screen shows of a paper: number, 查验码, the QR of its check page, whether it is made.

    `qr` is SVG for a page; it holds the check page's address, inside an intranet the code alone (`address` is empty).
    """

    number: str
    check_code: str
    address: str
    qr: Markup
    made: bool


def receipt(paper: Paper) -> Receipt:
    """Return the receipt of a paper (扫码带走 opens the check page, not the file)."""
    public = current_app.config["PUBLIC_ADDRESS"]
    text = compose.scan_text(paper.check_code, public)
    code = drawing.qr_for_screen(text, f"查验码 {paper.check_code} 的二维码")
    return Receipt(paper.number, paper.check_code, text if public else "", code, paper.sealed_sha is not None)


def qr(text: str, words: str) -> Markup:
    """Return a QR code as SVG for a page; `words` for those who cannot see it."""
    return drawing.qr_for_screen(text, words)


def check_rows(paper: Paper) -> list[tuple[str, str]]:
    """Return what the check page shows of a paper, persons masked: each kind says it of its own facts."""
    return list(kind(paper.kind).check_rows(evidence_of(paper)["facts"]))


def file_name(paper: Paper) -> str:
    """Return the name under which the file is handed out."""
    return kind(paper.kind).file_name(evidence_of(paper)["facts"])


def visible(actor: Actor, *, paper_id: int, key: Can, now: datetime) -> Select[Paper]:
    """The one paper, if the actor may see it."""
    return visible_to(actor, key=key, now=now).where(Paper.id == paper_id)


def words_printed(evidence: Mapping[str, Any]) -> str:
    """Return every word of an evidence, so that its characters can be checked before anything is signed or printed."""
    return "".join(_texts(evidence))


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list | tuple) and value and isinstance(value[0], int | float):
        return []  # a point of a signature: there are hundreds
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return [text for one in inner for text in _texts(one)]


def named_files() -> Any:
    """The column that names the files of papers."""
    return Paper.sealed_sha


def numbers_used() -> dict[str, int]:
    """The last number that each series has given out in each year: {"pledge 2026": 142}."""
    found = db.session.execute(select(NumberSeries.series, NumberSeries.year, NumberSeries.last))
    return {f"{series} {year}": last for series, year, last in found}


def seal_until() -> datetime:
    """When the office's certificate ends. NoSeal (RuntimeError) says in Chinese what is missing."""
    return the_seal().certificate.not_valid_after_utc
