"""A thing that is measured, and the values that one or many runs gave for it."""

from dataclasses import dataclass
from pathlib import Path

Values = dict[str, list[float]]
"""Measured values by the key of their metric."""


@dataclass(frozen=True)
class Metric:
    """Less is better for every one of them."""

    key: str
    title: str
    unit: str
    digits: int = 2
    bar: float | None = None
    """What the ratio is to be at most."""


@dataclass(frozen=True)
class Subject:
    """A daemon that is measured."""

    label: str
    program: Path
