"""Load without interruption: what a pack builds is kept, so looking for garbage is in vain."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dis import hasconst
from importlib.machinery import SourceFileLoader
from inspect import CO_OPTIMIZED
from types import CodeType, ModuleType

_LARGE_FROM, _LARGE_BYTES = -3, 65_536
_MOST_HEAPS = -8  # M_MMAP_THRESHOLD and M_ARENA_MAX of mallopt(3)
_READS_FIRST = tuple(bytes((operation, 0)) for operation in hasconst)
_NO_DOC = "."  # SQLAlchemy insists on some docstring


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
def without_docs() -> Iterator[None]:
    """Import modules without their docstrings: six megabytes that a bot never reads.

    What ``python -OO`` does for all commands, but their help is made of docstrings. Those of
    functions are replaced while a module is loaded, so that they leave no holes; those of classes
    and modules are dropped in the end.
    """
    whole = SourceFileLoader.get_code

    def bare(loader: SourceFileLoader, name: str) -> CodeType | None:
        code = whole(loader, name)
        return _without_docs(code) if code else None

    SourceFileLoader.get_code = bare  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        SourceFileLoader.get_code = whole  # type: ignore[method-assign]
    for each in gc.get_objects():
        if isinstance(each, type | ModuleType) and vars(each).get("__doc__"):
            with suppress(AttributeError, TypeError):  # of a class in C
                each.__doc__ = None


def _without_docs(code: CodeType) -> CodeType:
    """Return ``code`` without the docstrings of its functions.

    A function's is its first constant; where that may be read as a value too, it stays.
    """
    consts = tuple(_without_docs(c) if isinstance(c, CodeType) else c for c in code.co_consts)
    if code.co_flags & CO_OPTIMIZED and isinstance(next(iter(consts), None), str):
        read = any(each in code.co_code for each in _READS_FIRST)
        consts = consts if read else (_NO_DOC, *consts[1:])
    return code.replace(co_consts=consts)


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
