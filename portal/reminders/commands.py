"""`flask mail …`: a trial mail, and how mail stands."""

import click
from flask import current_app
from flask.cli import AppGroup

from portal.ground.fields.letters import Misread
from portal.ground.mail import Fate, NotReady, Post, deliver, post_of
from portal.reminders import queries, services
from portal.reminders.terms import STUCK

group = AppGroup("mail", help="Mails that tell how many reminders wait.")

FATES = {
    Fate.TAKEN: "taken by the server",
    Fate.LATER: "not taken for now",
    Fate.REFUSED: "refused for good",
    Fate.UNKNOWN: "unknown: it may have been taken",
}


def _post() -> Post:
    try:
        post = post_of(current_app.config)
    except NotReady as fault:
        raise click.ClickException(str(fault)) from None
    if post is None:
        raise click.ClickException("PORTAL_MAIL_HOST is not set: nothing is ever sent")
    return post


@group.command("test")
@click.argument("address")
def trial(address: str) -> None:
    """Send one trial mail to ADDRESS and tell what the server said."""
    post = _post()
    try:
        mail = services.trial_letter(post, address, now=current_app.extensions["clock"].now())
    except Misread as fault:
        raise click.ClickException(str(fault)) from None
    answer = deliver(post, mail)
    line = f"{post.host}:{post.port} ({post.security}): {FATES[answer.fate]}: {answer.words}"
    if answer.fate is not Fate.TAKEN:
        raise click.ClickException(line)
    click.echo(line)


@group.command("list")
def stuck() -> None:
    """Print the mails that wait for a person: when, what the server said; no names and no addresses."""
    for state in STUCK:
        for one in queries.stuck(state, most=1_000):
            click.echo(
                f"{state.value:8} {one.answered_at:%Y-%m-%d %H:%M} mail {one.id}, {one.tries} tries: {one.answer}"
            )
