"""一行字: free text of one line."""

import re
from collections.abc import Callable

from portal.ground.fields.letters import BLANKS, Misread, refuse_unseen
from portal.ground.fields.names import half_width_letters


def line(what: str, most: int) -> Callable[[str], str]:
    """A cleaner for one line of free text of at most `most` characters."""

    def clean(text: str) -> str:
        plain = half_width_letters(text.strip(BLANKS))
        refuse_unseen(re.sub("[ \u00a0\u2000-\u200a\u202f\u205f\u3000]", " ", plain), what)
        plain = re.sub(f"[{BLANKS}]+", " ", plain)
        if len(plain) > most:
            raise Misread(f"{what}最多 {most} 个字，现在有 {len(plain)} 个")
        return plain

    return clean
