"""What a pledge says of itself: persons out of their seal, the word that lists show, and a sample of a text."""

import json
from datetime import date, datetime
from typing import Any

from flask import current_app

from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.fields.letters import naming
from portal.ground.fields.masks import UNREADABLE
from portal.papers import queries as papers
from portal.pledges import rules
from portal.pledges.models import Pledge, Template
from portal.pledges.services import evidence
from portal.pledges.terms import PARTY_A, SOON_DAYS, Method, Proof, Shown, Signer
from portal.settings import queries as settings


def persons_of(pledge: Pledge) -> dict[str, str]:
    """Return operator, keeper, telephone and signer as they were signed, each 打不开 where their seal is broken; mask
    them before they are shown."""
    persons = Pledge.persons.shown(pledge) or "{}"
    if persons == UNREADABLE:
        return dict.fromkeys(("operator", "keeper", "telephone", "signer"), UNREADABLE)
    return json.loads(persons)


def shown_of(pledge: Pledge, *, today: date) -> Shown:
    """Return the word that lists show for a pledge on a day."""
    ended = pledge.tenure.until_on is not None
    soon_days = settings.value(SOON_DAYS, on=today)
    return rules.shown(pledge.state, tenure_ended=ended, until_on=pledge.until_on, today=today, soon_days=soon_days)


def party_a(on: date) -> str:
    """Return who 甲方 is on a day: the office, unless the setting names another."""
    return settings.value(PARTY_A, on=on) or current_app.config["OFFICE"]["name"]


def unprintable(text: str) -> str | None:
    """Say which characters of a text no face prints, None when all can be printed (rules 10, Names)."""
    missing = papers.missing_characters(text)
    return f"{'、'.join(naming(character) for character in missing[:5])} 现有字库印不出来。" if missing else None


def sample(template: Template, *, party_a: str, at: datetime) -> dict[str, Any]:
    """Return the evidence of a pledge that nobody signed, to show a text on paper. Everything in it is invented."""
    shown = {
        "party_a": party_a, "shop": "样张店铺（演示）", "licence_name": "样张店铺（演示）", "licence_number": "",
        "shop_number": "GX-MY-0000", "address": "明月路 1 号", "community": "明月社区", "grid": "一网格",
    }  # fmt: skip
    persons = {"operator": "演示", "keeper": "演示", "telephone": "13800000000", "signer": "演示"}
    area = {
        "frontage_m": "6.4",
        "depth_m": "3",
        "bounds": {"东": "邻店墙界", "西": "邻店墙界", "北": "本店外墙"},
    }
    starts_on = at.date()
    return evidence.paper_of(
        parties=evidence.Parties(shown, persons), area=area, terms=evidence.terms_of(template),
        term=(starts_on, rules.term_end(starts_on, months=12)), signed_at=at, method=Method.PAPER, device="",
        signer=Signer.OWNER, proof=Proof.LICENCE, hand=None,
        staff=evidence.Staff("样张", "样张", "样张"), more={},
    ).as_evidence()  # fmt: skip


def note_export(*, rows: int, said: str, by: Actor, now: datetime) -> None:
    """Write an export of the list into the trail: how many rows, and under which filters."""
    record("pledges.export", "pledges", by=by, now=now, rows=rows, filters=said)
