"""One run of the benchmark: our answer first, every peer checked against it, and then the clock."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hospital.equality import Compared, changes_equal, moments_equal, rows_equal
from hospital.measures import ACES, CHANGES, OURS, PANDAS, ROWS, Measure, measures, why_not
from hospital.ours import rows_of
from hospital.process import Failed, best, ran

_ENTRY = Path(__file__).parents[1] / "cohort.py"


@dataclass(slots=True)
class Session:
    """What was asked, and what was found so far; it is kept in the folder of the data."""

    folder: Path
    turns: int
    sample: int
    aces: str
    large: bool
    results: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take_up(self) -> None:
        """Begin with what an earlier run has found."""
        if self._kept.exists():
            self.results = json.loads(self._kept.read_text())

    @property
    def _kept(self) -> Path:
        return self.folder / "results.json"

    def chosen(self, only: Iterable[str]) -> list[Measure]:
        """Those whose name holds one of the words; all without any."""
        words = list(only)
        return [one for one in measures(self.sample).values() if not words or any(word in one.name for word in words)]

    def answer_kept(self) -> None:
        """Our own answer, which the peers are compared with."""
        ran(self._words(OURS, keep=True), tree=False)

    def measured(self, measure: Measure) -> dict[str, Any]:
        """One measure: checked, timed and kept."""
        reason = why_not(measure, aces=self.aces, large=self.large)
        found = {"failed": reason} if reason else self._tried(measure)
        self.results[measure.name] = found
        self._kept.write_text(json.dumps(self.results, indent=1))
        return found

    def _tried(self, measure: Measure) -> dict[str, Any]:
        try:
            compared = self._compared(measure) if measure.asked else None
            found = best(self._words(measure.name), 1 if measure.once else self.turns, tree=measure.tree)
        except Failed as problem:
            return {"failed": str(problem)}
        observations = found["rows"] if measure.name == PANDAS else rows_of(self.folder, measure.rows)
        found |= {"observations": observations, "per_row": found["seconds"] / observations}
        if compared is None:
            return found
        return found | {"equal": compared.equal, "said": str(compared), "certain": compared.certain}

    def _compared(self, measure: Measure) -> Compared:
        ran(self._words(measure.name, keep=True), tree=False)
        ours, theirs = self._answer(OURS), self._answer(measure.name)
        if measure.asked == ROWS:
            return rows_equal(ours, theirs)
        if measure.asked == CHANGES:
            return changes_equal(self.folder, ours, theirs)
        return moments_equal(self.folder, ours, theirs, self.sample if measure.name == PANDAS else None)

    def _words(self, name: str, *, keep: bool = False) -> list[str]:
        """The command of one measure."""
        answer = [str(self._answer(name))] if keep else []
        if name == ACES:
            return [self.aces, "-m", "hospital.aces_task", str(self.folder), *answer]
        asked = ["--one", name, "--pandas", str(self.sample)]
        return [sys.executable, str(_ENTRY), str(self.folder), *asked, *(["--keep", *answer] if keep else [])]

    def _answer(self, name: str) -> Path:
        into = self.folder / "answers"
        into.mkdir(exist_ok=True)
        return into / f"{''.join(c if c.isalnum() else '-' for c in name)}.parquet"
