"""Load without interruption: what a pack builds is kept, so looking for garbage is in vain."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
