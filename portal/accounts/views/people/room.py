"""The pages' blueprint within accounts, and what several of its doors share."""

from collections.abc import Iterable

from portal.accounts import queries
from portal.accounts.models import Person
from portal.accounts.terms import LEVELS, ROLES
from portal.areas.queries import Tree, places
from portal.areas.terms import AreaKind
from portal.ground.can import Can
from portal.ground.errors import Refused
from portal.web import Room, me, now, one_or_404
from portal.web.forms import Form

room = Room("people", __name__, url="/people")
#: Choices of a select field as wtforms takes them: (value: word), or (group: {value: word}).
Choices = dict[str, str | dict[str, str]]


def person_or_404(number: int, key: Can = Can.PEOPLE_READ) -> Person:
    """Return the person who is within reach of the actor's key, else 404."""
    return one_or_404(queries.visible_to(me(), tree=places(), on=now().date(), key=key).where(Person.id == number))


def role_choices() -> Choices:
    """The roles, by where they are held."""
    groups: dict[str, dict[str, str]] = {}
    for role, spec in ROLES.items():
        groups.setdefault("、".join(LEVELS[level] for level in spec.levels), {})[role] = spec.label
    return {"": "请选", **groups}


def area_choices(tree: Tree, only: Iterable[int] | None = None) -> Choices:
    """The areas in use by their codes: the office, its sections, communities and villages, and each one's grids; `only`
    these ids."""
    kept = set(tree.by_id) if only is None else set(only)
    groups: dict[str, dict[str, str]] = {}
    for place in sorted(tree.by_code.values(), key=lambda one: (one.parent is not None, one.code)):
        if place.id not in kept:
            continue
        above = tree.by_id.get(place.parent or 0)
        group = "街道" if above is None else "社区和村" if above.parent is None else above.name
        if place.kind is AreaKind.SECTION:
            group = LEVELS["section"]
        groups.setdefault(group, {})[place.code] = queries.place_name(place, tree)
    return {"": "请选", **groups}


def blame(form: Form, refused: Refused, other: str) -> None:
    """Put a refusal beside the field that it names, or beside `other`."""
    field = form[refused.field if refused.field in form else other]
    field.errors = [*field.errors, refused.sentence]
