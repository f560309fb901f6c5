"""The manual pages and completions: well made, and about the programs that there are."""

import gzip
import json
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from harness.daemon import HOLDFAST

SHARE = HOLDFAST.parents[1] / "share"
PAGES = ("man1/holdfast-config.1", "man1/holdfast-genhash.1", "man5/holdfast-policy.5", "man5/holdfast.conf.5", "man7/holdfast-security.7",
         "man8/holdfast-migrate.8", "man8/holdfast-posture.8", "man8/holdfast.8")
GENHASH = HOLDFAST.parents[1] / "bin" / "holdfast-genhash"
COMPLETIONS = ("bash-completion/completions/holdfast", "zsh/vendor-completions/_holdfast",
               "fish/vendor_completions.d/holdfast.fish")


def source_of(page: str) -> str:
    """A page as it is installed, which may be compressed."""
    path = SHARE / "man" / page
    return path.read_text() if path.exists() else gzip.decompress(Path(f"{path}.gz").read_bytes()).decode()


def rendered(page: str) -> str:
    """A page as a reader has it."""
    shown = subprocess.run(["mandoc", "-T", "ascii", "-O", "width=200"], input=source_of(page), text=True,
                           capture_output=True, check=True).stdout
    return re.sub(r".\x08", "", shown)


def long_options(*argv: str | Path) -> set[str]:
    """What a program's help lists."""
    said = subprocess.run([*argv, "--help"], capture_output=True, text=True)
    found = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", said.stdout + said.stderr))
    assert found
    return found


@pytest.mark.parametrize("page", PAGES)
def test_page_is_well_made(page: str) -> None:
    """mandoc finds nothing that a reader would stumble over."""
    checked = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=source_of(page), text=True,
                             capture_output=True)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(("page", "argv"), [
    ("man8/holdfast.8", (HOLDFAST,)),
    ("man1/holdfast-config.1", (HOLDFAST, "config")),
    ("man8/holdfast-migrate.8", (HOLDFAST, "migrate")),
    ("man8/holdfast-posture.8", (HOLDFAST, "posture")),
    ("man1/holdfast-genhash.1", (GENHASH,)),
])
def test_page_has_every_option(page: str, argv: tuple[str | Path, ...]) -> None:
    """And none that is not there, but those of the other programs that examples use."""
    shown = rendered(page)
    listed = long_options(*argv) - {"--help"}
    assert not {option for option in listed if not re.search(rf"(?<![\w-]){option}(?![\w-])", shown)}


@pytest.mark.parametrize("name", COMPLETIONS)
def test_completion_has_every_option(name: str) -> None:
    """Of all the programs."""
    completion = (SHARE / name).read_text()
    for argv in ((HOLDFAST,), *((HOLDFAST, program) for program in ("config", "migrate", "posture"))):
        for option in long_options(*argv) - {"--help"}:
            word = option if not name.endswith(".fish") else f"-l {option.removeprefix('--')}"
            assert re.search(rf"{re.escape(word)}(?![\w-])", completion), f"{name} lacks {option}"


def test_bash_completion_completes() -> None:
    """As a shell asks it, without the helpers that a distribution has around it."""
    script = f"""
        _init_completion() {{ words=("${{COMP_WORDS[@]}}"); cword=$COMP_CWORD; cur=${{words[cword]}}
                              prev=${{words[cword - 1]}}; split=false; }}
        compopt() {{ :; }}
        _filedir() {{ COMPREPLY=(a-file); }}
        . {SHARE}/bash-completion/completions/holdfast
        ask() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _holdfast; echo "${{COMPREPLY[@]}}"; }}
        ask holdfast co; ask holdfast config ex; ask holdfast --config-t; ask holdfast -f /; ask holdfast posture --str
    """
    said = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["config", "explain", "--config-test", "a-file", "--strict"]


def test_page_of_the_language_has_every_keyword() -> None:
    """Under the block that it stands in."""
    listed = subprocess.run([HOLDFAST, "config", "keywords", "--json"], capture_output=True, text=True, check=True).stdout
    shown = rendered("man5/holdfast.conf.5")
    items = Counter(re.findall(r"^     (\S+)", shown, re.M))
    wanted = Counter(json.loads(line)["keyword"] for line in listed.splitlines())
    assert wanted.total() > 600
    assert not wanted - items
