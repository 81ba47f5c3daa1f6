"""社区 and 网格 as people write them → a grid within reach, or a sentence that names those that there are."""

import re
from difflib import get_close_matches

from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.fields.letters import Misread
from portal.merchants.queries.reach import Place, Tree

DIGITS = "零一二三四五六七八九"


class NoPlace(Misread):
    """A community or grid that is not there; `key` says which cell is meant."""

    def __init__(self, key: str, sentence: str, cure: str | None = None):
        super().__init__(sentence, cure)
        self.key = key


def resolve(community: str | None, grid: str, *, tree: Tree, actor: Actor) -> int:
    """Return the grid's row id: by its code (`MY-02`), or by its name within the community. Raises `NoPlace`."""
    grids = tree.grids_within(actor, Can.MERCHANTS_IMPORT)
    by_code = next((one for one in grids if one.code == grid.upper().replace("－", "-")), None)
    if by_code is not None:
        if community and not _called(tree.by_id[by_code.parent or 0], community):
            own = tree.by_id[by_code.parent or 0].name
            raise NoPlace("community", f"网格 {by_code.code} 属于{own}，社区和网格对不上", own)
        return by_code.id
    home = _community(community, tree, actor)
    there = [one for one in grids if one.parent == home.id]
    found = next((one for one in there if _plain(one.name) == _plain(grid)), None)
    if found is not None:
        return found.id
    names = [one.name for one in there]
    near = get_close_matches(grid, names, 1, 0.34)
    raise NoPlace("grid", f"{home.name}没有“{grid[:12]}”，只有{'、'.join(names)}", near[0] if near else None)


def _community(name: str | None, tree: Tree, actor: Actor) -> Place:
    within = tree.communities_within(actor, Can.MERCHANTS_IMPORT)
    if not name:
        if len(within) == 1:
            return within[0]
        raise NoPlace("community", "请填社区，同名的网格不止一个")
    found = next((one for one in within if _called(one, name)), None)
    if found is not None:
        return found
    if any(_called(one, name) for one in tree.communities):
        raise NoPlace("community", f"{name[:12]}不在您的管辖范围")
    near = get_close_matches(name, [one.name for one in within], 1, 0.4)
    raise NoPlace("community", f"没有叫“{name[:12]}”的社区或村", near[0] if near else None)


def _called(place: Place, name: str) -> bool:
    return name in (place.name, place.code) or _plain(name) == _plain(place.name)


def _plain(name: str) -> str:
    """二网格, 第二网格, 2网格 and 2号网格 are one; 明月 is 明月社区."""
    plain = re.sub(r"^第|号?网格$|社区$|村$", "", name)
    return _numeral(int(plain)) if re.fullmatch(r"[1-9]\d?", plain) else plain


def _numeral(count: int) -> str:
    """12 → 十二, up to 99."""
    tens, ones = divmod(count, 10)
    head = "" if not tens else "十" if tens == 1 else DIGITS[tens] + "十"
    return head + (DIGITS[ones] if ones else "")
