"""What `make bench-text` prints: how well case reports are read, measured on the labelled corpus.

The test part was written before the passes, by the same hand, and its differences are not looked at while tuning; some
of its traps stand in the unit tests too. Reports by others will be read less well. `development` as an argument
measures the other part instead; `--differences` lists what was missed and what was read and is not labelled.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from stormwatch.sources.text.evaluation import evaluate, examples

CORPUS = Path(__file__).resolve().parents[1] / "tests" / "corpus" / "text"
ROWS = (
    ("lab", "laboratory values (value exact)"),
    ("level", "levels in words"),
    ("drug", "drugs"),
    ("drug with dose", "drugs with dose (dose exact)"),
    ("finding", "symptoms and signs"),
    ("disease", "diagnoses and states"),
    ("age", "age"),
    ("sex", "sex"),
    ("score", "stated scores"),
    ("intervention", "interventions"),
    ("course", "course and literature claims"),
    ("qualifiers", "qualifiers"),
    ("timing", "timing"),
    ("patient", "which patient"),
)


def main() -> None:
    part = "development" if "development" in sys.argv else "test"
    found = list(examples(CORPUS / part))
    start = time.perf_counter()
    score = evaluate(found)
    spent = time.perf_counter() - start
    print(f"{part} part: {len(found)} texts, {sum(len(e.labels) for e in found)} labels, {spent:.2f} s")
    print(f"{'kind':<34}{'labels':>8}{'precision':>11}{'recall':>9}{'F1':>7}")
    for name, title in ROWS:
        count = score.row(name)
        labels = count.right + count.missed
        print(f"{title:<34}{labels:>8}{count.precision:>11.3f}{count.recall:>9.3f}{count.f1:>7.3f}")
    print(f"spans that do not hold their text: {score.invented} of {score.mentions}")
    if "--differences" in sys.argv:
        print(*score.differences, sep="\n")


if __name__ == "__main__":
    main()
