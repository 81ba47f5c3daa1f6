"""Modules that are loaded when they are first used: what a process may never need shall not lie in its memory.

if TYPE_CHECKING:
    from portal.papers.engine import render
else:
    render = later.module("portal.papers.engine.render")
"""

import importlib
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    """Stands for a module; the first question to it loads the real one."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self.__name__), name)


def module(name: str) -> Any:
    """Return what stands for the module `name`."""
    return _Later(name)
