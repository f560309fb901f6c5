"""The programs of bench/ that are compiled."""

import os
from pathlib import Path

from harness.node import ROOT


def program(name: str) -> Path:
    """bench/NAME of the build."""
    places = [ROOT / "build" / build / "bench" / name for build in ("gcc", ".")]
    for place in places:
        if os.access(place, os.X_OK):
            return place
    raise FileNotFoundError(f"{name} is built with everything else: {places[0]}")
