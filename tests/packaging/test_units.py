"""What systemd thinks of the units, in tenths of its points: bounds on what they may lose again."""

import subprocess
from pathlib import Path

import pytest

from harness.node import ROOT

PACKAGING = ROOT / "packaging"
DROP_IN = "no-scripts.conf"


def exposure_is_at_most(unit: Path, threshold: int) -> None:
    """Fails with systemd's own table."""
    judged = subprocess.run(["systemd-analyze", "security", "--offline=yes", f"--threshold={threshold}", "--no-pager",
                             unit], capture_output=True, text=True)
    assert judged.returncode == 0, judged.stdout + judged.stderr


@pytest.mark.parametrize(("name", "threshold"), [("holdfast-dynamic", 25), ("holdfast", 65)])
def test_exposure(tmp_path: Path, name: str, threshold: int) -> None:
    """keepalived's own unit has 96. The one that starts as root leaves its scripts what such scripts are known to use."""
    unit = tmp_path / f"{name}.service"
    unit.write_text((PACKAGING / unit.name).read_text())
    exposure_is_at_most(unit, threshold)


def test_exposure_without_scripts(tmp_path: Path) -> None:
    """With the drop-in for a configuration that needs to become nobody else."""
    unit = tmp_path / "holdfast-dynamic.service"
    unit.write_text((PACKAGING / unit.name).read_text())
    drop_in = tmp_path / f"{unit.name}.d" / DROP_IN
    drop_in.parent.mkdir()
    drop_in.write_text((PACKAGING / drop_in.parent.name / DROP_IN).read_text())
    exposure_is_at_most(unit, 20)


@pytest.mark.parametrize("name", ["holdfast-dynamic", "holdfast"])
def test_units_are_understood(tmp_path: Path, name: str) -> None:
    """systemd says nothing about them, once their program is there."""
    unit = tmp_path / f"{name}.service"
    unit.write_text((PACKAGING / unit.name).read_text().replace("/usr/sbin/holdfast", "/bin/true"))
    judged = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit],
                            capture_output=True, text=True)
    assert (judged.returncode, judged.stdout + judged.stderr) == (0, "")
