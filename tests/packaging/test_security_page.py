"""docs/security.md promises nothing without a proof: every test that it names is there."""

import re

from harness.node import ROOT

PAGE = ROOT / "docs" / "security.md"


def has_test(text: str, name: str) -> bool:
    """A function of pytest's, or Suite.Name of GoogleTest's."""
    suite, _, case = name.rpartition(".")
    wanted = rf"^TEST(_F|_P)?\({suite}, {case}\)" if suite else rf"^def {case}\("
    return re.search(wanted, text, re.M) is not None


def test_every_named_test_exists() -> None:
    """By file, and by name in it."""
    named = set(re.findall(r"`(tests/[\w/]+\.(?:py|cc|txt))(?:::([\w.]+))?`", PAGE.read_text()))
    assert len(named) > 80
    for file, name in sorted(named):
        assert (ROOT / file).is_file(), file
        assert not name or has_test((ROOT / file).read_text(), name), f"{file}::{name}"


def test_requests_hold_numbers_only() -> None:
    """No message between the processes but a line of the log holds text, bytes or a list: nothing can name an object by
    a value, and nobody can say who he is."""
    schema = re.sub(r"#.*", "", (ROOT / "ipc" / "schemas" / "messages.capnp").read_text())
    structs = dict(re.findall(r"^struct (\w+) \{(.*?)^\}", schema, re.M | re.S))
    assert "BrokerRequest" in structs
    assert [name for name, body in structs.items() if re.search(r":\s*(Text|Data|List|AnyPointer)\b", body)] == ["LogLine"]
    assert not [name for name, body in structs.items() if re.search(r"^\s*(sender|pid|uid)\b", body, re.M)]
