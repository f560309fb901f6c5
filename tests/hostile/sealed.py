"""Sealed configurations made by hand, without confd: with the capnp tool, into a memfd."""

import fcntl
import os
import subprocess
from pathlib import Path

from harness.daemon import ROOT

F_ADD_SEALS = 1033
F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE = 1, 2, 4, 8
ALL_SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE
SCHEMA = ROOT / "ipc" / "schemas" / "config.capnp"


def encode(kind: str, text: str, schema: Path = SCHEMA) -> bytes:
    """The message of that struct, such as BrokerConfig, that Cap'n Proto's text describes."""
    done = subprocess.run(["capnp", "encode", str(schema), kind], input=text.encode(), capture_output=True, check=True)
    return done.stdout


def memory_file(data: bytes, seals: int = ALL_SEALS) -> int:
    """A memfd with the data in it, and the seals."""
    descriptor = os.memfd_create("holdfast-test", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(descriptor, data)
    fcntl.fcntl(descriptor, F_ADD_SEALS, seals)
    return descriptor


def ipv4(text: str) -> str:
    """An Address as Cap'n Proto's text."""
    value = int.from_bytes(bytes(int(part) for part in text.split(".")), "big")
    return f"(family = ipv4, low = {value})"
