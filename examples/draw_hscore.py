"""Draws docs/images/hscore-range.svg: the range of the example patient's HScore along the timeline.

Run it after the example or the HScore changes; a test holds the picture against the program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import stormwatch as sw

REPOSITORY = Path(__file__).resolve().parents[1]
PICTURE = REPOSITORY / "docs" / "images" / "hscore-range.svg"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 330, 60, 34, 62, 46
MOST = 337
CUTOFF = 169
MET, NOT_MET, UNKNOWN = "#a40000", "#6a6a6a", "#c9a227"


Step = tuple[datetime, float, float]


def main() -> None:
    PICTURE.write_text(picture(), encoding="utf-8")


def picture() -> str:
    """The SVG: a band from the lowest to the highest score, the cut-off, and what happened when."""
    timeline = sw.read(REPOSITORY / "examples" / "blinatumomab-mas.json")
    start = datetime.fromisoformat("2023-12-26T00:00:00+01:00")
    end = datetime.fromisoformat("2024-01-09T00:00:00+01:00")
    track = sw.track(timeline, "hscore", at=end)
    steps = [(m.moment, float(m.score.low), float(m.score.high)) for m in track.moments if m.score is not None]
    return "\n".join(_svg(steps, start, end)) + "\n"


def _svg(steps: list[Step], start: datetime, end: datetime) -> Iterator[str]:
    def x(moment: datetime) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * ((moment - start) / (end - start))

    def y(score: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * score / MOST

    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#222">'
    )
    yield "<title>HScore of the example patient: the range over all ways the missing answers could turn out</title>"
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    yield f'<text x="{LEFT}" y="22" font-size="15" font-weight="bold">HScore of the example patient</text>'
    yield (
        f'<text x="{LEFT}" y="42" fill="#555">Band: every score the missing answers still allow. '
        "Illustrative values; the published case prints no numbers.</text>"
    )
    for score in (0, 100, 200, 300):
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(score):.1f}" y2="{y(score):.1f}" stroke="#e4e4e4"/>'
        yield f'<text x="{LEFT - 8}" y="{y(score) + 4:.1f}" text-anchor="end">{score}</text>'
    yield from _band(steps, x, y, start, end)
    yield (
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(CUTOFF):.1f}" y2="{y(CUTOFF):.1f}" stroke="#a40000" '
        'stroke-width="1.5" stroke-dasharray="6 4"/>'
    )
    yield f'<text x="{WIDTH - RIGHT}" y="{y(CUTOFF) - 6:.1f}" text-anchor="end" fill="#a40000">cut-off 169</text>'
    for day in range((end - start).days + 1):
        moment = start + timedelta(days=day)
        yield f'<line x1="{x(moment):.1f}" x2="{x(moment):.1f}" y1="{y(0):.1f}" y2="{y(0) + 5:.1f}" stroke="#888"/>'
        if day % 2 == 0:
            yield f'<text x="{x(moment):.1f}" y="{y(0) + 20:.1f}" text-anchor="middle">{moment:%d %b}</text>'
    for place, (colour, meaning) in enumerate(((MET, "met"), (UNKNOWN, "unknown"), (NOT_MET, "not met"))):
        left = LEFT + 90 * place
        yield f'<rect x="{left}" y="{HEIGHT - 18}" width="12" height="12" fill="{colour}" fill-opacity="0.55"/>'
        yield f'<text x="{left + 18}" y="{HEIGHT - 8}">{meaning}</text>'
    yield f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end" fill="#555">points of 337</text>'
    yield "</svg>"


def _band(
    steps: list[Step], x: Callable[[datetime], float], y: Callable[[float], float], start: datetime, end: datetime
) -> Iterator[str]:
    """The range as a stepped band; darker where the verdict is certain."""
    following = [moment for moment, _, _ in steps[1:]] + [end]
    for (moment, low, high), until in zip(steps, following, strict=True):
        left, right = max(moment, start), min(until, end)
        if left >= right:
            continue
        colour = MET if low >= CUTOFF else NOT_MET if high < CUTOFF else UNKNOWN
        yield (
            f'<rect x="{x(left):.2f}" y="{y(high):.2f}" width="{x(right) - x(left):.2f}" '
            f'height="{y(low) - y(high):.2f}" fill="{colour}" fill-opacity="0.55"/>'
        )


if __name__ == "__main__":
    main()
