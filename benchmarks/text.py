"""What `make bench-text` prints: how well case reports are read, measured on the labelled corpus.

The test part was written before the passes, by the same hand, and its differences are not looked at while tuning; some
of its traps stand in the unit tests too. Reports by others will be read less well. `development` as an argument
measures the other part instead; `--differences` lists what was missed and what was read and is not labelled.

With `--model-server` and `--model` a language model reads the same texts, and the same table has its columns beside
those of the rules, and those of both together, which is what `stormwatch read` gives with the same options. The model
is asked for four kinds of fact; a dash stands where it is not asked. Its key, if any, is in STORMWATCH_MODEL_KEY.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from stormwatch.errors import StormwatchError
from stormwatch.sources.text import Reading, document_of, read_document
from stormwatch.sources.text.evaluation import Example, Reader, Score, evaluate, examples
from stormwatch.sources.text.llm import KINDS, Cache, ChatClient, ModelReader, Unusable, together

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
ASKED = frozenset({*KINDS, "drug with dose", "qualifiers", "timing"})
RULES, MODEL, BOTH = "rules", "model", "both"


class Asked:
    """The readings of a language model, and what of its answers was thrown away."""

    def __init__(self, reader: ModelReader) -> None:
        self.reader = reader
        self.rows = self.not_in_text = self.not_borne_out = self.unusable = 0

    def model(self, text: str) -> Reading:
        document = document_of(text)
        try:
            answered = self.reader.answered(document)
        except Unusable:
            self.unusable += 1
            return Reading(document, ())
        self.rows += answered.rows
        self.not_in_text += answered.not_in_text
        self.not_borne_out += answered.not_borne_out
        return answered.reading


def main() -> None:
    options = _options()
    found = list(examples(CORPUS / options.part))
    start = time.perf_counter()
    scores = {RULES: evaluate(found)}
    spent = time.perf_counter() - start
    print(f"{options.part} part: {len(found)} texts, {sum(len(e.labels) for e in found)} labels, {spent:.2f} s")
    asked = _asked(options)
    if asked is not None:
        scores |= _by_model(found, asked)
    print(*table(scores), sep="\n")
    for name, score in scores.items():
        whose = f"{name}: " if asked is not None else ""
        print(f"{whose}spans that do not hold their text: {score.invented} of {score.mentions}")
    if asked is not None:
        print(
            f"model: {asked.rows} facts stated; thrown away: {asked.not_in_text} whose quote is not in the text, "
            f"{asked.not_borne_out} whose quote does not say them; {asked.unusable} texts without a usable answer"
        )
    if options.differences:
        for name, score in scores.items():
            print(*([f"{name}:"] if asked is not None else []), *score.differences, sep="\n")


def table(scores: Mapping[str, Score]) -> list[str]:
    """One line for each kind of fact, with precision, recall and F1 of each reader."""
    heads = "".join(f"{'precision':>11}{'recall':>9}{'F1':>7}" for _ in scores)
    lines = [f"{'kind':<34}{'labels':>8}{heads}"]
    if len(scores) > 1:
        lines.insert(0, " " * 42 + "".join(f"{name:>27}" for name in scores))
    for row, title in ROWS:
        count = scores[RULES].row(row)
        counted = "".join(_counted(score, row, asked=name != MODEL or row in ASKED) for name, score in scores.items())
        lines.append(f"{title:<34}{count.right + count.missed:>8}{counted}")
    return lines


def _counted(score: Score, row: str, *, asked: bool) -> str:
    if not asked:
        return f"{'–':>11}{'–':>9}{'–':>7}"
    count = score.row(row)
    return f"{count.precision:>11.3f}{count.recall:>9.3f}{count.f1:>7.3f}"


def _by_model(found: Sequence[Example], asked: Asked) -> dict[str, Score]:
    """The model asks its server once a text; what both make of it is joined from the same readings."""
    readings: dict[str, Reading] = {}

    def model(text: str) -> Reading:
        readings[text] = asked.model(text)
        return readings[text]

    def both(text: str) -> Reading:
        return together(read_document(document_of(text)), readings[text], MODEL)

    readers: dict[str, Reader] = {MODEL: model, BOTH: both}
    return {name: evaluate(found, reader) for name, reader in readers.items()}


def _asked(options: argparse.Namespace) -> Asked | None:
    if not (options.model_server and options.model):
        return None
    key = os.environ.get("STORMWATCH_MODEL_KEY", "")
    client = ChatClient(options.model_server, options.model, key, options.model_timeout)
    return Asked(ModelReader(client, Cache(options.model_cache)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("part", nargs="?", choices=("test", "development"), default="test")
    parser.add_argument("--differences", action="store_true", help="list what was missed or read too much")
    parser.add_argument("--model-server", default="", help="ask a language model at this address, too")
    parser.add_argument("--model", default="", help="its name")
    parser.add_argument("--model-cache", type=Path, default=Path("model-answers"), help="the folder of its answers")
    parser.add_argument("--model-timeout", type=float, default=120, help="seconds it may be silent")
    options = parser.parse_args()
    if bool(options.model_server) != bool(options.model):
        parser.error("a language model needs both: --model-server for its address and --model for its name")
    return options


if __name__ == "__main__":
    try:
        main()
    except StormwatchError as problem:
        print(problem, file=sys.stderr)
        sys.exit(problem.exit_code)
