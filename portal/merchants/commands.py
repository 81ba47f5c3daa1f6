"""Commands of the shop file: a sample sheet, tallies counted anew, waiting sheets swept."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from portal.ground.db import db
from portal.merchants import queries, services

group = AppGroup("merchants", help="The shop file.")


@group.command("sample")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--rows", default=24, show_default=True, help="How many shops.")
@click.option("--community", default="", help="Code of the community (MY); else the first one that has grids.")
@click.option("--faulty", is_flag=True, help="With slips of the pen, to see how they are told.")
def sample(path: Path, rows: int, community: str, faulty: bool) -> None:
    """Write a sample sheet of invented shops to PATH (.xlsx)."""
    tree, now = queries.tree(), current_app.extensions["clock"].now()
    home = next((p for p in tree.communities if p.code == community), tree.communities[0] if tree.communities else None)
    if home is None:
        raise click.ClickException("no communities stand yet: `flask areas load` or `flask demo build` first")
    path.write_bytes(services.sample_sheet(tree, home, rows=rows, faulty=faulty, now=now))
    click.echo(f"{path}: {rows} shops of {home.code}")


@group.command("recount")
def recount() -> None:
    """Count the tallies of shops anew (after a restore or a bulk load past the application)."""
    services.recount()
    db.session.commit()
    click.echo("counted")


@group.command("sweep")
def sweep() -> None:
    """Wipe uploaded sheets that nobody finished within a day."""
    swept = services.sweep_sheets(now=current_app.extensions["clock"].now())
    db.session.commit()
    click.echo(f"{swept} sheets wiped")
