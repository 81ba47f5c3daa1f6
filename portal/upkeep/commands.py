"""`flask secrets …`, `flask backup …`: the keys, copies of the office, and how they come back; what is found and
refused is said in Chinese."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from flask_migrate import upgrade

from portal.ground.actor import SYSTEM
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.upkeep import services
from portal.upkeep.terms import Copy, Drilled, in_size

own = AppGroup("secrets", help="The portal's own secrets (docs/deploy.md).")
group = AppGroup("backup", help="Copies of the office: now, list, verify, restore (docs/backup.md).")
from_folder = click.option(
    "--from", "where", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Another folder of copies, such as the second one.",
)  # fmt: skip


def _now() -> datetime:
    return current_app.extensions["clock"].now()


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        raise click.ClickException(refused.sentence) from refused


@own.command("make")
@click.option("--lost", is_flag=True, help="The keys of what is sealed are lost for good: go on with new ones.")
def make_secrets(lost: bool) -> None:
    """Make the secrets that are missing; refused where sealed data needs those that were there."""
    with _refusals():
        click.echo("secrets made" if services.make_secrets(lost=lost) else "secrets stand")


@group.command("now")
@click.option("--new-disk", is_flag=True, help="PORTAL_BACKUP lies on a new disk: begin there anew.")
def make(new_disk: bool) -> None:
    """Make a copy now; the office may go on."""
    with _refusals():
        copy = services.back_up(now=_now(), new_disk=new_disk)
    manifest = copy.manifest
    click.echo(
        f"{copy.name}  {in_size(manifest.size)}  {manifest.files:,} files  {copy.folder}\n"
        f"keys {manifest.key_set}  {services.key_folder()}"
    )


@group.command("list")
@from_folder
def list_all(where: Path | None) -> None:
    """List the copies, the newest first."""
    found = services.copies(where)
    second = {copy.name for copy in services.copies(services.second_folder())} if services.second_folder() else set()
    for copy in found:
        state = "BROKEN" if copy.faults else "checked" if copy.checked_at else "never checked"
        if not where and services.second_folder():
            state += "  in both places" if copy.name in second else "  not in the second place"
        manifest = copy.manifest
        click.echo(
            f"{copy.name}  {manifest.engine:10}  {in_size(manifest.size):>8}  {manifest.rows:>9,} rows  "
            f"{manifest.files:>6,} files  keys {manifest.key_set}  {state}"
        )
    for name in services.unreadable(where):
        click.echo(f"{name}  BROKEN: its manifest cannot be read")
    if not found:
        click.echo(f"no copies in {where or services.folder()}")


@group.command("verify")
@click.argument("name", default="newest")
@from_folder
def verify(name: str, where: Path | None) -> None:
    """Check the copy NAME (the newest without one, or `all`): bytes, database, files. Exit 1 when it does not hold."""
    with _refusals():
        if name == "all":
            click.echo(f"{services.verify_all(now=_now())} copies hold")
            return
        copy = services.verify(services.find(name, where), now=_now())
    for fault in copy.faults:
        click.echo(fault, err=True)
    if copy.faults:
        raise SystemExit(1)
    click.echo(f"{copy.name} holds")


@group.command("restore")
@click.argument("name", default="newest")
@from_folder
@click.option("--dry-run", is_flag=True, help="A drill: into a scratch database; what was found is written down.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(name: str, where: Path | None, dry_run: bool, yes: bool) -> None:
    """Bring the copy NAME back. The present database is put aside, not deleted."""
    with _refusals():
        copy = services.find(name, where)
        if dry_run:
            _drill(copy)
            return
        if not yes:
            click.confirm(f"用备份 {copy.name} 换下现在的数据？现在的数据库会放到一边，不删。", abort=True)
        _bring_back(copy)


def _drill(copy: Copy) -> None:
    found = services.drill(copy, now=_now())
    _print(found)
    if services.stands():
        services.note_drill(copy, found, by=SYSTEM, now=_now())
        db.session.commit()
    else:
        click.echo("这台机器上没有门户的数据库，演练没有记下来。", err=True)
    if not found.holds:
        raise SystemExit(1)


def _print(found: Drilled) -> None:
    for line in found.lines:
        click.echo(f"{'[好]' if line.holds else '[坏]'} {line.what}：{line.words}")
    click.echo("演练通过：这份备份能还原。" if found.holds else "演练没有通过：这份备份现在还原不了。")


def _bring_back(copy: Copy) -> None:
    """The office's lock is held until the restored office knows what happened to it."""
    with services.at_rest():
        restored = services.restore(copy, now=_now())
        upgrade()
        services.note_restore(restored, now=_now())
        db.session.commit()
    click.echo(f"已还原到 {copy.manifest.made_at:%Y-%m-%d %H:%M:%S} 的样子（{copy.name}）。")
    if restored.aside:
        click.echo(f"原来的数据库放在 {restored.aside}，确认不用了再删。")
    if restored.lost_lines:
        click.echo(f"备份以后的 {restored.lost_lines:,} 行留痕只在原来的数据库里：请照着补办（docs/backup.md）。")
    if restored.unknown:
        why = "读不出来" if restored.aside else "不在"
        click.echo(
            f"原来的数据库{why}，备份以后发出的{'、'.join(restored.unknown)}没法跳过："
            "请先对照手里的文书和标牌，再登记新的（docs/backup.md）。"
        )
    click.echo("接下来：flask audit verify，flask papers verify，再启动门户。")


COMMANDS = (own, group)
