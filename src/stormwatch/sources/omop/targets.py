"""What a row is about, by its concept id and by the code or name its source wrote: an analyte, a finding, a drug.

The concept counts first. Where it is none of ours the source's own code does; a name only where nobody mapped the row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache

from stormwatch import analytes, terms
from stormwatch.analytes import Analyte
from stormwatch.sources.omop.store import Store
from stormwatch.sources.omop.tables import VOCABULARY
from stormwatch.terms import Scale, Term

Target = Analyte | Scale | Term | tuple[Term, ...]
Find = Callable[[str, str], Target | None]

UNMAPPED = ("", "0")
_OXYGEN = "oxygen_support"
_CLINICAL = ("snomed", "icd10")


def finder(store: Store, table: str, concepts: Collection[int], names: Mapping[str, str]) -> Find:
    """The function that says what rows of a table are about, where these concepts, of these names, occur in it."""
    if table == "drug_exposure":
        return cache(_drug_finder(_ingredients(store, list(concepts)), names))
    if table == "device_exposure":
        return cache(device)
    return cache(observed if table in {"measurement", "observation"} else condition)


def observed(concept: str, source: str) -> Target | None:
    """What a measurement or an observation is about."""
    return (
        analytes.by_code("omop", concept)
        or terms.scale_by_code("omop", concept)
        or analytes.by_code("loinc", source)
        or terms.scale_by_code("loinc", source)
        or terms.finding_by_code("loinc", source)
        or condition(concept, source)
        or (_named(source) if concept in UNMAPPED else None)
    )


def _named(source: str) -> Target | None:
    return analytes.by_name(source) or terms.scale_by_name(source)


def condition(concept: str, source: str) -> Term | None:
    """The finding that a condition or a procedure states."""
    return stated(concept, source) or (terms.finding_by_name(source) if concept in UNMAPPED else None)


def stated(concept: str, source: str) -> Term | None:
    """The finding that a row states by its code alone, without any value."""
    coded = (terms.finding_by_code(system, source) for system in _CLINICAL)
    return terms.finding_by_code("omop", concept) or next(filter(None, coded), None)


def device(concept: str, source: str) -> Target | None:
    """A finding, or the scale of oxygen support where the source's name of the device is one of its categories."""
    scale = terms.scale_by_name(_OXYGEN)
    known = scale is not None and scale.present(source) is not None
    return condition(concept, source) or (scale if known else None)


def _drug_finder(ingredients: Mapping[str, tuple[Term, ...]], names: Mapping[str, str]) -> Find:
    """Drugs by ingredient; products by the store's vocabulary, else by the name of the product."""

    def drug(concept: str, source: str) -> Target | None:
        coded = terms.drug_by_code("omop", concept)
        if coded is not None or concept in ingredients:
            return (coded,) if coded else ingredients[concept]
        by_code = terms.drug_by_code("atc", source)
        named = by_code or terms.drug_by_name(names.get(concept, "")) or terms.drug_by_name(source)
        return (named,) if named else None

    return drug


def product_names(store: Store, concepts: Collection[int]) -> dict[str, str]:
    """Names of concepts, from the store's vocabulary; none when it has none."""
    if not store.columns(VOCABULARY[0]):
        return {}
    sql = "SELECT CAST(concept_id AS VARCHAR), concept_name FROM concept WHERE concept_id = ANY(?)"
    return {concept: name or "" for concept, name in store.rows("concept", sql, [list(concepts)])}


def _ingredients(store: Store, concepts: list[int]) -> dict[str, tuple[Term, ...]]:
    """For each product, those of its ingredients that are ours."""
    if not store.columns(VOCABULARY[1]):
        return {}
    sql = """
    SELECT CAST(descendant_concept_id AS VARCHAR), CAST(ancestor_concept_id AS VARCHAR) FROM concept_ancestor
    WHERE descendant_concept_id = ANY(?) AND ancestor_concept_id = ANY(?)
    """
    ours = [int(code) for drug in terms.drugs().values() for code in drug.codes["omop"]]
    found: dict[str, dict[str, Term]] = {}
    for product, ingredient in store.rows("concept_ancestor", sql, [concepts, ours]):
        drug = terms.drug_by_code("omop", ingredient)
        if drug is not None:
            found.setdefault(product, {})[drug.id] = drug
    return {product: tuple(found[product][id] for id in sorted(found[product])) for product in found}
