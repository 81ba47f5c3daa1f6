"""Signing under load: many kiosks stand at the last step, each with its own journey, and all press 签好了.

`ready` puts the journeys into the database through the rooms' own services; `fetch` opens each glass page as a browser
does, for its session and CSRF token; `press` sends the signatures from `clients` at once and takes the time of each.
"""

import json
import math
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection
from multiprocessing import get_context
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select

from bench.load import Figures
from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.areas.models import Area
from portal.ground.actor import NOWHERE, Actor
from portal.ground.can import Can
from portal.ground.db import db
from portal.kiosk import services as kiosk
from portal.kiosk.terms import CHECK, READ, SIGN, WHO, DeviceKind
from portal.kiosk.views.door import COOKIE
from portal.merchants.models import Shop, Tenure
from portal.pledges import queries as pledges
from portal.pledges import services
from portal.pledges.models import Pledge
from portal.pledges.terms import Proof, Signer

GLASS = "/kiosk/pledge/signature"


@dataclass
class Glass:
    """One kiosk at the last step: its cookies and the form's hidden fields."""

    cookie: str
    fields: dict[str, str]


def ready(count: int, *, now: datetime) -> list[str]:
    """Enrol `count` devices and bring a journey on each to the last step; return the devices' cookies."""
    person = db.session.scalars(select(Person).where(Person.login == "office")).one()
    actor = accounts.actor_of(person, on=now.date(), address="127.0.0.1")
    office = db.session.scalars(select(Area).where(Area.parent_id.is_(None))).one()
    unsigned = _unsigned(count)
    template = pledges.template_in_force(now.date())
    if template is None or len(unsigned) < count:
        raise RuntimeError(f"only {len(unsigned)} shops are left to sign")
    cookies = []
    for number, shop in enumerate(unsigned):
        cookies.append(_one(number, shop, actor, office, template.version, now))
        if number % 100 == 0:
            db.session.commit()
    db.session.commit()
    return cookies


def _unsigned(count: int) -> list[Shop]:
    """Shops that trade and whose current operator has signed nothing."""
    signed = select(Pledge.tenure_id)
    wanted = select(Shop).join(Tenure).where(Tenure.until_on.is_(None), Tenure.id.not_in(signed), Shop.state == "open")
    return list(db.session.scalars(wanted.order_by(Shop.id.desc()).limit(count)))


def _one(number: int, shop: Shop, actor: Any, office: Area, version: int, now: datetime) -> str:
    device = kiosk.add_device(
        name=f"量 {shop.number} {number}",
        kind=DeviceKind.HALL,
        area_id=office.id,
        staff_at="一号窗口",
        staff_phone="",
        by=actor,
        now=now,
    )
    _device, token = kiosk.enrol(kiosk.issue_enrolment(device, by=actor, now=now), address="127.0.0.1", now=now) or (
        device,
        "",
    )
    issued = services.issue_code(
        shop, identity_checked=True, signer=Signer.OWNER, signer_name=None, proof=Proof.LICENCE, by=actor, now=now
    )
    machine = Actor("device", device.id, device.name, "", {Can.KIOSK_SIGN: NOWHERE}, "127.0.0.1")
    journey: Any = kiosk.start_journey(issued.digits, by=machine, now=now)
    drafts: list[dict[str, Any]] = [{"shop_version": shop.version}, {"template": version}, {"signer": "owner"}]
    for step, draft in zip((CHECK, READ, WHO), drafts, strict=True):
        kiosk.move(journey, at=step, to=step + 1, now=now, draft=draft)
    assert journey.step == SIGN
    return f"{COOKIE}={token}"


def fetch(port: int, cookie: str) -> Glass:
    """Open the glass page, as the kiosk's browser does."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", GLASS, headers={"Cookie": cookie})
    answer = connection.getresponse()
    body = answer.read().decode()
    session = next(
        h.split(";")[0] for name, h in answer.getheaders() if name == "Set-Cookie" and h.startswith("portal=")
    )
    form = body[body.index(f'action="{GLASS}"') :]
    fields = dict(re.findall(r'<input[^>]*name="(csrf_token|step|key|seen)"[^>]*value="([^"]*)"', form))
    return Glass(f"{cookie}; {session}", fields)


def strokes(points: int = 240) -> str:
    """A signature of three strokes, as the glass sends it."""
    each = points // 3
    drawn = [
        [[60 + 160 * s + 90 * math.sin(i / 9), 120 + 60 * math.cos(i / 5) + i, i * 8] for i in range(each)]
        for s in range(3)
    ]
    return json.dumps([[[round(v, 1) for v in point] for point in stroke] for stroke in drawn])


def _press(work: tuple[int, list[Glass]]) -> list[tuple[float, int, str]]:
    """One client: press for each of its kiosks, one after the other, over a plain socket."""
    port, glasses = work
    drawn, times = strokes(), []
    for glass in glasses:
        body = urlencode({**glass.fields, "strokes": drawn}).encode()
        head = (
            f"POST {GLASS} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {glass.cookie}\r\nConnection: close\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        began = time.perf_counter()
        with socket.create_connection(("127.0.0.1", port), timeout=30) as wire:
            wire.sendall(head.encode() + body)
            answer = b"".join(iter(lambda: wire.recv(65536), b"")).decode("utf-8", "replace")
        status = int(answer.split(" ", 2)[1])
        where = re.search(r"\r\nLocation: (\S+)", answer)
        times.append((time.perf_counter() - began, status, where[1] if where else ""))
    return times


def _clients(work: list[tuple[int, list[Glass]]]) -> list[tuple[float, int, str]]:
    with ThreadPoolExecutor(len(work)) as pool:
        return [one for times in pool.map(_press, work) for one in times]


def press(port: int, glasses: list[Glass], *, clients: int = 32, processes: int = 2) -> Figures:
    """Let `clients` press at once, spread over `processes`; a wrong answer is any but the way to step 6."""
    shares = [(port, glasses[n::clients]) for n in range(clients)]
    with get_context("fork").Pool(processes) as pool:
        began = time.perf_counter()
        done = [one for part in pool.map(_clients, [shares[n::processes] for n in range(processes)]) for one in part]
        seconds = time.perf_counter() - began
    times = sorted(took * 1000 for took, _status, _where in done)
    wrong = sum(status != 303 or not where.endswith("/kiosk/pledge/done") for _took, status, where in done)
    return Figures(len(done) / seconds, times[len(times) // 2], times[int(len(times) * 0.99)], wrong)
