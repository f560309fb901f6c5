"""Writes holdfast.conf(5): its text, with what `holdfast config keywords --json` says in place of @KEYWORDS@.

usage: keywords.py KEYWORDS-PROGRAM TEXT OUTPUT
"""
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

Keyword = dict[str, object]

PLACES = {
    "": "At the top of a file",
    "line directive": "What acts on lines, before they are read as keywords",
    "built-in definition": "Definitions that are always there",
    "virtual_ipaddress line": "A line of virtual_ipaddress and its like",
    "virtual_routes line": "A line of virtual_routes and static_routes",
    "virtual_rules line": "A line of virtual_rules and static_rules",
    "track line": "A line of track_script, track_interface and their like",
}


def escaped(text: str) -> str:
    """As roff takes it for plain text: no escapes, no hyphens of prose in what is to be copied, no requests."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq").replace("'", "\\(aq")
    text = text.replace("^", "\\(ha").replace("~", "\\(ti")
    return f"\\&{text}" if text.startswith(".") else text


def title(place: str) -> str:
    """Where a keyword may stand, for a reader: the path of blocks with the outermost first."""
    if place in PLACES:
        return PLACES[place]
    return " \u203a ".join(part.removesuffix(" line") for part in place.split("/"))


def words(text: str) -> str:
    """The arguments of an `.It` line, each of which mdoc would read as one of its macros if it looked like one."""
    return " ".join(f"\\&{escaped(word)}" for word in text.split())


def item(keyword: Keyword) -> Iterator[str]:
    """One keyword of the list."""
    yield f".It Ic \\&{escaped(str(keyword['keyword']))} No {words(str(keyword['syntax']))}".removesuffix(" No ")
    meaning = str(keyword["meaning"])
    yield escaped(meaning + ".")
    if keyword["otherwise"]:
        yield f"Otherwise {escaped(str(keyword['otherwise']))}."
    if not keyword["acts"]:
        yield "This version understands it, and does not act on it."


def sections(keywords: list[Keyword]) -> Iterator[str]:
    """A subsection for each block, in the order of the tables."""
    for place in dict.fromkeys(str(keyword["block"]) for keyword in keywords):
        yield f".Ss {words(title(place))}"
        yield ".Bl -tag -width indent"
        for keyword in keywords:
            if keyword["block"] == place:
                yield from item(keyword)
        yield ".El"


def main() -> None:
    program, text, output = sys.argv[1:]
    said = subprocess.run([program, "keywords", "--json"], check=True, capture_output=True, text=True).stdout
    keywords = [json.loads(line) for line in said.splitlines()]
    Path(output).write_text(
        Path(text).read_text(encoding="utf-8").replace("@KEYWORDS@", "\n".join(sections(keywords))), encoding="utf-8")


if __name__ == "__main__":
    main()
