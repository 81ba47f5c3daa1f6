"""存证: what a pledge's paper prints and its evidence holds, from the rows that stand when it is signed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.ground.fields.masks import masked_telephone
from portal.merchants.models import Shop, Tenure
from portal.papers.terms import Duty, PaperArea, PaperSignature, PaperTerms, PledgePaper
from portal.pledges.models import Template
from portal.pledges.terms import Method, Proof, Signer


@dataclass(frozen=True)
class Parties:
    """Both sides: what is public (`shown`) and what stands sealed (`persons`)."""

    shown: dict[str, str]
    persons: dict[str, str]


def metres(centimetres: int | None) -> str:
    """Return centimetres as metres in decimal text: 640 → 6.4; nothing measured → empty."""
    if centimetres is None:
        return ""
    return f"{centimetres // 100}.{centimetres % 100:02d}".rstrip("0").rstrip(".")


def area_of(shop: Shop) -> dict[str, Any]:
    """Return the snapshot of the area of responsibility: metres as decimal text, bounds by 东南西北."""
    sides = {"东": shop.bounds_east, "南": shop.bounds_south, "西": shop.bounds_west, "北": shop.bounds_north}
    return {
        "frontage_m": metres(shop.frontage_cm),
        "depth_m": metres(shop.depth_cm),
        "bounds": {side: words for side, words in sides.items() if words},
    }


def parties_of(tenure: Tenure, *, party_a: str, signer_name: str) -> Parties:
    """Return both parties as they stand now. Shop names and addresses are public, persons are not (rules 10)."""
    shop = tenure.shop
    shown = {
        "party_a": party_a,
        "shop": shop.sign_name,
        "licence_name": shop.licence_name,
        "licence_number": shop.uscc or "",
        "shop_number": shop.number,
        "address": shop.address,
        "community": shop.community.name,
        "grid": shop.grid.name,
    }
    persons = {
        "operator": tenure.operator_name,
        "keeper": shop.responsible_name or tenure.operator_name,
        "telephone": shop.phone or "",
        "signer": signer_name,
    }
    return Parties(shown, persons)


def terms_of(template: Template) -> dict[str, Any]:
    """Return the text that is signed, word for word, with its version."""
    return {
        **template.wording,
        "template": template.name,
        "version": template.version,
        "title": template.title,
    }


@dataclass(frozen=True)
class Staff:
    """Who stood by: witness and their post, and who confirmed for 甲方 (at the kiosk the same person)."""

    witness: str
    post: str
    confirmed_by: str
    authority: str = ""


@dataclass(frozen=True)
class Hand:
    """The signature as evidence keeps it: thinned strokes, how many points were drawn, the digest of all of them."""

    strokes: list[Any]
    points: int
    sha: str


def paper_of(
    *,
    parties: Parties,
    area: dict[str, Any],
    terms: dict[str, Any],
    term: tuple[date, date],
    signed_at: datetime,
    method: Method,
    device: str,
    signer: Signer,
    proof: Proof,
    hand: Hand | None,
    staff: Staff,
    more: dict[str, str],
) -> PledgePaper:
    """Return the evidence of one pledge in the words of papers; the telephone is masked in it."""
    shown, persons = parties.shown, parties.persons
    return PledgePaper(
        shop=shown["shop"],
        licence_name=shown["licence_name"],
        licence_number=shown["licence_number"],
        shop_number=shown["shop_number"],
        address=shown["address"],
        community=shown["community"],
        grid=shown["grid"],
        keeper=persons["keeper"],
        telephone=masked_telephone(persons["telephone"]),
        party_a=shown["party_a"],
        area=PaperArea(area["frontage_m"], area["depth_m"], area["bounds"]),
        terms=PaperTerms(
            template=terms["template"],
            version=terms["version"],
            title=terms["title"],
            preamble=terms["preamble"],
            duties=tuple(Duty(one["name"], tuple(one["items"])) for one in terms["duties"]),
            party_a_duty=terms["party_a_duty"],
            signing=terms["signing"],
        ),
        since=term[0].isoformat(),
        until=term[1].isoformat(),
        signed_at=signed_at.isoformat(),
        way=method.label,
        device=device,
        signature=PaperSignature(
            signer=persons["signer"],
            role=signer.label,
            authority=proof.label,
            strokes=tuple(hand.strokes) if hand else (),
            points=hand.points if hand else 0,
            sha256=hand.sha if hand else "",
        ),
        witness=staff.witness,
        witness_post=staff.post,
        confirmed_by=staff.confirmed_by,
        more={"operator": persons["operator"], "authority": staff.authority, **more},
    )
