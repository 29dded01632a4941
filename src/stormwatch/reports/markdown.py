"""The report as Markdown: the story, the verdicts and the tables, for notes and version control. It has no figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from stormwatch.reports.messages import Messages, messages, named

Payload = dict[str, Any]


def markdown(report: Payload, *, language: str = "en") -> str:
    """A report as Markdown.

    Args:
        report: from ``report``.
        language: of the headings and fixed sentences.

    Raises:
        UsageError: there are no messages in the language.

    >>> import stormwatch as sw
    >>> from stormwatch.reports.report import report
    >>> markdown(report(sw.follow(sw.answers({"temperature": "39.1 Cel"})))).splitlines()[0]
    "# Criteria of hyperinflammation along one patient's record"
    """
    return "\n".join(_Writer(report, messages(language)).lines()) + "\n"


class _Writer:
    """Writes one report with one set of messages."""

    def __init__(self, report: Payload, said: Messages) -> None:
        self._report = report
        self._course = report["course"]
        self._said = said

    def lines(self) -> Iterator[str]:
        yield f"# {self._said['title.report']}"
        yield ""
        for said in self._report["record_says"]:
            yield f"> {_plain(said)}"
        yield f"{self._said['head.patient']} {_plain(self._report['patient']['id'])}. {self._report['software']}."
        yield from self._section("story.title", (f"- {_plain(sentence)}" for sentence in self._report["story"]))
        yield from self._section("verdicts.title", self._verdicts())
        yield from self._section("exposure.title", self._exposure())
        yield from self._section("episodes.title", self._episodes())
        yield from self._section("challenge.title", self._challenges())
        yield from self._section("differential.title", self._differential())
        yield from self._section("guidance.title", self._guidance())
        yield from self._section("intended_use.title", [self._said["intended_use.text"]])

    def _section(self, title: str, body: Iterable[str]) -> Iterator[str]:
        written = list(body)
        if written:
            yield from ("", f"## {self._said[title]}", "", *written)

    def _heads(self, table: str, *keys: str) -> tuple[str, ...]:
        return tuple(self._said[f"{table}.{key}"] for key in keys)

    def _verdicts(self) -> Iterator[str]:
        rows = [
            (
                f"{one['instrument']['title']} ({one['instrument']['edition']})",
                _minute(one["first_met"]["at"]) if one["first_met"] else self._said["verdicts.never"],
                _answer(one["worst"]),
                _answer(one["now"]),
            )
            for one in self._report["verdicts"]
        ]
        yield from _table(self._heads("verdicts", "instrument", "first", "worst", "now"), rows)

    def _exposure(self) -> Iterator[str]:
        rows = [
            (
                drug["title"],
                _minute(one["start"]),
                self._said["exposure.running"] if one["running"] else _minute(one["stop"]),
                one["recorded"] or "?",
                one["facts"][0]["record"],
            )
            for drug in self._course["drugs"]
            for one in drug["infusions"]
        ]
        if rows:
            yield from _table(self._heads("exposure", "drug", "start", "stop", "dose", "row"), rows)

    def _episodes(self) -> Iterator[str]:
        rows = [
            (
                f"{self._said['syndrome.' + one['syndrome']]}: {named(self._said, one['instrument'])}",
                _minute(one["onset"]["time"]),
                one["peak"]["text"] if one["peak"] else "–",
                one["end"],
            )
            for one in self._course["episodes"]
        ]
        if rows:
            yield from _table(self._heads("episodes", "syndrome", "onset", "peak", "end"), rows)
        else:
            yield self._said["story.no_episode"]

    def _challenges(self) -> Iterator[str]:
        for kind in ("dechallenge", "rechallenge"):
            for one in self._course[f"{kind}s"]:
                title = self._said[f"challenge.{kind}"]
                yield f"- {title} ({named(self._said, one['instrument'])}): **{one['outcome']}**. {_plain(one['why'])}"

    def _differential(self) -> Iterator[str]:
        rows = [
            (
                one["title"],
                "; ".join(line["text"] for line in one["speaks_for"]) or "–",
                "; ".join(line["text"] for line in one["speaks_against"]) or "–",
                ", ".join(one["never_measured"]) or "–",
            )
            for one in self._course["differential"]
        ]
        if rows:
            yield from _table(self._heads("differential", "diagnosis", "speaks_for", "against", "never"), rows)

    def _guidance(self) -> Iterator[str]:
        words = {"met": self._said["guidance.yes"], "unknown": self._said["guidance.cannot"]}
        for one in self._report["guidance"]["rows"]:
            if one["applies"] in words:
                missing = f" ({'; '.join(one['missing'])})" if one["missing"] else ""
                yield f"- {one['document']}, {one['section']}, {words[one['applies']]}{missing}: {_plain(one['text'])}"


def _answer(assessment: Payload) -> str:
    score = assessment["score"]
    return " ".join(part for part in (assessment["verdict"] or "", score["text"] if score else "") if part) or "–"


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join('---' for _ in heads)} |"
    for row in rows:
        yield f"| {' | '.join(_plain(str(cell)) for cell in row)} |"


def _plain(text: str) -> str:
    """Text of the record may hold signs that mean something in Markdown."""
    for sign in "\\`*_<>|[]":
        text = text.replace(sign, "\\" + sign)
    return text.replace("\n", " ")


def _minute(time: str | None) -> str:
    return "–" if time is None else time[:16].replace("T", " ")
