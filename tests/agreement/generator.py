"""Makes valid and nearly valid configurations out of the tables of the language.

Every keyword is tried with every sample of its kind, at its bounds and beside them; with a seed, also
several lines together, misspelt, repeated and in the wrong block. Whether a line is right is not known
here: keepalived says it.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence

from keywords import Keyword
from samples import BLOCKS, COMMANDS, KEYWORDS, LISTS, NUMBERS, SWITCHES, TIMES
from scaffolding import ALONE, LATER, OBJECTS, OF_THE_SOURCE, Object, make, make_of_many

SHARING = 100
"""Objects in one file."""

LARGEST = 250
"""Their numbers are VRIDs and parts of addresses."""

_OF_A_KIND: dict[str, tuple[str, ...]] = {
    "flag": ("", "on", "more"),
    "switch": ("", *SWITCHES),
    "number": NUMBERS,
    "time": TIMES,
    "command": COMMANDS,
    "word": ("word", '"two words"', "two words"),
    "name": ("name", '"two words"', "two words"),
    "words": ("word", "two words"),
    "user": ("root", "root root", "nobody_knows", "root nobody_knows", "root root more"),
}


def _beside(bound: float) -> Iterator[str]:
    for step in (-1, 0, 1):
        yield f"{bound + step:.6f}".rstrip("0").rstrip(".")


def values(keyword: Keyword) -> list[str]:
    """The words to try behind a keyword."""
    found = [*keyword.choices, *(choice.upper() for choice in keyword.choices)]
    found += KEYWORDS.get(keyword.name, _OF_A_KIND.get(keyword.kind, ()))
    for bound in (keyword.low, keyword.high):
        if bound is not None:
            found += _beside(bound)
    return list(dict.fromkeys([*found, ""]))


def lines(keyword: Keyword) -> Iterator[str]:
    """The lines to try for a keyword; one of a list has a block."""
    if keyword.name in BLOCKS and not (keyword.name == "track_file" and keyword.block):
        for block in BLOCKS[keyword.name]:
            yield block.replace("%k", keyword.name)
        return
    if keyword.kind == "list" or keyword.name in LISTS and keyword.block != "virtual_server/real_server/FILE_CHECK":
        for entry in LISTS.get(keyword.name, ()):
            yield f"{keyword.name} {{\n{entry}\n}}"
        yield f"{keyword.name} {{\n}}"
        return
    for value in values(keyword):
        yield f"{keyword.name} {value}".rstrip()


def may_end_the_reading(one: Object) -> bool:
    """Whether keepalived may stop at the line because a parameter is missing: then the rest of the file is
    not checked, and the object needs a file of its own."""
    return len(one.line.split()) == 1 and not one.keyword.bare


def _template(block: str) -> str | None:
    return OBJECTS.get(block) or ALONE.get(block)


def unknown_blocks(keywords: Sequence[Keyword]) -> set[str]:
    """Blocks of the tables that nothing is generated for."""
    return {keyword.block for keyword in keywords
            if _template(keyword.block) is None and keyword.block not in (*LATER, *OF_THE_SOURCE)
            and " line" not in keyword.block}


def every_line(keywords: Sequence[Keyword]) -> Iterator[Object]:
    """One object for each line that can be tried on its own, numbered so that neighbours can share a file."""
    number = 0
    for keyword in keywords:
        template = _template(keyword.block)
        if template is None:
            continue
        for line in lines(keyword):
            number = number % LARGEST + 1
            yield make(template, keyword, line, number)


def _misspelt(word: str, choose: random.Random) -> str:
    at = choose.randrange(len(word))
    return choose.choice([word[:at] + word[at + 1:], word[:at] + word[at] + word[at:], word[:at] + "x" + word[at + 1:]]) or "x"


def some_objects(keywords: Sequence[Keyword], seed: int, count: int) -> Iterator[Object]:
    """Objects with a few lines each, of which often none is wrong, and often one."""
    choose = random.Random(seed)
    blocks = [block for block in sorted({keyword.block for keyword in keywords}) if block in OBJECTS]
    inside = {block: [keyword for keyword in keywords if keyword.block == block and list(lines(keyword))] for block in blocks}
    everywhere = [keyword for keyword in keywords if list(lines(keyword))]
    for number in range(1, count + 1):
        block = choose.choice([block for block in blocks if inside[block]])
        chosen = [choose.choice(inside[block]) for _ in range(choose.randint(1, 4))]
        tried = [choose.choice(list(lines(keyword))) for keyword in chosen]
        mutation = choose.randrange(5)
        if mutation == 0:
            tried.append(choose.choice(tried))
        elif mutation == 1:
            word, _, rest = tried[0].partition(" ")
            tried[0] = f"{_misspelt(word, choose)} {rest}".rstrip()
        elif mutation == 2:
            chosen.append(choose.choice(everywhere))
            tried.append(choose.choice(list(lines(chosen[-1]))))
        tried = [line for line in tried if len(line.split()) > 1]
        # keepalived takes the lines of a second such list for keywords, and ends at them.
        if sum(line.startswith("interfaces {") for line in tried) > 1:
            continue
        yield make_of_many(OBJECTS[block], chosen, tried, number % LARGEST + 1)


def files(objects: Sequence[Object]) -> list[list[Object]]:
    """The objects by the file that they are tried in."""
    def has_to_be_alone(one: Object) -> bool:
        whole = one.keyword.name in BLOCKS and one.keyword.name != "SSL"
        return one.keyword.block == "SSL" or one.keyword.block == "" and not whole or may_end_the_reading(one)

    alone = [[one] for one in objects if has_to_be_alone(one)]
    shared = [one for one in objects if not has_to_be_alone(one) and one.keyword.block != "global_defs"]
    together = [shared[first:first + SHARING] for first in range(0, len(shared), SHARING)]
    # In global_defs a keyword stands once in each file.
    turns: dict[str, int] = defaultdict(int)
    of_global_defs: dict[int, list[Object]] = defaultdict(list)
    for one in objects:
        if one.keyword.block == "global_defs" and not has_to_be_alone(one):
            of_global_defs[turns[one.keyword.name]].append(one)
            turns[one.keyword.name] += 1
    return alone + together + list(of_global_defs.values())
