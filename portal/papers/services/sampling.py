"""样张: a kind of paper as it would look, of invented facts. It is registered nowhere and sealed by nobody."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import current_app

from portal.ground import later
from portal.papers import queries
from portal.papers.engine import canonical, compose
from portal.papers.services.registering import issuer

if TYPE_CHECKING:
    from portal.papers.engine import render
else:  # WeasyPrint and pyHanko: a third of a process's memory, and most processes make no paper
    render = later.module("portal.papers.engine.render")


def preview(kind: str, facts: Mapping[str, Any], *, now: datetime) -> bytes:
    """Return the PDF of a sample: 样张 stands in its number and its seal, and the paper says that it has no force.

    `facts` are what the room would hand to `register`. KeyError for a kind that no room offers.
    """
    offer = queries.kind(kind)
    folder = Path(current_app.config["FONTS"])
    kept = {
        "kind": kind, "number": "样张", "check_code": "0000-0000-00", "title": offer.title,
        "at": now.replace(microsecond=0).isoformat(),
        "office": replace(issuer(), below="样张", demo=True, public_address="").as_evidence(),
    }  # fmt: skip
    evidence = {"paper": kept, "facts": dict(facts)}
    composed = compose.compose(current_app.jinja_env, offer.template, evidence, folder)
    press = render.press(folder, Path(current_app.static_folder or "static") / "img")
    return press.render(composed, evidence=canonical.text(evidence), at=now, attached={})
