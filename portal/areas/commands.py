"""`flask areas …`: load the tree from a sheet, and list it."""

import getpass
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from portal.areas import queries, services
from portal.areas.services import COLUMNS, NOTES
from portal.areas.terms import AreaKind, AreaRow
from portal.ground.actor import Actor
from portal.ground.db import db, writing
from portal.ground.errors import Refused
from portal.ground.sheets.check import RowResult, check_rows
from portal.ground.sheets.columns import match_columns
from portal.ground.sheets.read import read_sheet
from portal.ground.sheets.template import template_xlsx

group = AppGroup("areas", help="社区·网格: load the tree from a sheet, and list it.")


@group.command("load")
@click.argument("sheet", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--answer", "answers", multiple=True, metavar="KIND=CHOICE", help="Answer a question about the sheet.")
def load(sheet: Path, answers: tuple[str, ...]) -> None:
    """Load communities, villages and grids from SHEET (.xlsx, .xls, .csv): all of it, or nothing and why."""
    given = dict(answer.partition("=")[::2] for answer in answers)
    try:
        read = read_sheet(sheet.read_bytes(), sheet.name, given)
        matching = match_columns(read, COLUMNS, given)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    for notice in matching.notices:
        click.echo(f"· {notice.sentence}")
    if matching.problems:
        raise click.ClickException("\n".join(matching.problems))
    if asking := matching.unanswered(given):
        ways = [f"  --answer {n.kind}={choice.key}  {choice.label}" for n in asking for choice in n.choices]
        raise click.ClickException("表里有要先回答的：\n" + "\n".join(ways))
    rows = list(_rows(check_rows(matching)))
    writing.set(True)
    now: datetime = current_app.extensions["clock"].now()
    try:
        loaded = services.load(rows=rows, by=Actor("system", None, f"命令行（{getpass.getuser()}）"), now=now)
    except Refused as refused:
        db.session.rollback()
        raise click.ClickException(refused.sentence) from refused
    db.session.commit()
    click.echo(f"新增 {loaded.added}，修改 {loaded.changed}，不变 {loaded.same}")


def _rows(results: list[RowResult]) -> Iterator[AreaRow]:
    faults = [f"{one.address} {one.heading}“{one.shown}”：{one.why}" for result in results for one in result.faults]
    if faults:
        raise click.ClickException("\n".join(faults))
    for result in results:
        values = result.values
        yield AreaRow(result.number, values["code"], values["name"], values["kind"], values.get("area_type"))


@group.command("template")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def template(file: Path) -> None:
    """Write an empty sheet to fill in."""
    file.write_bytes(template_xlsx(COLUMNS, title="社区和网格", notes=NOTES))
    click.echo(str(file))


@group.command("list")
def everything() -> None:
    """List the tree: code, kind, name, area type."""
    for area in db.session.scalars(queries.tree()).unique():
        kind = area.area_type.label if area.area_type else area.kind.label
        click.echo(f"{area.code:8} {'　' if area.kind is AreaKind.GRID else ''}{area.name}　{kind}")
    db.session.rollback()
