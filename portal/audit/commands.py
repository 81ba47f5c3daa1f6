"""`flask audit …`: check, export and anchor the trail."""

from typing import TextIO

import click
from flask import current_app
from flask.cli import AppGroup

from portal.audit import queries, services
from portal.ground.db import db, writing

group = AppGroup("audit", help="留痕: check, export and anchor the trail.")


@group.command("verify")
@click.option(
    "--anchor", "anchors", multiple=True, metavar="SEQ:HASH", help="A head that was printed or kept elsewhere."
)
def verify(anchors: tuple[str, ...]) -> None:
    """Check the whole chain, its head, and the anchors kept in the instance folder; exit code 1 when broken."""
    writing.set(False)
    given = []
    for text in (*anchors, *_kept()):
        anchor = services.parse_anchor(text)
        if anchor is None:
            raise click.UsageError(f"not an anchor: {text}")
        given.append(anchor)
    found = services.verify(anchors=given)
    db.session.rollback()
    click.echo(f"lines {found.count}  head {found.seq}:{found.hash}  anchors {len(given)}")
    if not found.whole:
        click.echo(f"BROKEN at line {found.broken_at}: {found.because}", err=True)
        raise SystemExit(1)
    click.echo("the chain holds")


def _kept() -> list[str]:
    file = services.anchors_file()
    return [line.split()[-1] for line in file.read_text("utf8").splitlines() if line.strip()] if file.exists() else []


@group.command("export")
@click.option("--output", type=click.File("w", "utf8"), default="-", help="A file; the console without.")
@click.option("--after", default=0, show_default=True, help="Begin behind this line.")
def export(output: TextIO, after: int) -> None:
    """Write the trail as JSON lines, which tools/verify_trail.py checks without the portal."""
    writing.set(False)
    if queries.hash_of(after) is None:
        raise click.UsageError(f"there is no line {after}")
    for line in services.export(after=after):
        output.write(line)
    db.session.rollback()


@group.command("head")
def head() -> None:
    """Print the chain's head, to print or to keep elsewhere."""
    writing.set(False)
    seq, digest = queries.head()
    db.session.rollback()
    click.echo(f"{seq}:{digest}")


@group.command("anchor")
def anchor() -> None:
    """Keep the chain's head in the instance folder, once a day; `verify` compares it. Back the file up elsewhere."""
    writing.set(False)
    line = services.anchor(now=current_app.extensions["clock"].now())
    db.session.rollback()
    click.echo(line or "today's anchor stands")
