"""The order in which a batch is best read: by the query first, then by the reader's own decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stormwatch.errors import UsageError
from stormwatch.literature.library import Library
from stormwatch.literature.matching import match_of
from stormwatch.literature.search import among

BY_QUERY = "by the query (BM25); those it does not match come last"
BY_DECISIONS = "by a classifier trained on the decisions (TF-IDF, logistic regression)"


@dataclass(frozen=True, slots=True)
class Ranking:
    """Undecided entries, those to read first at the front, and how probably each is relevant where a model says so."""

    numbers: tuple[int, ...]
    probabilities: tuple[float, ...] | None
    method: str


def rank(library: Library, query: str, batch: Sequence[int], decided: Mapping[int, bool]) -> Ranking:
    """Rank what is undecided of a batch.

    Until there is a relevant and an irrelevant decision the query ranks. Then a classifier is trained on all decisions
    for the query; equal probabilities keep the order of the query.

    Raises:
        UsageError: the query cannot be read, or scikit-learn is needed and not installed.
    """
    undecided = [number for number in batch if number not in decided]
    by_query = among(library, match_of(query), undecided)
    matched = set(by_query)
    ordered = [*by_query, *(number for number in undecided if number not in matched)]
    if len(set(decided.values())) < 2 or not ordered:
        return Ranking(tuple(ordered), None, BY_QUERY)
    found = _probabilities(library, ordered, decided)
    places = sorted(range(len(ordered)), key=lambda place: -found[place])
    return Ranking(tuple(ordered[p] for p in places), tuple(found[p] for p in places), BY_DECISIONS)


def _probabilities(library: Library, numbers: Sequence[int], decided: Mapping[int, bool]) -> list[float]:
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
    except ImportError:
        raise UsageError('ranking by decisions needs scikit-learn: pip install "stormwatch[learn]"') from None
    model = make_pipeline(TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)), LogisticRegression(max_iter=1000))
    model.fit([_text(library, number) for number in decided], list(decided.values()))
    relevant = list(model.classes_).index(True)
    return [float(row[relevant]) for row in model.predict_proba([_text(library, number) for number in numbers])]


def _text(library: Library, number: int) -> str:
    """The folded words of an entry, as they are indexed."""
    row = library.base.execute("SELECT title, body, keyphrases FROM words WHERE rowid = ?", (number,)).fetchone()
    return " ".join(row)
