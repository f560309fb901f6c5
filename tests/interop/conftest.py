"""Fixtures of the tests with Debian's keepalived as the other router."""

from pathlib import Path

import pytest


@pytest.fixture(params=["keepalived-backup", "keepalived-master"])
def programs(request: pytest.FixtureRequest, program: Path, keepalived: Path) -> tuple[Path, Path]:
    """The daemons of the first (higher priority) and the second router."""
    return (program, keepalived) if request.param == "keepalived-backup" else (keepalived, program)
