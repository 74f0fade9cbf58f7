"""Load without interruption: what a pack builds is kept, so looking for garbage is in vain."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import ModuleType

_LARGE_FROM, _LARGE_BYTES = -3, 65_536
_MOST_HEAPS = -8  # M_MMAP_THRESHOLD and M_ARENA_MAX of mallopt(3)


@contextmanager
def no_collection() -> Iterator[None]:
    """Keep the garbage collector from searching while many lasting objects are made.

    It takes a third of the loading time otherwise. Afterwards all that exists is put aside
    (``gc.freeze``): a search through a whole pack would hold up a question for 50 ms.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


@contextmanager
def without(*modules: str) -> Iterator[None]:
    """Let the import of each of these fail: of what is optional for a library and not used here."""
    absent = [module for module in modules if module not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for module in absent:
            del sys.modules[module]


@contextmanager
def bare(package: str) -> Iterator[None]:
    """Let single modules of ``package`` be imported without all that its ``__init__`` imports."""
    whole, _, name = package.rpartition(".")
    absent = package not in sys.modules
    if absent:
        stand_in = ModuleType(package)
        stand_in.__path__ = [f"{folder}/{name}" for folder in sys.modules[whole].__path__]
        sys.modules[package] = stand_in
    try:
        yield
    finally:
        if absent:
            del sys.modules[package]


def without_docs() -> None:
    """Drop the docstrings of all classes and modules: two megabytes that a bot never reads.

    Those of functions are part of their code, and stay.
    """
    for each in gc.get_objects():
        if isinstance(each, type | ModuleType) and vars(each).get("__doc__"):
            with suppress(AttributeError, TypeError):  # of a class in C
                each.__doc__ = None


def be_frugal() -> None:
    """Let what is freed go back to the system: large blocks at once, threads share one heap.

    Where the C library is not glibc nothing is changed.
    """
    tune = _from_glibc("mallopt")
    if tune is not None:
        tune(_LARGE_FROM, _LARGE_BYTES)
        tune(_MOST_HEAPS, 1)


def give_back() -> None:
    """Give memory that only loading needed back to the system."""
    trim = _from_glibc("malloc_trim")
    if trim is not None:
        trim(0)


def _from_glibc(name: str) -> Callable[..., int] | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
