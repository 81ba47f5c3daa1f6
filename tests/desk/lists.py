"""How many rows a list of the portal has, by its own words; and the figures of a desk, with what is overdue of them."""

import re

#: A figure: where it leads, its label, its number, its unit.
FIGURE = re.compile(r'<a[^>]*href="([^"]+)"[^>]*><span>.*?</svg>([^<]*)</span><b>([\d,.]+)<small>([^<]+)</small>', re.S)
#: What is overdue of a figure: where it leads, its number.
PART = re.compile(r'<em>[^<]*<a href="([^"]+)">超期 ([\d,]+)</a>')
_SHOWN = re.compile(r"共 ([\d,]+) [份家人条行]|([\d,]+) 条没办")
_WHOLE = re.compile(r'class="count">([\d,]+) [份家人条]')


def plain(number: str) -> int:
    """1,234 as a number."""
    return int(number.replace(",", ""))


def rows_in(page: str) -> int:
    """The rows of a list as it is asked for, none, else all that it has; a page that says none of it is no list."""
    shown = page.split("<main", 1)[1]
    if found := _SHOWN.search(shown):
        return plain(found[1] or found[2])
    if 'class="empty"' in shown:
        return 0
    whole = _WHOLE.search(shown)
    assert whole, "no list"
    return plain(whole[1])
