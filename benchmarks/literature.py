"""What `make bench-literature` prints: how long the library takes to add synthetic abstracts and to search them.

The abstracts are random words of our own, of the length of a real one, with the names of drugs and events that the
queries look for strewn in. They are written as RIS and read back, as an export of a literature service would be.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from stormwatch.literature.library import Library, library
from stormwatch.literature.matching import match_of
from stormwatch.literature.search import search
from stormwatch.sources.text import read_documents

QUERIES = (
    "blinatumomab AND macrophage activation syndrome",
    "T-cell engagers AND (HLH OR CRS) NOT children",
    '"cytokine release syndrome" AND tocilizumab',
    "fever",
    "ferr* AND spleen*",
)
_NAMES = (
    *("blinatumomab", "teclistamab", "tocilizumab", "dexamethasone", "macrophage activation syndrome", "HLH"),
    *("cytokine release syndrome", "fever", "ferritin", "splenomegaly", "children"),
)
_SYLLABLES = tuple("abcdefghijklmnopqrstuvwxyz"[i] + vowel for i in range(1, 20, 2) for vowel in "aou")
_WORDS_EACH = 220


def abstracts(count: int, seed: int = 1) -> str:
    """A RIS file of so many synthetic records."""
    draw = random.Random(seed)
    words = ["".join(draw.choices(_SYLLABLES, k=draw.randint(1, 4))) for _ in range(20_000)]
    return "".join(_record(number, draw, words) for number in range(count))


def _record(number: int, draw: random.Random, words: list[str]) -> str:
    body = draw.choices(words, k=_WORDS_EACH)
    for name in draw.sample(_NAMES, 2):
        body.insert(draw.randrange(len(body)), name)
    title = " ".join(draw.choices(words, k=12)).capitalize()
    fields = {
        "TY": "JOUR",
        "TI": title,
        "JO": "A journal",
        "PY": draw.randint(1990, 2025),
        "DO": f"10.9999/{number}",
        "AB": f"{' '.join(body)}.",
        "ER": "",
    }
    return "".join(f"{tag}  - {value}\n" for tag, value in fields.items())


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with TemporaryDirectory() as folder:
        source = Path(folder) / "export.ris"
        source.write_text(abstracts(count), encoding="utf-8")
        start = time.perf_counter()
        with library(Path(folder) / "library.sqlite") as held:
            held.add(read_documents(source))
            print(f"{count:,} abstracts read and added in {time.perf_counter() - start:.1f} s")
            start = time.perf_counter()
            held.add(read_documents(source))
            print(f"the same added again, all joined, in {time.perf_counter() - start:.1f} s; {len(held):,} entries")
            for query in QUERIES:
                print(f"{_milliseconds(held, query)}  {query}")


def _milliseconds(held: Library, query: str) -> str:
    spent, found = [], 0
    for _ in range(9):
        start = time.perf_counter()
        found = len(search(held, match_of(query), 20))
        spent.append((time.perf_counter() - start) * 1000)
    return f"{median(spent):7.1f} ms median, {max(spent):7.1f} ms worst, best {found} shown"


if __name__ == "__main__":
    main()
