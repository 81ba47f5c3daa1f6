"""Commands: `flask kiosk purge` at every server start, `flask kiosk code` for a machine without a desk near."""

import click
from flask import current_app
from flask.cli import AppGroup

from portal.ground.actor import SYSTEM
from portal.ground.db import db
from portal.kiosk import queries, services

group = AppGroup("kiosk", help="Enrolled machines and their journeys.")


@group.command("purge")
def purge() -> None:
    """End silent journeys and drop drafts past 24 hours; harmless to repeat."""
    gone = services.purge(now=current_app.extensions["clock"].now())
    db.session.commit()
    click.echo(f"{gone} journeys ended or dropped")


@group.command("code")
@click.argument("name")
def code(name: str) -> None:
    """Print a one-use enrolment code for the machine called NAME."""
    device = db.session.scalars(queries.named(name)).one_or_none()
    if device is None:
        raise click.ClickException(f"no machine is called {name}")
    digits = services.issue_enrolment(device, by=SYSTEM, now=current_app.extensions["clock"].now())
    db.session.commit()
    click.echo(digits)
