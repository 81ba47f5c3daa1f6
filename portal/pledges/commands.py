"""`flask pledges settle`: write down the endings that followed from ended tenures."""

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from portal.pledges import jobs

group = AppGroup("pledges", help="门前三包责任书.")


@group.command("settle")
@with_appcontext
def settle() -> None:
    """Write down what ended with its tenure; harmless to repeat."""
    total = jobs.settle(now=current_app.extensions["clock"].now())
    click.echo(f"{total} pledges ended with their tenure")
