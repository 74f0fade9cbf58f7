"""How a bot starts with little: modules without docstrings, and without what is optional."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MODULE = '''
"""Of the module."""

class Told:
    """Of the class."""

    def method(self):
        """Of the method."""
        return "value"

def plain():
    """Of the function."""
    return "another value"

def outer():
    def inner():
        """Of the inner one."""
    return inner

def twice():
    "both docstring and value"
    return "both docstring and value"

def undocumented():
    return "value alone"

def many():
    return [word + "!" for word in ("a", "b")], [f"{n}" for n in range(2)], lambda: "c"
'''
USE = """
from content.startup import without_docs
with without_docs():
    import told
import told_later
print([told.__doc__, told.Told.__doc__, told.Told.method.__doc__, told.plain.__doc__,
       told.outer().__doc__])
print([told.Told().method(), told.plain(), told.twice(), told.undocumented()])
print([*told.many()[:2], told.many()[2]()])
print([told_later.__doc__, told_later.plain.__doc__])
"""


@pytest.fixture
def said(tmp_path: Path) -> list[str]:
    """What a process says that imports the module without docstrings, twice for the cache."""
    for name in ("told", "told_later"):
        (tmp_path / f"{name}.py").write_text(MODULE, encoding="utf-8")
    path = f"import sys; sys.path.insert(0, {str(tmp_path)!r})"
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", path + USE], capture_output=True, text=True, check=True
        )
    return done.stdout.splitlines()


def test_docstrings_are_gone(said: list[str]) -> None:
    """Those of modules, classes, methods and functions, also of inner ones."""
    assert said[0] == "[None, None, '.', '.', '.']"


def test_values_stay(said: list[str]) -> None:
    """No string that code uses is taken for a docstring, not even when it is one, too."""
    assert said[1] == "['value', 'another value', 'both docstring and value', 'value alone']"
    assert said[2] == "[['a!', 'b!'], ['0', '1'], 'c']"


def test_other_imports_keep_theirs(said: list[str]) -> None:
    """What is imported later has its docstrings, and so has what Python keeps compiled."""
    assert said[3] == "['Of the module.', 'Of the function.']"
