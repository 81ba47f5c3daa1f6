"""One word per thing: the glossary is complete, its words are used, and what it rules out is not."""

import re
import tomllib
from pathlib import Path

import pytest
from flask import Flask

from portal.ground.db import db

PORTAL = Path(__file__).resolve().parents[2] / "portal"
TERMS = tomllib.loads((PORTAL / "glossary.toml").read_text("utf8"))["term"]
WORDS = {word for term in TERMS for word in re.split(r"[_ ]", term["en"])}
#: Words of tables that need no entry: grammar, technique, plurals of words above.
PLAIN = {"ended", "files", "head", "lines", "old", "passwords", "sequences", "sessions", "values", "voidings", "words"}
PLAIN |= {"failures", "marks"}


def singular(word: str) -> str:
    if word == "people":
        return "person"
    return word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term["en"])
def test_an_entry_is_whole(term: dict[str, object]) -> None:
    assert set(term) == {"zh", "en", "room", "means", "not"}
    assert (PORTAL / str(term["room"])).is_dir()


def test_one_word_per_thing() -> None:
    assert len({term["zh"] for term in TERMS}) == len(TERMS) == len({term["en"] for term in TERMS})


def test_tables_are_named_by_the_glossary(site: Flask) -> None:
    for table in db.metadata.tables:
        room, *words = table.split("_")
        assert (PORTAL / room).is_dir(), f"{table}: a table begins with its room"
        for word in words:
            assert {word, singular(word)} & (WORDS | PLAIN | {singular(w) for w in WORDS}), f"{table}: {word}?"
