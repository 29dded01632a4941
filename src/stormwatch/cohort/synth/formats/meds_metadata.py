"""What lies beside MEDS events: the codes that occur, and the map that says what each code means."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from stormwatch import analytes, terms
from stormwatch._version import version
from stormwatch.cohort.synth.formats.writer import SYNTHETIC, loinc, name
from stormwatch.cohort.synth.tables import table

CODE_MAP = "synthetic-code-map.csv"
_MEDS_VERSION = "0.4.0"


def write_metadata(folder: Path, codes: list[str]) -> None:
    """The codes file and the data set's own description; beside the folder the map with which the project reads it."""
    import pyarrow
    from pyarrow import parquet

    metadata = folder / "metadata"
    metadata.mkdir()
    parents = pyarrow.array([_parents(code) for code in codes], pyarrow.list_(pyarrow.string()))
    columns = {"code": pyarrow.array(codes, pyarrow.string()), "description": [_words(code) for code in codes]}
    described = pyarrow.table(columns | {"parent_codes": parents}).replace_schema_metadata({"synthetic": SYNTHETIC})
    parquet.write_table(described, metadata / "codes.parquet")
    about = {"dataset_name": f"Stormwatch synthetic patients. {SYNTHETIC}", "etl_name": "stormwatch synth"}
    about |= {"etl_version": version(), "meds_version": _MEDS_VERSION}
    (metadata / "dataset.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    with (folder.parent / CODE_MAP).open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("code", "analyte", "drug", "finding", "scale", "says", "label"))
        rows.writerows((*row, "synthetic") for row in _meanings())


def _meanings() -> Iterator[tuple[str, str, str, str, str, str]]:
    """What each code means, with and without a unit at its end."""
    for analyte in table("values"):
        for end in ("", "//{unit}"):
            yield f"LAB//{loinc(analyte) or analyte}{end}", analyte, "", "", "", ""
    for drug in terms.drugs():
        yield f"DRUG//{drug}", "", drug, "", "", "given"
        yield f"DRUG//{drug}//{{unit}}", "", drug, "", "", "given"
        yield f"ORDER//{drug}", "", drug, "", "", "ordered"
    for finding in terms.findings():
        yield f"FINDING//{finding}", "", "", finding, "", ""
        yield f"CONDITION//{finding}", "", "", finding, "", "present"
    for scale in terms.scales():
        yield f"CHART//{scale}", "", "", "", scale, ""


def _parents(code: str) -> list[str]:
    kind, _, rest = code.partition("//")
    test = rest.partition("//")[0]
    return [f"LOINC/{test}"] if kind == "LAB" and analytes.by_code("loinc", test) else []


def _words(code: str) -> str:
    kind, _, rest = code.partition("//")
    what = rest.partition("//")[0]
    test = analytes.by_code("loinc", what) or (analytes.catalogue().get(what) if kind == "LAB" else None)
    return f"{name(test.id) if test else what.replace('_', ' ')} (synthetic)"
