"""The tables of the language, as `holdfast config keywords --json` prints them."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Keyword:
    """One row of a table."""

    block: str
    """Where it stands: blocks from the outermost on with `/` between; empty: in none."""
    name: str
    kind: str
    syntax: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    bare: bool
    """Whether it may stand alone."""

    @property
    def path(self) -> str:
        """How lists call it."""
        return f"{self.block}/{self.name}" if self.block else self.name


def listed(program: Path) -> list[Keyword]:
    """Every keyword that a Holdfast knows."""
    rows = subprocess.run([program, "config", "keywords", "--json"], stdin=subprocess.DEVNULL, check=True,
                          capture_output=True, text=True).stdout
    return [Keyword(row["block"], row["keyword"], row["kind"], row["syntax"], row.get("low"), row.get("high"),
                    tuple(row.get("choices", ())), row["bare"] or row["kind"] == "flag") for row in map(json.loads, filter(None, rows.splitlines()))]
