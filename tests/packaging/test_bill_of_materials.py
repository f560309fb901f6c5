"""tools/sbom: what an auditor's scanner gets."""

import json
import subprocess

import pytest

from harness.daemon import HOLDFAST
from harness.node import ROOT


@pytest.fixture(scope="module")
def document() -> dict[str, list[dict[str, object]]]:
    """Of the programs that are staged."""
    made = subprocess.run([ROOT / "tools" / "sbom"], check=True, capture_output=True, text=True).stdout
    read: dict[str, list[dict[str, object]]] = json.loads(made)
    return read


def test_every_program_is_in_it(document: dict[str, list[dict[str, object]]]) -> None:
    """By its name, where it was compiled."""
    installed = {path.name for path in (HOLDFAST, *(HOLDFAST.parents[1] / "libexec" / "holdfast").iterdir())
                 if path.read_bytes().startswith(b"\x7fELF")}
    assert len(installed) > 5
    assert installed <= {str(file["fileName"]).removeprefix("./") for file in document["files"]}


def test_every_relation_is_between_what_is_there(document: dict[str, list[dict[str, object]]]) -> None:
    """And every package is used by a program."""
    known = {element["SPDXID"] for kind in ("packages", "files") for element in document[kind]} | {"SPDXRef-DOCUMENT"}
    for relation in document["relationships"]:
        assert {relation["spdxElementId"], relation["relatedSpdxElement"]} <= known
    assert known - {"SPDXRef-DOCUMENT"} == {relation["relatedSpdxElement"] for relation in document["relationships"]}


def test_who_is_exposed_to_servers_links_what_reads_them(document: dict[str, list[dict[str, object]]]) -> None:
    """TLS is in what has no privilege, and in nothing that has one."""
    linked = {(relation["spdxElementId"], relation["relatedSpdxElement"]) for relation in document["relationships"]}
    assert ("SPDXRef-File-holdfast-checkd", "SPDXRef-Package-libssl3") in linked
    for program in ("holdfast", "holdfast-privd", "holdfast-vrrpd"):
        assert (f"SPDXRef-File-{program}", "SPDXRef-Package-libssl3") not in linked
