"""Lists at the door: the place that one comes back to, and the conditions that stand in the address bar."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from flask import request, session, url_for
from werkzeug.datastructures import MultiDict

from portal.ground.errors import Refused
from portal.ground.fields.masks import masked_numbers
from portal.ground.labels import Label
from portal.ground.sealed import sealer
from portal.ground.sealing import SealBroken
from portal.web.door import me

L = TypeVar("L", bound=Label)
#: What sealed search words are bound to.
SOUGHT = "lists.sought"
#: A list to tick in the filter bar: name, word, choices, chosen.
Pick = tuple[str, str, tuple[tuple[str, str], ...], tuple[str, ...]]


def keep_place(name: str, endpoint: str) -> None:
    """Remember the list `name` as it is looked at now; the cookie is written only when it says something new.

    The session's cookie is signed, not secret, and what was searched for may be a telephone: it stands there sealed.
    """
    address = request.full_path[:400] if request.query_string else url_for(endpoint)
    if came_from(name, endpoint) != address:
        session[name] = sealer().seal(address, where=name, ref=str(me().id))


def came_from(name: str, endpoint: str) -> str:
    """Return the address of the list that was last looked at, the bare list where none was."""
    try:
        return sealer().open(session[name], where=name, ref=str(me().id))
    except (KeyError, SealBroken):
        return url_for(endpoint)


def chosen(kind: type[L], values: Iterable[str]) -> tuple[L, ...]:
    """The labels that were ticked; words that mean nothing are left out."""
    known = {member.value for member in kind}
    return tuple(kind(value) for value in values if value in known)


def condition(label: str, values: Iterable[str]) -> str:
    """A condition in words: 业态：餐饮、零售; empty when nothing is ticked."""
    joined = "、".join(values)
    return f"{label}：{joined}" if joined else ""


def searched(words: str) -> str:
    """What is searched for, as a condition in words that goes into sheets, prints and the trail: no whole telephone."""
    return f"找“{masked_numbers(words)}”" if words else ""


def carried(args: MultiDict[str, str]) -> list[tuple[str, str]]:
    """The fields of a form that exports or prints a list: its conditions, what is searched for sealed (it may be a
    telephone)."""
    return [
        ("sought", _seal(value)) if name == "q" else (name, value)
        for name, value in args.items(multi=True)
        if name not in ("page", "size")
    ]


def carried_on(form: MultiDict[str, str]) -> MultiDict[str, str]:
    """The list's conditions again, from such a form."""
    args = MultiDict((name, value) for name, value in form.items(multi=True) if name != "csrf_token")
    if sought := args.pop("sought", ""):
        try:
            args["q"] = sealer().open(sought, where=SOUGHT, ref=str(me().id))
        except SealBroken as broken:
            raise Refused("这一页放得太久，请回到名单再来") from broken
    return args


def _seal(words: str) -> str:
    return sealer().seal(words, where=SOUGHT, ref=str(me().id)) if words else ""


def chips(endpoint: str, conditions: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The conditions that are on, each with the address that takes it off; what is typed has no chip."""
    args = request.args
    return [
        (words, _address(endpoint, ((n, v) for n, v in args.items(multi=True) if n not in (name, "page"))))
        for name, words in conditions
        if name != "q"
    ]


def _address(endpoint: str, pairs: Iterable[tuple[str, str]]) -> str:
    args: dict[str, list[str]] = {}
    for name, value in pairs:
        if value:
            args.setdefault(name, []).append(value)
    return url_for(endpoint, **args)  # type: ignore[arg-type]
