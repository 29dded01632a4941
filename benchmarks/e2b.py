"""How fast E2B(R3) messages are read, checked and written, and in how much memory: ``python benchmarks/e2b.py``.

The message is made here: one report with three drugs and three reactions, its narrative long enough for 50 kB. Times
are processor time of one core, the median of several runs. Memory is what a process holds at most when it checks a
batch of 100 and one of 10,000 such messages.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from stormwatch.safety.case import Batch, Group, Message
from stormwatch.safety.e2b.check import check
from stormwatch.safety.e2b.reader import read
from stormwatch.safety.e2b.saving import save_pieces
from stormwatch.safety.e2b.writer import pieces, write

SIZE = 50_000
RUNS = 50
CASES = 1000
MEMORY = """
import resource
from stormwatch.safety.e2b.check import stream_check
found = sum(1 for _ in stream_check({path!r}))
print(found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def main() -> None:
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    batch = sized(report())
    xml = write(batch)
    check(xml)
    reading, checking = median(lambda: read(xml)), median(lambda: check(xml))
    print(
        f"a message of {len(xml):,} bytes: read in {reading * 1e3:.1f} ms, read and checked in {checking * 1e3:.1f} ms"
    )
    writing()
    for count in (100, 10_000):
        streaming(batch, count)


def writing() -> None:
    """Draft and write many cases, each its own file's worth of bytes."""
    start = time.process_time()
    for number in range(CASES):
        write(report(number))
    spent = time.process_time() - start
    print(f"{CASES:,} cases drafted and written in {spent:.1f} s: {60 * CASES / spent:,.0f} a minute on one core")


def streaming(batch: Batch, count: int) -> None:
    """Check a large batch in a process of its own, to see its memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "batch.xml"
        save_pieces(pieces(batch.header, (batch.messages[0] for _ in range(count))), path)
        start = time.perf_counter()
        program = [sys.executable, "-c", MEMORY.format(path=str(path))]
        found, peak = subprocess.run(program, capture_output=True, text=True, check=True).stdout.split()
        spent = time.perf_counter() - start
        size = path.stat().st_size / 1e6
    print(
        f"a batch of {count:,} ({size:,.0f} MB) checked in {spent:.1f} s, {found} findings, at most {peak} MB of memory"
    )


def median(act: Callable[[], object]) -> float:
    spent = []
    for _ in range(RUNS):
        start = time.process_time()
        act()
        spent.append(time.process_time() - start)
    return statistics.median(spent)


def sized(batch: Batch) -> Batch:
    """The same report with a narrative that makes the message 50 kB."""
    case = batch.messages[0].case
    case.set("H.1", "x" * (SIZE - len(write(batch)) + len(case.get("H.1") or "")))
    return batch


def report(number: int = 0) -> Batch:
    """A report on a marketed drug that breaks no rule."""
    name, moment = f"US-ACME-{number}", "20240302101010+0000"
    header = fill(Group("batch"), {"N.1.1": "1", "N.1.2": "B1", "N.1.3": "ACME", "N.1.4": "ZZFDA", "N.1.5": moment})
    head = fill(Group("N.2.r"), {"N.2.r.1": name, "N.2.r.2": "ACME", "N.2.r.3": "CDER", "N.2.r.4": moment})
    case = fill(Group("case"), CASE | {"C.1.1": name, "C.1.8.1": name, "C.1.2": moment})
    case.set("C.1.9.1", null="NI").set("D.7.2", "None").set("FDA.D.12", null="UNK")
    case.add("FDA.D.11.r").set("FDA.D.11.r.1", null="UNK")
    fill(case.add("C.2.r"), {"C.2.r.3": "US", "C.2.r.4": "1", "C.2.r.5": "1", "FDA.C.2.r.2.8": "a@example.org"})
    for position in range(3):
        _reaction(case, position)
    for position in range(3):
        _drug(case, position)
    for position in range(8):
        fill(case.add("F.r"), TEST | {"F.r.3.2": f">{position}"})
    return Batch(header, [Message(head, case)])


def _reaction(case: Group, position: int) -> None:
    reaction = fill(case.add("E.i", id=f"r{position}"), REACTION)
    for letter in "abcde":
        reaction.set(f"E.i.3.2{letter}", null="NI")
    reaction.set("FDA.E.i.3.2h", null="NI")


def _drug(case: Group, position: int) -> None:
    drug = fill(case.add("G.k", id=f"d{position}"), {"G.k.1": "1", "G.k.2.2": "blinatumomab", "G.k.8": "1"})
    fill(drug.add("G.k.4.r"), DOSE)
    fill(drug.add("G.k.7.r"), {"G.k.7.r.1": "ALL", "G.k.7.r.2a": "27.1", "G.k.7.r.2b": "10000844"})
    for reaction in range(3):
        pair = fill(drug.add("G.k.9.i"), {"G.k.9.i.1": f"r{reaction}", "G.k.9.i.4": "4"})
        fill(pair.add("G.k.9.i.2.r"), ASSESSED)


def fill(group: Group, values: dict[str, str]) -> Group:
    for number, value in values.items():
        group.set(number, value)
    return group


CASE = {
    "C.1.3": "1", "C.1.4": "20240301", "C.1.5": "20240301", "C.1.6.1": "false", "C.1.7": "true", "FDA.C.1.7.1": "1",
    "C.1.8.2": "2", "FDA.C.1.12": "false", "C.3.1": "1", "C.3.2": "Acme", "C.3.3.1": "Safety", "C.3.3.2": "Dr",
    "C.3.3.3": "A", "C.3.3.5": "B", "C.3.4.1": "1 Street", "C.3.4.2": "City", "C.3.4.3": "UT", "C.3.4.4": "1",
    "C.3.4.5": "US", "C.3.4.6": "1", "C.3.4.7": "2", "C.3.4.8": "s@example.org", "D.1": "AB", "D.2.2a": "34",
    "D.2.2b": "a", "D.5": "2", "H.1": "Narrative. ",
}  # fmt: skip
REACTION = {
    "E.i.1.2": "fever", "E.i.2.1a": "27.1", "E.i.2.1b": "10052015", "E.i.3.2f": "true", "E.i.4": "20240203",
    "E.i.7": "1", "E.i.9": "US",
}  # fmt: skip
DOSE = {
    "G.k.4.r.1a": "9", "G.k.4.r.1b": "ug", "G.k.4.r.2": "1", "G.k.4.r.3": "d", "G.k.4.r.4": "20240201",
    "G.k.4.r.10.2b": "ROA-20045000",
}  # fmt: skip
TEST = {"F.r.1": "20240203", "F.r.2.1": "ferritin", "F.r.3.3": "ng/mL"}
ASSESSED = {"G.k.9.i.2.r.1": "Sponsor", "G.k.9.i.2.r.2": "FDA", "G.k.9.i.2.r.3": "Suspected"}

if __name__ == "__main__":
    main()
