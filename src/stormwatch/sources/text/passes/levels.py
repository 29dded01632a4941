"""Words without numbers: "severe leukopenia", "elevated AST", "seven times the upper limit of normal"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

from stormwatch.facts import Interval, Number
from stormwatch.sources.text.lexicon import Hit, Lexicon, data, flat
from stormwatch.sources.text.mention import Kind, Mention
from stormwatch.sources.text.numbers import NUMBER, NUMBER_WORD, ROMAN, number_word, read_number
from stormwatch.sources.text.sentences import Sentence

HIGH, LOW = Interval.above(1), Interval(0, 1, True, False)
_GRADE = re.compile(
    r"\b(?:CTCAE\s+)?grade\s+(?P<low>[1-5]|I{1,3}|IV|V)(?:\s*(?:-|–|or|to|/)\s*(?P<high>[1-5]|I{1,3}|IV|V))?\s*$", re.I
)
_ADVERB = (
    r"(?:(?:very|markedly|significantly|severely|mildly|slightly|moderately|extremely|"
    r"grossly|massively|persistently|highly|profoundly|all|also|both|initially|still|again|"
    r"strikingly|notably|substantially|extraordinarily|remarkably|considerably|further|"
    r"quite|so|critically|disproportionate?ly|disproportionally|exceptionally|inappropriately)\s+)*"
)
_SERUM = r"(?:\s*(?:serum|plasma|blood|total|fasting|the|her|his|levels? of|liver enzymes?|:|\())*\s*"
_BETWEEN = re.compile(
    r"(?:\s|,|/|&|[()]|\band\b|\bor\b|\bas well as\b|"
    r"\blevels?\b|\bserum\b|\bcounts?\b|\bthe\b|\bher\b|\bhis\b|\bof\b)*",
    re.I,
)
_COUNT = r"\)?(?:\s*(?:levels?|counts?|concentrations?|values?))?"
_TIMES = re.compile(
    rf"(?:(?P<sign>>|≥|<|≤|more than|over|greater than|at least|up to|less than|below|under|at most)\s*)?"
    rf"(?P<number>{NUMBER}|"
    rf"\b{NUMBER_WORD})\s*(?:-|–)?\s*(?:times|fold|x|×)\s*(?:(?:above|over|of|higher than|"
    rf"greater than)\s+)?(?:the\s+)?"
    r"(?:ULN|upper\s+(?:normal\s+)?limits?(?:\s+of\s+(?:the\s+)?(?:normal|reference)(?:\s+range)?)?|upper\s+limit)",
    re.IGNORECASE,
)

Directed = tuple[Hit, str, tuple[int, int], str]
"""A test, its direction, the span of the two, and the words that give the direction."""

_SIGNED: dict[str, Callable[[Number], Interval]] = {
    **dict.fromkeys((">", "more than", "over", "greater than"), Interval.above),
    **dict.fromkeys(("≥", "at least"), lambda number: Interval.above(number, closed=True)),
    **dict.fromkeys(("<", "less than", "below", "under"), lambda number: Interval(0, number, True, False)),
    **dict.fromkeys(("≤", "at most"), lambda number: Interval(0, number)),
}


def level_mentions(sentence: Sentence) -> Iterator[Mention]:
    """Every level a sentence states in words."""
    text = sentence.text
    yield from _words(sentence)
    times = [(m, name) for m in _TIMES.finditer(text) for name in _named_near(text, m)]
    for match, name in times:
        yield _times(sentence, match, name)
    taken = {name.start for _, name in times}
    for name, direction, word, cue in _directed(text):
        if name.start not in taken:
            found = _mention(
                sentence,
                name.id,
                min(name.start, word[0]),
                max(name.end, word[1]),
                direction,
                "a direction beside a test",
            )
            yield replace(found, details=(*found.details, ("cue", cue)))


def _words(sentence: Sentence) -> Iterator[Mention]:
    """Words such as leukopenia, with the severity or grade before them."""
    text = sentence.text
    for hit in _level_words().find(text):
        word = data("levels.toml")["word"][int(hit.id)]
        start, grades = _severity(text, hit.start)
        for analyte in word["analytes"]:
            yield _mention(sentence, analyte, start, hit.end, word["direction"], "a word for a level", grades)


def _severity(text: str, at: int) -> tuple[int, str]:
    """Where the words of severity before a level begin, and the CTCAE grades they stand for."""
    before = text[:at]
    grade = _GRADE.search(before)
    if grade:
        low, high = (_grade(grade[part]) for part in ("low", "high"))
        return grade.start(), f"{low}-{high}" if high else low
    for grades, words in data("levels.toml")["severity"].items():
        found = re.search(rf"\b(?:{'|'.join(words)})[\s,-]+$", before.replace("-", " "), re.IGNORECASE)
        if found:
            return found.start(), grades
    adjective = re.search(
        r"\b(?:mild|moderate|marked|significant|new|progressive|persistent|worsening|prolonged|isolated)\s+$",
        before,
        re.I,
    )
    return (adjective.start() if adjective else at), ""


def _grade(text: str | None) -> str:
    return "" if not text else str(ROMAN.get(text.upper(), text))


def _mention(
    sentence: Sentence, name: str, start: int, end: int, direction: str, rule: str, grades: str = ""
) -> Mention:
    absolute = ctcae_range(name, grades) if direction == "low" and grades else None
    relative = {"high": "uln", "low": "lln"}.get(direction, "") if absolute is None else ""
    value = absolute if absolute is not None else {"high": HIGH, "low": LOW}.get(direction)
    details = (("grade", grades),) if grades else ()
    return Mention(
        Kind.LEVEL, name, sentence.start + start, sentence.start + end, sentence.text[start:end], rule,
        value=value, word=direction, relative_to=relative, details=details,
    )  # fmt: skip


def ctcae_range(analyte: str, grades: str) -> Interval | None:
    """The values that a CTCAE grade, or a span of grades such as ``3-4``, leaves open; None where there is no table.

    >>> ctcae_range("wbc", "3-4")
    Interval('< 2')
    """
    table = data("ctcae.toml").get(analyte)
    low, _, high = grades.partition("-")
    spans = (
        [table[str(g)] for g in range(int(low), int(high or low) + 1) if table and str(g) in table] if grades else []
    )
    if not spans or not isinstance(table, dict):
        return None
    bottom = min(read_number(s[0]).values[0] for s in spans)
    return Interval(bottom, max(read_number(s[1]).values[0] for s in spans), True, False)


def _times(sentence: Sentence, match: re.Match[str], name: Hit) -> Mention:
    printed = match["number"]
    number = read_number(printed).values[0] if printed[0].isdigit() else number_word(printed) or 0
    sign = (match["sign"] or "").casefold()
    value = _SIGNED.get(sign, Interval.point)(number)
    start, end = sorted((name.start, match.start()))[0], max(name.end, match.end())
    return Mention(
        Kind.LEVEL, name.id, sentence.start + start, sentence.start + end, sentence.text[start:end],
        "a multiple of the upper limit", value=value, word="high", relative_to="uln",
    )  # fmt: skip


def _named_near(text: str, match: re.Match[str]) -> list[Hit]:
    """The tests that a multiple is about: those in a row just before it, or behind "for"."""
    names = list(_tests().find(text))
    before = [n for n in names if n.end <= match.start()]
    if before and re.fullmatch(
        r"[\s,:(]*(?:(?:levels?|was|were|of|to|at|rose|increased|elevated|raised|both|about|"
        r"approximately|is|are|peaked|more than|up)\s*)*[(,]?\s*",
        text[before[-1].end : match.start()],
        re.I,
    ):
        run = [before[-1]]
        for name in reversed(before[:-1]):
            if not _BETWEEN.fullmatch(text, name.end, run[0].start):
                break
            run.insert(0, name)
        return run
    after = [n for n in names if n.start >= match.end()]
    return after[:1] if after and re.fullmatch(r"\s*(?:for|in|of)\s+", text[match.end() : after[0].start]) else []


def _directed(text: str) -> Iterator[Directed]:
    """Tests with a direction before or behind them; a list shares its direction."""
    names = list(_tests().find(text))
    done: set[int] = set()
    for run in _runs(text, names):
        for direction, pattern in _before().items():
            found = pattern.search(text, 0, run[0].start)
            if found and found.end() == run[0].start:
                done.update(n.start for n in run)
                first = (found.start(), found.end())
                yield from ((n, direction, first if n is run[0] else (n.start, n.end), found[0].strip()) for n in run)
                break
        else:
            yield from _behind_run(text, run, done)


def _behind_run(text: str, run: list[Hit], done: set[int]) -> Iterator[Directed]:
    for direction, pattern in _behind().items():
        found = pattern.match(text, run[-1].end)
        if found:
            yield from (
                (n, direction, (n.start, found.end() if n is run[-1] else n.end), found[0].strip())
                for n in run
                if n.start not in done
            )
            return


def _runs(text: str, names: list[Hit]) -> Iterator[list[Hit]]:
    run: list[Hit] = []
    for name in names:
        if run and not _BETWEEN.fullmatch(text, run[-1].end, name.start):
            yield run
            run = []
        run.append(name)
    if run:
        yield run


@cache
def _level_words() -> Lexicon:
    return Lexicon({n: str(i) for i, w in enumerate(data("levels.toml")["word"]) for n in w["names"]})


@cache
def _tests() -> Lexicon:
    """Names of tests, without words that are findings by themselves."""
    findings = frozenset(data("levels.toml")["findings"])
    names = {n: i for n, i in flat(data("analytes.toml")).items() if n not in findings}
    return Lexicon({**names, **flat(data("levels.toml")["groups"])})


def _phrases(table: list[str]) -> str:
    words = sorted((w.replace("(s)", "s?").replace(" ", r"\s+") for w in table), key=len, reverse=True)
    return "|".join(words)


@cache
def _before() -> dict[str, re.Pattern[str]]:
    return {
        d: re.compile(rf"\b{_ADVERB}(?:{_phrases(words)}){_SERUM}$", re.IGNORECASE)
        for d, words in data("levels.toml")["before"].items()
    }


@cache
def _behind() -> dict[str, re.Pattern[str]]:
    """A verb between test and direction: "AST was raised", but not the bare "AST increased", which may be a trend."""
    verb = r"\s*(?:(?:was|were|is|are|being|remained|became|had been|has been)\s+(?:not\s+)?|\()"
    end = r"(?!\s*(?:to|from|by)\b)(?![\w-])"
    noun = r"|\s+elevations?(?![\w-])"
    return {
        d: re.compile(
            rf"{_COUNT}(?:{verb}{_ADVERB}(?:{_phrases(words)}){end}{noun if d == 'high' else ''})", re.IGNORECASE
        )
        for d, words in data("levels.toml")["behind"].items()
    }
