"""The portal of a sub-district office's clean-up campaign.

`create_app` hangs the rooms; with `clockwork` it is the only place that knows them all. Nothing happens at import.
"""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import clockwork, hang, start
from portal.ground import config as configuration
from portal.ground.clock import Clock, clock_from_environment
from portal.ground.config import ROOT
from portal.ground.db import db

#: Every room, from the lowest floor up.
ROOMS = (
    *("audit", "settings", "areas", "accounts", "worktime", "duties", "papers", "reminders"),
    *("kiosk", "upkeep", "places", "merchants", "pledges", "desk"),
)


def create_app(config: Mapping[str, Any] | None = None, *, clock: Clock | None = None, doors: str = "all") -> Flask:
    """Return the application.

    `config` overrides what the environment says; `clock` replaces the machine's clock in tests; `doors="public"`
    hangs the check page, `/healthz` and static files only, for a host that the public may reach (proofs.md, Traps).
    """
    app = Flask("portal", static_folder=str(ROOT / "static"), template_folder=str(ROOT / "templates"))
    app.config.from_mapping(configuration.from_environment())
    app.config.from_mapping(config or {})
    app.config["DOORS"] = doors
    configuration.refuse_unsafe(app.config, app.debug)
    app.extensions["clock"] = clock or clock_from_environment()
    hang.secrets(app)
    hang.libraries(app)
    hang.rooms(app, ROOMS, public=doors == "public")
    app.extensions["duties"] = clockwork.DUTIES
    hang.doors(app)
    start.hang(app)
    if app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, app.config["PROXIES"], app.config["PROXIES"], 1, 1)  # type: ignore[method-assign]
    return app


__all__ = ["create_app", "db"]
