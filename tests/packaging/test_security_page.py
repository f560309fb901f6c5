"""docs/security.md promises nothing without a proof: every test that it names is there."""

import re

from harness.node import ROOT

PAGE = ROOT / "docs" / "security.md"


def test_every_named_test_exists() -> None:
    """By file, and by name in it."""
    named = set(re.findall(r"`(tests/[\w/]+\.(?:py|cc))(?:::(\w+))?`", PAGE.read_text()))
    assert len(named) > 30
    for file, name in sorted(named):
        assert (ROOT / file).is_file(), file
        if name:
            assert f"\ndef {name}(" in (ROOT / file).read_text(), f"{file}::{name}"
