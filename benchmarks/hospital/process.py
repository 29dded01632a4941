"""One measure in a process of its own, so that its peak memory is its own."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_EVERY = 0.1
Found = dict[str, Any]


class Failed(Exception):
    """The last line that a process said."""


def ran(words: list[str], *, tree: bool) -> Found:
    """Run a process and read its last line. With ``tree`` the memory of all its processes is added up as it goes.

    Pages that processes share are divided among them.

    Raises:
        Failed: the process ended otherwise than well.
    """
    home = Path(__file__).parents[1]
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as talk:
        process = subprocess.Popen(words, stdout=said, stderr=talk, text=True, cwd=home)
        peak = _watched(process) if tree else 0.0
        code = process.wait()
        said.seek(0)
        talk.seek(0)
        if code:
            raise Failed((talk.read().strip().splitlines() or [f"exit code {code}"])[-1][:120])
        found: Found = json.loads(said.read().splitlines()[-1])
    return found | ({"peak": peak} if tree else {})


def timed(work: Callable[[], int | dict[str, float]]) -> None:
    """Do something in this process, and print what ``ran`` reads."""
    start = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - start
    found = result if isinstance(result, dict) else {"rows": result}
    print(json.dumps({"seconds": seconds, "peak": _highest()} | found))


def _highest() -> float:
    """The most memory this process ever held, in GB. (``getrusage`` would tell the parent's, where that is more.)"""
    status = Path("/proc/self/status").read_text()
    return float(status.partition("VmHWM:")[2].split()[0]) / 1e6


def best(words: list[str], turns: int, *, tree: bool) -> Found:
    """The quickest of some turns, with the highest memory of all of them and the slowest time."""
    found = [ran(words, tree=tree) for _ in range(turns)]
    quickest = min(found, key=lambda one: one["seconds"])
    return quickest | {"peak": max(one["peak"] for one in found), "slowest": max(one["seconds"] for one in found)}


def _watched(process: subprocess.Popen[str]) -> float:
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, sum(map(_share, _tree(process.pid))) / 1e6)
        time.sleep(_EVERY)
    return peak


def _tree(pid: int) -> list[int]:
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
        children = [Path(f"/proc/{pid}/task/{task}/children").read_text().split() for task in tasks]
    except OSError:
        return [pid]
    return [pid, *(one for some in children for child in some for one in _tree(int(child)))]


def _share(pid: int) -> int:
    """The memory of a process in kB, with its share of what it has in common with others."""
    try:
        return int(Path(f"/proc/{pid}/smaps_rollup").read_text().partition("\nPss:")[2].split()[0])
    except (OSError, IndexError):
        return 0
