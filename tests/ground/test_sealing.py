"""Sealing: what is sealed opens in its own place alone (rules 6 Personal data; proofs.md, Traps)."""

import re
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ground.sealing import SealBroken, Sealer, load_keys, make_keys

SEALER = Sealer({"0001": bytes(range(32))}, bytes(range(32, 64)))
WHERE, REF = "tenures.phone", "b7a1"


@given(st.text(), st.text(), st.text())
def test_round_trip(plain, where, ref):
    sealed = SEALER.seal(plain, where=where, ref=ref)
    assert SEALER.open(sealed, where=where, ref=ref) == plain
    assert sealed != SEALER.seal(plain, where=where, ref=ref)
    assert re.fullmatch(r"v1:0001:[A-Za-z0-9+/=]+", sealed)


@given(st.text(min_size=1), st.text(min_size=1))
def test_another_row_or_column_does_not_open(plain, other):
    sealed = SEALER.seal(plain, where=WHERE, ref=REF)
    for where, ref in ((WHERE, REF + other), (WHERE + other, REF)):
        with pytest.raises(SealBroken, match="another row"):
            SEALER.open(sealed, where=where, ref=ref)


@given(st.data())
def test_any_changed_sign_is_found(data):
    sealed = SEALER.seal("13812345678", where=WHERE, ref=REF)
    place = data.draw(st.integers(0, len(sealed) - 1))
    sign = data.draw(st.sampled_from("abcXYZ019+/:"))
    changed = sealed[:place] + sign + sealed[place + 1 :]
    if changed != sealed:
        with pytest.raises(SealBroken):
            SEALER.open(changed, where=WHERE, ref=REF)


def test_indexes_are_apart_by_place_and_key():
    one = SEALER.index("13812345678", WHERE)
    assert one == SEALER.index("13812345678", WHERE)
    assert re.fullmatch("[0-9a-f]{64}", one)
    assert one != SEALER.index("13812345678", "people.phone")
    assert one != Sealer({"0001": bytes(range(32))}, bytes(32)).index("13812345678", WHERE)
    assert SEALER.tail_index("13812345678", WHERE) == SEALER.tail_index("02300005678", WHERE)
    assert SEALER.tail_index("023-74512345转801", WHERE) == SEALER.index("2345", f"{WHERE}.tail")


def test_old_keys_open_and_the_newest_seals(tmp_path):
    made = make_keys(tmp_path / "keys")
    assert [path.name for path in made] == ["sealing-0001.key", "index.key"]
    assert make_keys(tmp_path / "keys") == []
    first = load_keys(tmp_path / "keys")
    sealed = first.seal("张三", where=WHERE, ref=REF)
    make_keys(tmp_path / "later", above=1)
    shutil.copy(tmp_path / "later" / "sealing-0002.key", tmp_path / "keys")
    both = load_keys(tmp_path / "keys")
    assert both.open(sealed, where=WHERE, ref=REF) == "张三"
    assert both.seal("张三", where=WHERE, ref=REF).startswith("v1:0002:")
    assert both.index("张三", WHERE) == first.index("张三", WHERE)
    with pytest.raises(SealBroken, match="key 0002"):
        first.open(both.seal("x", where=WHERE, ref=REF), where=WHERE, ref=REF)


def test_keys_that_others_can_read_are_refused(tmp_path):
    make_keys(tmp_path)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    (tmp_path / "index.key").chmod(0o640)
    with pytest.raises(RuntimeError, match=r"index\.key 别的帐户也能读（0640）.*chmod 600"):
        load_keys(tmp_path)


def test_missing_and_broken_keys_say_what_to_do(tmp_path):
    with pytest.raises(RuntimeError, match="flask secrets make"):
        load_keys(tmp_path / "nowhere")
    make_keys(tmp_path)
    (tmp_path / "sealing-0001.key").write_text("short")
    with pytest.raises(RuntimeError, match="从密钥备份拷回来"):
        load_keys(tmp_path)
    (tmp_path / "sealing-0001.key").write_text("0123" * 16)
    with pytest.raises(RuntimeError, match="太简单"):
        load_keys(tmp_path)


def test_a_sealer_shows_no_key():
    assert repr(SEALER) == "<Sealer 1 keys, 0001 seals>"
    with pytest.raises(ValueError, match="must not be"):
        Sealer({"1": bytes(32)}, bytes(32))
