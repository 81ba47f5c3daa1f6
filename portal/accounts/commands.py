"""`flask people …`: accounts, roles and authorities from the command line (rules 6 and 10)."""

import getpass
from datetime import date, datetime
from pathlib import Path

import click
from flask import current_app, render_template
from flask.cli import AppGroup
from sqlalchemy import select

from portal.accounts import queries, services
from portal.accounts.models import Person
from portal.accounts.terms import ROLES, clean_person
from portal.areas import queries as areas
from portal.areas.models import Area
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db, writing
from portal.ground.errors import Refused
from portal.ground.fields.telephones import clean_telephone

group = AppGroup("people", help="人员: accounts, roles, passwords and authorities.")
DAY = click.DateTime(["%Y-%m-%d"])
SLIP = click.option("--slip", type=click.Path(dir_okay=False, path_type=Path), help="Write a slip to print.")


def _now() -> datetime:
    now: datetime = current_app.extensions["clock"].now()
    return now


def _by() -> Actor:
    """The command line acts under the name of the machine's account, so that the trail says who."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "?"
    return Actor("system", None, f"命令行（{user}）")


def _area(code: str) -> Area:
    found = db.session.scalars(areas.by_codes([code.upper()])).one_or_none()
    if found is None:
        raise click.ClickException(f"no area has the code {code}: see `flask areas list`")
    return found


def _person(login: str) -> Person:
    found = db.session.scalars(queries.by_login(login.lower())).one_or_none()
    if found is None:
        raise click.ClickException(f"nobody has the account {login}: see `flask people list`")
    return found


def _done(sentence: str) -> None:
    db.session.commit()
    click.echo(sentence)


class _Refusing(click.Command):
    """A command that writes, and whose refusals are said, not raised."""

    def invoke(self, ctx: click.Context) -> object:
        writing.set(True)
        try:
            return super().invoke(ctx)
        except Refused as refused:
            db.session.rollback()
            raise click.ClickException(refused.sentence) from refused


def _hand_over(person: Person, secret: services.OneTime, slip: Path | None) -> None:
    click.echo(f"{person.name}  {person.login}\n  one-time password  {secret.password}")
    if slip is None:
        return
    words = render_template("accounts/slip.html", person=person, secret=secret, today=_now().date())
    slip.touch(mode=0o600)
    slip.chmod(0o600)
    slip.write_text(words, "utf8")
    click.echo(f"  slip to print: {slip} (hand it over, then delete it)")


@group.command("add", cls=_Refusing)
@click.argument("login")
@click.argument("name")
@click.argument("role", type=click.Choice(list(ROLES)))
@click.argument("area_code")
@click.option("--phone", default="", help="Mobile or office telephone.")
@SLIP
def add(login: str, name: str, role: str, area_code: str, phone: str, slip: Path | None) -> None:
    """Make an account LOGIN for NAME with ROLE in the area AREA_CODE, and print its one-time password."""
    try:
        name, phone = clean_person(name), clean_telephone(phone) if phone else ""
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    secret, area, by, now = services.one_time(login), _area(area_code), _by(), _now()
    person = services.add(login=login.lower(), name=name, phone=phone or None, secret=secret, by=by, now=now)
    services.give_role(person, role=role, area=area, from_on=now.date(), by=by, now=now)
    db.session.commit()
    _hand_over(person, secret, slip)


@group.command("unlock", cls=_Refusing)
@click.argument("login")
def unlock(login: str) -> None:
    """Open LOGIN again: after wrong passwords, after 90 days without a login, or after leaving."""
    services.unlock(_person(login), by=_by(), now=_now())
    _done(f"{login} may log in again")


@group.command("password", cls=_Refusing)
@click.argument("login")
@SLIP
def password(login: str, slip: Path | None) -> None:
    """Give LOGIN a new one-time password; all its sessions end."""
    secret = services.one_time(login)
    person = _person(login)
    services.reset_password(person, secret=secret, by=_by(), now=_now())
    db.session.commit()
    _hand_over(person, secret, slip)


@group.command("role", cls=_Refusing)
@click.argument("login")
@click.argument("role", type=click.Choice(list(ROLES)))
@click.argument("area_code")
@click.option("--from", "since", type=DAY, help="First day, YYYY-MM-DD; today without.")
@click.option("--end", is_flag=True, help="Take the role back from today on.")
def role(login: str, role: str, area_code: str, since: datetime | None, end: bool) -> None:
    """Give LOGIN the ROLE in AREA_CODE, or take it back with --end."""
    person, area, now = _person(login), _area(area_code), _now()
    if end:
        for one, count in services.end_role(person, role=role, area=area, by=_by(), now=now):
            click.echo(f"still with {login}, who has no post for it there: {one.label} {count} {one.unit}")
    else:
        services.give_role(person, role=role, area=area, from_on=_day(since) or now.date(), by=_by(), now=now)
    _done(f"{login}: {ROLES[role].label} {area.name} {'ended' if end else 'given'}")


@group.command("authority", cls=_Refusing)
@click.argument("login")
@click.argument("area_code")
@click.option("--from", "since", type=DAY, help="First day, YYYY-MM-DD; today without.")
@click.option("--until", type=DAY, help="The day on which it is no longer good, YYYY-MM-DD.")
@click.option("--basis", default="", help="The paper that grants it: 街道办事处授权书〔2026〕1号.")
@click.option("--end", is_flag=True, help="End the authorities there today.")
def authority(
    login: str, area_code: str, since: datetime | None, until: datetime | None, basis: str, end: bool
) -> None:
    """Let LOGIN confirm pledges for 甲方 in AREA_CODE --until a day, on the --basis of a paper; or --end it."""
    person, area, now = _person(login), _area(area_code), _now()
    if end:
        _end_authorities(person, area, now)
        return
    if until is None or not basis.strip():
        raise click.UsageError("an authority needs --until and --basis")
    services.grant_authority(
        person,
        area=area,
        from_on=_day(since) or now.date(),
        until_on=until.date(),
        basis=basis.strip(),
        by=_by(),
        now=now,
    )
    _done(f"{login} may confirm in {area.name} until {until.date()}")


def _end_authorities(person: Person, area: Area, now: datetime) -> None:
    standing = db.session.scalars(queries.authorities(person.id, on=now.date()))
    ended = [one for one in standing if one.area_id == area.id]
    for one in ended:
        services.revoke_authority(one, by=_by(), now=now)
    _done(f"{person.login}: {len(ended)} authorities ended in {area.name}")


@group.command("leave", cls=_Refusing)
@click.argument("login")
@click.option("--to", "taker", default="", help="Who takes over everything that LOGIN holds.")
def leave(login: str, taker: str) -> None:
    """Shut LOGIN, who leaves: no login, no session, no role, no authority from today on."""
    takers = {one.key: _person(taker) for one in services.holdings()} if taker else {}
    counts = services.leave(_person(login), takers=takers, by=_by(), now=_now())
    _done(f"{login} has left" + (f", {sum(counts.values())} things handed over to {taker}" if counts else ""))


@group.command("list")
def everybody() -> None:
    """List everybody: account, name, state, roles, and authorities to confirm."""
    today = _now().date()
    for person in db.session.scalars(select(Person).order_by(Person.login)):
        posts = "；".join(f"{area} · {label}" for label, area in queries.posts(person.id, on=today))
        click.echo(f"{person.login:20} {person.name}　{person.state.label}　{posts or '没有角色'}")
        for one in db.session.scalars(queries.authorities(person.id, on=today)):
            click.echo(f"{'':20} 甲方确认 {one.area.name} 至 {one.until_on}（不含）{one.basis}")
    db.session.rollback()


@group.command("roles")
def roles() -> None:
    """List the roles: code, name, who may hold it, where."""
    for code, spec in ROLES.items():
        confirming = "，可授予甲方确认" if Can.PLEDGES_CONFIRM in spec.keys else ""
        click.echo(f"{code:18} {spec.label}：{spec.who}（{'、'.join(spec.levels)}{confirming}）")


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
