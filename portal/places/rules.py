"""Decisions about streets: who may answer for one, who answers for which when it follows from the grids. Pure."""

from collections.abc import Collection, Container, Iterable, Mapping

from portal.places.terms import FIELDS, KEEPING_ROLES, StreetFacts


def changed_fields(before: StreetFacts, after: StreetFacts) -> list[str]:
    """The names of the fields in which two sets of facts differ, in the order of the form."""
    return [name for name in FIELDS if getattr(before, name) != getattr(after, name)]


def keeper_refusal(
    name: str, *, active: bool, posts: Collection[tuple[str, int]], near: Container[int]
) -> str | None:  # fmt: skip
    """Say why somebody cannot answer for a street, None when they can (R3): the form, the sheet, 按网格落实 and 交接
    all ask this.

    `posts` are the roles that they hold today, each with its area; `near` the areas round the street: its communities
    with their grids, the office and its sections.
    """
    if not active:
        return f"{name}的账号现在不能登录，请换一位责任人。"
    if not posts:
        return f"{name}还没有岗位，先请安全管理员授予角色，或换一位责任人。"
    keeping = [area for role, area in posts if role in KEEPING_ROLES]
    if not keeping:
        return f"{name}的岗位不能负责路段，请换一位责任人。"
    if not any(area in near for area in keeping):
        return f"{name}不在这条路段的社区，也不在街道，请换一位责任人。"
    return None


def allotted(streets: Iterable[tuple[int, frozenset[int]]], workers: Mapping[int, frozenset[int]]) -> dict[int, int]:
    """Say who answers for which street where it follows from the grids (R3): street → person.

    `workers` are the grid workers of each grid. It follows where all grids of a street have one worker between them;
    where they have none, or several, somebody has to decide.
    """
    found = {}
    for street, grids in streets:
        people = frozenset().union(*(workers.get(grid, frozenset()) for grid in grids)) if grids else frozenset()
        if len(people) == 1 and all(workers.get(grid) for grid in grids):
            [found[street]] = people
    return found


def merged_grids(chosen: frozenset[int], before: frozenset[int], *, within: frozenset[int]) -> frozenset[int]:
    """The grids of a street after somebody chose among those within reach: what lies outside stays as it was."""
    return (chosen & within) | (before - within)
