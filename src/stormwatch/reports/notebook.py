"""How timelines, assessments and courses show in a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stormwatch import analytes, terms
from stormwatch.course.follow import Course
from stormwatch.engines.result import Assessment
from stormwatch.explain.payload import assessment_payload
from stormwatch.facts import Timeline
from stormwatch.reports.html import environment
from stormwatch.reports.messages import messages

Payload = dict[str, Any]


def register(shell: Any) -> None:
    """Tell a running IPython shell how to show our types.

    >>> from types import SimpleNamespace
    >>> from IPython.core.formatters import HTMLFormatter
    >>> register(SimpleNamespace(display_formatter=SimpleNamespace(formatters={"text/html": HTMLFormatter()})))
    """
    shown = shell.display_formatter.formatters["text/html"]
    shown.for_type_by_name("stormwatch.facts.timeline", "Timeline", timeline_html)
    shown.for_type_by_name("stormwatch.engines.result", "Assessment", assessment_html)
    shown.for_type_by_name("stormwatch.course.follow", "Course", course_html)


def timeline_html(timeline: Timeline) -> str:
    """What a record holds: each quantity, finding and drug, how often, from when to when, values as recorded.

    >>> import stormwatch as sw
    >>> "39.1 Cel" in timeline_html(sw.answers({"temperature": "39.1 Cel"}))
    True
    """
    return _render("timeline.html.j2", timeline=timeline, rows=list(_rows(timeline)))


def assessment_html(assessment: Assessment) -> str:
    """Verdict, range, items with their facts, and what is missing.

    >>> import stormwatch as sw
    >>> "never recorded" in assessment_html(sw.assess(sw.answers({"ferritin": "12000 ng/mL"}), "ohi"))
    True
    """
    about = {"title": assessment.instrument.title, "edition": assessment.instrument.edition}
    return _render("assessment.html.j2", assessment=assessment_payload(assessment), instrument=about)


def course_html(course: Course) -> str:
    """The course in short, and the picture. An empty record has no picture, and the words say so.

    Raises:
        UsageError: the extra ``report`` is not installed.

    >>> import stormwatch as sw
    >>> "<svg" in course_html(sw.follow(sw.answers({"temperature": "39.1 Cel"})))
    True
    """
    from markupsafe import Markup

    from stormwatch.reports.report import report
    from stormwatch.reports.svg import svg

    made = report(course)
    drawn = [Markup(svg(one, name=f"shown-{place}")) for place, one in enumerate(made["pictures"][:1])]
    return _render("course-short.html.j2", report=made, drawings=drawn)


def _rows(timeline: Timeline) -> Iterator[Payload]:
    for name, measured in timeline.measurements.items():
        ends = f"{measured[0].recorded} … {measured[-1].recorded}" if len(measured) > 1 else measured[0].recorded
        yield _row(analytes.analyte(name).title, measured, ends)
    for name, stated in timeline.findings.items():
        yield _row(terms.findings()[name].title, stated, "present" if stated[-1].present else "absent")
    for drug in dict.fromkeys(one.drug for one in timeline.exposures):
        given = [one for one in timeline.exposures if one.drug == drug]
        yield _row(terms.drugs()[drug].title, given, given[-1].given.value)


def _row(title: str, facts: Any, said: str) -> Payload:
    return {"title": title, "count": len(facts), "first": facts[0].time.text, "last": facts[-1].time.text, "said": said}


def _render(template: str, **values: Any) -> str:
    page: str = environment().get_template(template).render(m=messages("en"), main_file="", **values)
    return page
