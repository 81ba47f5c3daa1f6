"""`flask pledges settle`: write down the endings that followed from ended tenures."""

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from portal.ground.actor import SYSTEM
from portal.ground.db import db
from portal.pledges import services

group = AppGroup("pledges", help="门前三包责任书.")


@group.command("settle")
@with_appcontext
def settle() -> None:
    """Write down what ended with its tenure; harmless to repeat."""
    total, now = 0, current_app.extensions["clock"].now()
    while done := services.settle(by=SYSTEM, now=now):
        db.session.commit()
        total += done
    click.echo(f"{total} pledges ended with their tenure")
