"""Makers for papers: a signature, the facts of a pledge's paper, an evidence, a made and sealed file."""

import math
import random
import subprocess
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from portal.ground.actor import SYSTEM
from portal.ground.config import ROOT
from portal.ground.db import db
from portal.papers import services
from portal.papers.engine import canonical, compose, ink, render
from portal.papers.engine.office import Issuer
from portal.papers.models import Paper
from portal.papers.terms import Duty, PaperArea, PaperSignature, PaperTerms, PledgePaper, Standing
from tests.conftest import NOON

FONTS = ROOT / "instance" / "fonts"
RARE = "李䶮王㛃周𠮷陈𬭎"
ISSUER = Issuer("垫江县人民政府桂溪街道办事处", "垫江县桂溪街道办事处", "演示", "", True)
TERMS = PaperTerms(
    template="市容环境",
    version=3,
    title="门前三包责任书",
    preamble="为共同维护街面整洁有序，根据《桂溪街道城乡人居环境综合整治专项行动实施方案》，"
    "甲乙双方就乙方门前责任区签订本责任书。",
    duties=(
        Duty("市容环境", ("每天清扫，随脏随扫", "垃圾分类，盖好桶盖", "不乱贴乱画、乱拉乱挂", "店招完好，门窗干净")),
        Duty(
            "秩序维护", ("不出店经营、占道堆物", "不占盲道、消防通道", "车辆停整齐，见乱就劝", "不用高音喇叭，不扰邻")
        ),
        Duty("绿化管护", ("爱护花草树木和树池", "不倒油污、污水、热水", "不在树上钉钉、挂物", "发现损坏，及时报告")),
    ),
    party_a_duty="宣传指导、日常巡查，听取并答复乙方意见，据实评定星级。",
    signing="双方同意：现场核对身份后在自助机上手写签名，由网格员见证并由系统留存记录，"
    "即为本责任书的签署方式。一式两份，甲乙双方各执一份。",
)
BOUNDS = {"东": "明月路16号墙界", "西": "明月路20号墙界", "南": "人行道路缘石", "北": "本店外墙"}


def a_hand(seed: int = 3, characters: int = 3) -> list[list[list[float]]]:
    """Strokes as a pad gives them: curved lines, a point every 8 ms."""
    dice, strokes, at = random.Random(seed), [], 0.0
    for place in range(characters):
        for _ in range(dice.randint(4, 7)):
            x, y, turn = 40 + 170 * place + dice.random() * 90, 60 + dice.random() * 120, dice.random() * math.tau
            stroke = []
            for step in range(dice.randint(25, 90)):
                turn += dice.gauss(0, 0.16)
                way = 2 + 2 * math.sin(step / 9) ** 2
                x, y, at = x + way * math.cos(turn), y + way * math.sin(turn), at + 8
                stroke.append([x, y, at])
            strokes.append(stroke)
            at += 120
    return strokes


def a_signature(seed: int = 3, **but: Any) -> PaperSignature:
    drawn = a_hand(seed)
    made = PaperSignature(
        signer="周桂兰（演示）", role="本人", authority="", strokes=tuple(ink.thin(drawn)),
        points=sum(map(len, drawn)), sha256=canonical.sha256(canonical.text({"strokes": drawn})),
    )  # fmt: skip
    return replace(made, **but)


def a_pledge_paper(**but: Any) -> PledgePaper:
    made = PledgePaper(
        shop="老周豆花饭店", licence_name="", licence_number="92500231MA60DEM12R", shop_number="GX-MY-0142",
        address="桂溪街道明月路18号", community="明月社区", grid="一网格", keeper="周桂兰（演示）",
        telephone="138****5678", party_a="垫江县人民政府桂溪街道办事处", area=PaperArea("6.4", "3", BOUNDS),
        terms=TERMS,
        since="2026-11-25", until="2027-11-25", signed_at="2026-11-25T10:00:00+08:00", way="自助机", device="3号机",
        signature=a_signature(), witness="陈晓梅（演示）", witness_post="明月社区一网格", confirmed_by="陈晓梅（演示）",
    )  # fmt: skip
    return replace(made, **but)


def an_evidence(*, issuer: Issuer = ISSUER, number: str = "桂三包〔2026〕第0142号", **but: Any) -> dict[str, Any]:
    """The register's part and the room's part, as `register` puts them together."""
    return {
        "paper": {
            "kind": "pledge", "number": number, "check_code": "7K3M-92QX-T4", "title": "门前三包责任书",
            "subject": "tenure:17", "at": "2026-11-25T10:00:00+08:00", "previous": "", "valid_from": "2026-11-25",
            "valid_until": "2027-11-25", "office": issuer.as_evidence(),
        },
        "facts": a_pledge_paper(**but).as_evidence(),
    }  # fmt: skip


def environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(ROOT / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


def unsealed(evidence: dict[str, Any], at: datetime = NOON) -> bytes:
    """Set and render an evidence, as `services.make` does before the seal."""
    composed = compose.compose(environment(), "pledges/paper.html", evidence, FONTS)
    press = render.press(FONTS, ROOT / "static" / "img")
    terms = compose.terms_text(evidence["facts"])
    return press.render(composed, evidence=canonical.text(evidence), at=at, attached={"terms.txt": terms})


def a_paper(subject: str = "tenure:17", now: datetime = NOON, by: Any = SYSTEM, **but: Any) -> Paper:
    """Register a paper of a pledge in the open transaction."""
    fields: dict[str, Any] = {
        "valid_from": date(2026, 11, 25), "valid_until": date(2027, 11, 25), "standing": Standing.VALID,
        "evidence": a_pledge_paper().as_evidence(),
    }  # fmt: skip
    number = services.next_number("桂三包", now=now)
    return services.register(kind="pledge", number=number, subject=subject, by=by, now=now, **{**fields, **but})


def made(paper: Paper, now: datetime = NOON) -> Paper:
    """Make the paper's file in the open transaction."""
    facts = services.facts_of(paper)
    assert services.keep(facts, services.make(facts), by=SYSTEM, now=now)
    db.session.refresh(paper)
    return paper


def text_of(pdf: bytes, folder: Path) -> str:
    """What pdftotext reads."""
    file = folder / "read.pdf"
    file.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-raw", file, "-"], capture_output=True, text=True, check=True).stdout
