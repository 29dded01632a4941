"""Answers that were given before: one file each, named by a fingerprint of model, instructions and text."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from stormwatch.sources.text.llm.client import Model


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of answers; the same question to the same model is asked once."""

    folder: Path

    def answer(self, model: Model, instructions: str, text: str) -> str:
        path = self.folder / f"{fingerprint(model.name, instructions, text)}.json"
        if path.exists():
            return str(json.loads(path.read_text("utf-8"))["answer"])
        found = model.answer(instructions, text)
        self.folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"model": model.name, "answer": found}), "utf-8")
        return found


def fingerprint(*parts: str) -> str:
    """
    >>> fingerprint("a", "b") == fingerprint("ab", "")
    False
    """
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
