"""Fixtures of papers: the demonstration authority, made once a run, and a store of certificates for pdfsig."""

import shutil
import subprocess
from pathlib import Path

import pytest

from portal.papers.engine import authority, seal
from tests.conftest import NOON
from tests.papers.papermakers import an_evidence, unsealed


@pytest.fixture(scope="session")
def authority_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority") / "authority"
    assert authority.make(folder, office="垫江县桂溪街道办事处", now=NOON)
    assert not authority.make(folder, office="垫江县桂溪街道办事处", now=NOON), "made once"
    return folder


@pytest.fixture(scope="session")
def office_seal(authority_folder: Path) -> seal.Seal:
    return seal.from_folder(authority_folder, "垫江县桂溪街道办事处")


@pytest.fixture(scope="session")
def plain_file() -> bytes:
    """One unsealed paper."""
    return unsealed(an_evidence())


@pytest.fixture(scope="session")
def sealed_file(plain_file: bytes, office_seal: seal.Seal) -> bytes:
    return office_seal.press(plain_file, at=NOON)


@pytest.fixture(scope="session")
def trust_store(authority_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An NSS store that trusts the office's authority, as docs/verify.md makes it."""
    store = tmp_path_factory.mktemp("nss")
    subprocess.run(["certutil", "-N", "-d", f"sql:{store}", "--empty-password"], check=True)
    root = str(authority_folder / "ca.pem")
    subprocess.run(["certutil", "-A", "-d", f"sql:{store}", "-n", "office", "-t", "C,C,C", "-i", root], check=True)
    return f"sql:{store}"


@pytest.fixture
def sealing(instance: Path, authority_folder: Path) -> Path:
    """The authority in this test's instance folder."""
    shutil.copytree(authority_folder, instance / "authority")
    return instance / "authority"
