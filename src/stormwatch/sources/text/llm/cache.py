"""Answers that were given before: one file each, named by a fingerprint of model, instructions and text."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from stormwatch.errors import UsageError
from stormwatch.sources.text.llm.client import Model

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of answers; the same question to the same model is asked once.

    An answer quotes the report, so the folder is made for its owner alone.
    """

    folder: Path

    def understood(self, model: Model, instructions: str, text: str, understand: Callable[[str], T]) -> T:
        """What is understood of the answer, kept or new. One that cannot be understood is not kept.

        Raises:
            UsageError: the folder cannot be written.
            What ``understand`` raises.
        """
        path = self.folder / f"{fingerprint(model.name, instructions, text)}.json"
        kept = _kept(path)
        if kept is not None:
            return understand(kept)
        answer = model.answer(instructions, text)
        found = understand(answer)
        self._keep(path, json.dumps({"model": model.name, "answer": answer}))
        return found

    def _keep(self, path: Path, content: str) -> None:
        """Written beside and moved into place, so that a run cut short leaves no half answer."""
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.write_text(content, "utf-8")
            part.replace(path)
        except OSError as error:
            raise UsageError(f"{self.folder}: answers cannot be kept here ({error.strerror}); name a folder") from None


def fingerprint(*parts: str) -> str:
    """
    >>> fingerprint("a", "b") == fingerprint("ab", "")
    False
    """
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _kept(path: Path) -> str | None:
    """The answer in a file; None where there is no file, or it holds something else."""
    try:
        return str(json.loads(path.read_text("utf-8"))["answer"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
