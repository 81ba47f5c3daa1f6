"""`flask papers …`: the authority, the sweep, and verifying every paper."""

from datetime import datetime

import click
from flask import current_app
from flask.cli import AppGroup

from portal.ground.db import db
from portal.ground.errors import Refused
from portal.papers import jobs, queries, services
from portal.papers.models import Paper

group = AppGroup("papers", help="Papers: their seal, their files, their proof.")


def _now() -> datetime:
    return current_app.extensions["clock"].now()


@group.command("authority")
def authority() -> None:
    """Make the demonstration authority and the office's certificate, where none is configured."""
    if current_app.config["SEAL_PKCS12"]:
        click.echo("the office's own certificate is configured")
        return
    if current_app.config["PRODUCTION"]:
        raise click.ClickException("production seals with the office's own certificate: set OFFICE_SEAL_PKCS12")
    click.echo("authority made" if services.make_authority(now=_now()) else "authority stands")


@group.command("sweep")
def sweep() -> None:
    """Make the files of papers that a crash left without one; harmless to repeat. Says what is missing for papers."""
    for trouble in services.troubles():
        click.echo(trouble, err=True)
    try:
        click.echo(f"papers made: {jobs.make_missing(now=_now())}")
    except Refused as refused:
        raise click.ClickException(refused.sentence) from refused


@group.command("verify")
def verify() -> None:
    """Verify every paper: evidence, links, files, seals. Exit 1 when anything does not hold."""
    faults = count = 0
    for paper_id in db.session.scalars(queries.every_id()).all():
        paper = db.session.get_one(Paper, paper_id)
        count += 1
        for finding in services.findings(paper):
            if not finding.holds:
                faults += 1
                click.echo(f"{paper.number} {finding.what}：{finding.words}")
        db.session.expunge_all()
    click.echo(f"papers verified: {count}; faults: {faults}")
    if faults:
        raise SystemExit(1)
