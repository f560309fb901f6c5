"""Options of the agreement tests, and where their configurations come from."""

import os
from pathlib import Path

import pytest

from harness.daemon import KEEPALIVED


SEEDS = 3


def pytest_addoption(parser: pytest.Parser) -> None:
    corpus = os.environ.get("HOLDFAST_CORPUS")
    parser.addoption("--corpus", type=Path, default=Path(corpus) if corpus else None, metavar="DIR",
                     help="configurations of other people to compare too, with an optional REFERENCE.tsv of "
                          "what keepalived says to each (default: HOLDFAST_CORPUS)")
    parser.addoption("--seeds", type=int, default=SEEDS, metavar="N",
                     help=f"how many times objects of several lines are generated, from seed 1 on ({SEEDS})")


@pytest.fixture
def reference() -> Path:
    """Debian's keepalived, whose answers are asked for."""
    if not os.access(KEEPALIVED, os.X_OK):
        pytest.skip(f"{KEEPALIVED} is not installed: there is nothing to compare with")
    return KEEPALIVED
