"""The examples in the docstrings of the library and the engine are true."""

import doctest
from importlib import import_module

import pytest

from tests.test_layers import MODULES, ROOT

NAMES = [
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
    for path in MODULES
    if ">>>" in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_true(name: str) -> None:
    failed, tried = doctest.testmod(import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert tried, f"{name} has no example"
    assert not failed
