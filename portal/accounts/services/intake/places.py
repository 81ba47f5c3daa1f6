"""区域 as people write it → an area: its code, its name, or a community's name and a grid's together."""

import re
from difflib import get_close_matches

from portal.areas.queries import Place, Tree
from portal.ground.fields.letters import DASHES, Misread, half_width


def resolve(text: str, tree: Tree) -> Place:
    """Return the area that is meant. Raises `Misread` with what it may have been; two that fit are never guessed."""
    code = "".join("-" if sign in DASHES else sign for sign in half_width(text)).upper()
    if code in tree.by_code:
        return tree.by_code[code]
    found = [place for place in tree.by_code.values() if text in names(place, tree)]
    if len(found) == 1:
        return found[0]
    if found:
        fitting = "、".join(f"{place.code} {names(place, tree)[0]}" for place in found[:4])
        raise Misread(f"“{text[:12]}”不止一个，请填编号：{fitting}{'等' if len(found) > 4 else ''}")
    known = [one for place in tree.by_code.values() for one in names(place, tree)[:1]]
    near = get_close_matches(text, known, 1, 0.5)
    raise Misread(f"没有叫“{text[:12]}”的地方，请填编号或全名", near[0] if near else None)


def names(place: Place, tree: Tree) -> list[str]:
    """What people call an area, the whole name first: 明月社区二网格, 明月二网格, 二网格."""
    above = tree.by_id.get(place.parent or 0)
    if above is None:
        return [place.name, "街道", "街道本级", "全街道", re.sub("街道.*$", "", place.name)]
    short = re.sub("(社区|村)$", "", place.name)
    if above.parent is None:
        return [place.name, short]
    return [f"{above.name}{place.name}", f"{re.sub('(社区|村)$', '', above.name)}{place.name}", place.name]
