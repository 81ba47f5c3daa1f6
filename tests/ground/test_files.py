"""The store writes a file whole or not at all, before the row that names it (rules 6 Files)."""

import hashlib
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ground.files import FileStore, StoreFull, plain_name

# In a process of its own: files may not pass 4096 bytes (EFBIG), as on a full disk.
FULL_DISK = """
import resource, signal, sys
from pathlib import Path
sys.path[:0] = {path!r}
from portal.ground.files import FileStore, StoreFull
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    FileStore(Path({root!r})).put(b"x" * 5000, ".jpg")
except StoreFull as refused:
    print(refused)
"""


@given(st.binary(max_size=2000))
def test_round_trip(tmp_path_factory, data):
    store = FileStore(tmp_path_factory.mktemp("store"))
    digest = store.put(data, ".jpg")
    assert digest == hashlib.sha256(data).hexdigest()
    assert store.read(digest) == data
    assert store.verify(digest)
    assert list(store.digests()) == [digest]
    assert store.leftovers() == []


def test_the_same_bytes_are_one_file(tmp_path):
    store = FileStore(tmp_path)
    assert store.put(b"one", ".pdf") == store.put(b"one", ".jpg")
    digest = store.put(b"one", ".pdf")
    assert [path.name for path in (tmp_path / digest[:2]).iterdir()] == [f"{digest}.pdf"]
    assert store.path(digest).stat().st_mode & 0o077 == 0


def test_a_rotten_file_is_found_and_written_anew(tmp_path):
    store = FileStore(tmp_path)
    digest = store.put(b"one", ".pdf")
    store.path(digest).write_bytes(b"rotten")
    assert not store.verify(digest)
    store.put(b"one", ".pdf")
    assert store.verify(digest)


def test_removed_and_unknown(tmp_path):
    store = FileStore(tmp_path)
    digest = store.put(b"one")
    store.remove(digest)
    store.remove(digest)
    assert not store.has(digest)
    assert not store.verify(digest)
    with pytest.raises(FileNotFoundError):
        store.read(digest)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a" * 63, "A" * 64, "a" * 64 + "/x"])
def test_no_name_leads_out_of_the_store(tmp_path, name):
    with pytest.raises(ValueError, match="SHA-256"):
        FileStore(tmp_path).path(name)


@pytest.mark.parametrize("suffix", ["/../x", ".JPG", "jpg", ".tar.gz", ". "])
def test_suffixes_are_plain(tmp_path, suffix):
    with pytest.raises(ValueError, match="suffix"):
        FileStore(tmp_path).put(b"x", suffix)


def test_a_full_disk_leaves_nothing_and_says_so(tmp_path):
    script = FULL_DISK.format(path=sys.path, root=str(tmp_path))
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd="/")
    assert "磁盘已满" in ran.stdout
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert issubclass(StoreFull, ValueError)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("执照 照片.pdf", "执照 照片.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\桌面\\扫描.pdf", "扫描.pdf"),
        ("a\r\nX-Evil: 1.pdf", "aX-Evil: 1.pdf"),
        ("\u202efdp.exe\0.pdf", "fdp.exe.pdf"),
        ("\u200b", "附件"),
        (None, "附件"),
    ],
)
def test_what_a_file_was_called_is_safe_to_show_and_to_send(sent: str | None, kept: str) -> None:
    assert plain_name(sent, other="附件") == kept
