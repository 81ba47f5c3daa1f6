"""`flask backup …`: copies of the office, and how they come back; refusals in Chinese."""

from datetime import datetime

import click
from flask import current_app
from flask.cli import AppGroup

from portal.ground.actor import SYSTEM
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.upkeep import services
from portal.upkeep.terms import Copy, Drilled, in_size

group = AppGroup("backup", help="Copies of the office: now, list, verify, restore.")


def _now() -> datetime:
    return current_app.extensions["clock"].now()


@group.command("now")
def make() -> None:
    """Make a copy now."""
    try:
        copy = services.back_up(now=_now())
    except Refused as refused:
        raise click.ClickException(refused.sentence) from refused
    click.echo(f"{copy.name}  {in_size(copy.manifest.size)}  {copy.manifest.files} files  {copy.folder}")


@group.command("list")
def list_all() -> None:
    """List the copies, the newest first."""
    found = services.copies()
    for copy in found:
        state = "broken" if copy.faults else "checked" if copy.checked_at else "never checked"
        rows = sum(copy.manifest.tables.values())
        click.echo(
            f"{copy.name}  {copy.manifest.engine:10}  {in_size(copy.manifest.size):>8}  {rows:>9,} rows  {state}"
        )
    if not found:
        click.echo(f"no copies in {services.folder()}")


@group.command("verify")
@click.argument("name", default="newest")
def verify(name: str) -> None:
    """Check the copy NAME, the newest without one: bytes, database, files. Exit 1 when it does not hold."""
    copy = _found(name)
    faults = services.verify(copy, now=_now()).faults
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
    click.echo(f"{copy.name} holds")


@group.command("restore")
@click.argument("name", default="newest")
@click.option("--dry-run", is_flag=True, help="Restore into a scratch database, compare, and write the drill down.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(name: str, dry_run: bool, yes: bool) -> None:
    """Bring the copy NAME back. The present database is put aside, not deleted."""
    copy = _found(name)
    try:
        if dry_run:
            found = services.drill(copy, now=_now())
            services.note_drill(copy, found, by=SYSTEM, now=_now())
            db.session.commit()
            _print(found)
            return
        if not yes:
            click.confirm(f"Replace the present database by the copy {copy.name}?", abort=True)
        aside = services.restore(copy, now=_now())
    except Refused as refused:
        raise click.ClickException(refused.sentence) from refused
    click.echo(f"restored {copy.name}; the former database is {aside}. Now: flask db upgrade, flask audit verify")


def _print(found: Drilled) -> None:
    for what, good, words in found.lines:
        click.echo(f"{'ok ' if good else 'NO '} {what}：{words}")
    if not found.holds:
        raise SystemExit(1)


def _found(name: str) -> Copy:
    try:
        return services.find(name)
    except Refused as refused:
        raise click.ClickException(refused.sentence) from refused
