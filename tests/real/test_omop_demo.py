"""OMOP stores as they are published: the MIMIC-IV demo (CDM 5.3, 100 real patients) and Synthea (CDM 5.4, synthetic).

The published MIMIC snapshot lacks measurement and observation. MEASUREMENT is rebuilt here from the long table of the
same 100 patients, in both ways stores are mapped: by concept, and unmapped with the LOINC code as source value.
"""

from __future__ import annotations

import csv
import gzip
import zipfile
from collections import Counter, defaultdict
from datetime import UTC

import duckdb
import pytest

from stormwatch import analytes, terms
from stormwatch.facts import Given
from stormwatch.sources import read
from stormwatch.sources.omop import iterate_omop
from stormwatch.sources.omop.concepts import meanings

pytestmark = pytest.mark.real

LONG = "mimic_iv_demo_meds/derived_labs_vitals_long.csv.gz"
REBUILD = """
COPY (
    SELECT row_number() OVER () AS measurement_id, CAST(omop_person_id AS BIGINT) AS person_id,
           {concept} AS measurement_concept_id, CAST(time AS DATE) AS measurement_date,
           CAST(time AS TIMESTAMP) AS measurement_datetime, CAST(value AS DOUBLE) AS value_as_number,
           {source} AS measurement_source_value, unit AS unit_source_value
    FROM read_csv('{file}', all_varchar = true)
) TO '{target}' (FORMAT parquet)
"""


def rows_of(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@pytest.fixture(scope="module")
def long_timelines(shared_data, tmp_path_factory):
    """The timelines of the long table by OMOP person id. Each patient's rows stand in a file of their own."""
    folder = tmp_path_factory.mktemp("long")
    by_person = defaultdict(list)
    for row in rows_of(shared_data / LONG):
        by_person[row["omop_person_id"]].append(row)
    found = {}
    for person, rows in by_person.items():
        path = folder / f"{person}.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        found[person] = read(path, zone="UTC", derive=False)
    return found


@pytest.fixture(scope="module", params=["by concept", "by source code"])
def mimic(request, shared_data, tmp_path_factory):
    """The published tables, with MEASUREMENT rebuilt beside them."""
    folder = tmp_path_factory.mktemp("omop")
    for file in (shared_data / "mimic_iv_demo_omop").glob("*.csv.gz"):
        (folder / file.name).symlink_to(file)
    concept, source = "0", "COALESCE(NULLIF(loinc, ''), label)"
    if request.param == "by concept":
        # Analytes for which no concept is confirmed can be read by the source's code alone.
        mapped = {c: a.omop[0] for a in analytes.catalogue().values() if a.omop for c in (*a.loinc, *a.loinc_noisy)}
        concept = "CASE loinc " + " ".join(f"WHEN '{c}' THEN {o}" for c, o in mapped.items()) + " ELSE 0 END"
        source = f"CASE WHEN ({concept}) > 0 THEN itemid ELSE {source} END"
    target = folder / "measurement.parquet"
    duckdb.sql(REBUILD.format(concept=concept, source=source, file=shared_data / LONG, target=target))
    return folder


@pytest.fixture(scope="module")
def mimic_timelines(mimic):
    return {t.patient.id: t for t in iterate_omop(mimic, zone=UTC)}


def test_the_same_persons(mimic_timelines, long_timelines):
    assert mimic_timelines.keys() == long_timelines.keys()
    assert len(mimic_timelines) == 100


def values(timeline):
    return Counter((m.analyte, m.value, m.time.latest) for ms in timeline.measurements.values() for m in ms)


def test_the_same_measurements_as_the_long_table(mimic_timelines, long_timelines):
    for person, timeline in mimic_timelines.items():
        assert values(timeline) == values(long_timelines[person]), person
    assert sum(values(t).total() for t in mimic_timelines.values()) > 80_000


def test_the_same_rows_refused_for_the_same_reasons(mimic_timelines, long_timelines):
    def refused(timelines):
        return Counter(r.reason for t in timelines.values() for r in t.accounting.rejected)

    assert refused(mimic_timelines) == refused(long_timelines)


def test_every_row_of_every_table_is_accounted_for(mimic, mimic_timelines, shared_data):
    tables = "person death visit_occurrence condition_occurrence drug_exposure procedure_occurrence device_exposure"
    rows = sum(1 for t in tables.split() for _ in rows_of(shared_data / "mimic_iv_demo_omop" / f"{t}.csv.gz"))
    rows += sum(1 for _ in rows_of(shared_data / LONG))
    assert sum(t.accounting.read for t in mimic_timelines.values()) == rows


def test_birth_death_and_stays(mimic_timelines, shared_data):
    """Only the year of birth is published, moved as all dates are; fifteen died."""
    years = {r["person_id"]: r["year_of_birth"] for r in rows_of(shared_data / "mimic_iv_demo_omop/person.csv.gz")}
    assert {p: t.patient.birth.text for p, t in mimic_timelines.items()} == years
    assert sum(t.patient.death is not None for t in mimic_timelines.values()) == 15
    kinds = Counter(s.kind for t in mimic_timelines.values() for s in t.stays)
    # 38 admissions through the emergency room and 13 others; 119 emergency visits; places that are no ward.
    assert (kinds["inpatient"], kinds["emergency"]) == (51, 119)
    assert kinds.total() == 852


def test_conditions_are_found_by_icd_10_alone(mimic_timelines, shared_data):
    """The long table has none. Most admissions are coded in ICD-9, which is not read: 'E8839' is a fall there."""
    codes = {c.replace(".", ""): f.id for f in terms.findings().values() for c in f.codes["icd10"]}
    expected: Counter[tuple[str, str]] = Counter()
    for row in rows_of(shared_data / "mimic_iv_demo_omop/condition_occurrence.csv.gz"):
        if row["condition_source_value"].strip() in codes:
            expected[row["person_id"], codes[row["condition_source_value"].strip()]] += 1
    found = Counter((p, f.name) for p, t in mimic_timelines.items() for fs in t.findings.values() for f in fs)
    assert expected <= found
    # Seizure is also found by its concept, into which both classifications are mapped.
    assert {name for _, name in found - expected} <= {"seizure"}


def test_drugs_are_orders_and_mostly_unmapped(mimic_timelines, shared_data):
    """All rows are prescriptions: nothing here says that a drug was given.

    Products are coded by NDC, and the vocabulary that leads from a product to its ingredient is not published with the
    data. So far fewer drugs are found than the ingredients in DRUG_ERA, which was derived with that vocabulary.
    """
    exposures = {(p, e.drug): e.origin.record for p, t in mimic_timelines.items() for e in t.exposures}
    assert {e.given for t in mimic_timelines.values() for e in t.exposures} == {Given.ORDERED}
    eras: set[tuple[str, str]] = set()
    for row in rows_of(shared_data / "mimic_iv_demo_omop/drug_era.csv.gz"):
        drug = terms.drug_by_code("omop", row["drug_concept_id"])
        if drug is not None:
            eras.add((row["person_id"], drug.id))
    assert len(exposures.keys() & eras) < len(eras) / 5
    # What is found beyond them has no concept at all, and is known by the name that the source wrote.
    beyond = {record for key, record in exposures.items() if key not in eras}
    concepts = {
        r["drug_exposure_id"]: r["drug_concept_id"]
        for r in rows_of(shared_data / "mimic_iv_demo_omop/drug_exposure.csv.gz")
    }
    assert {concepts[record] for record in beyond} == {"0"}


@pytest.fixture(scope="module")
def synthea(shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthea")
    with zipfile.ZipFile(shared_data / "synthea_omop_27nj/Synthea27Nj_5.4.zip") as archive:
        archive.extractall(folder, [n for n in archive.namelist() if n.endswith(".csv") and "/" not in n])
    return folder


@pytest.fixture(scope="module")
def synthea_timelines(synthea):
    return list(iterate_omop(synthea, zone=UTC))


def table(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{k.lower(): v for k, v in row.items()} for row in csv.DictReader(file)]


def test_synthea_every_row_is_accounted_for(synthea, synthea_timelines):
    tables = "PERSON DEATH VISIT_OCCURRENCE CONDITION_OCCURRENCE DRUG_EXPOSURE MEASUREMENT OBSERVATION"
    names = [*tables.split(), "PROCEDURE_OCCURRENCE", "DEVICE_EXPOSURE"]
    assert sum(t.accounting.read for t in synthea_timelines) == sum(len(table(synthea, n)) for n in names)
    assert len(synthea_timelines) == 28
    assert [r.reason for t in synthea_timelines for r in t.accounting.rejected] == []


def test_synthea_concepts_and_codes_name_the_same_analytes(synthea, synthea_timelines):
    """Each row carries concept and LOINC code: reading by concept must give what the codes say."""
    expected: Counter[tuple[str, str]] = Counter()
    for row in table(synthea, "MEASUREMENT"):
        analyte = analytes.by_code("loinc", row["measurement_source_value"])
        if analyte is not None and row["value_as_number"]:
            expected[row["person_id"], analyte.id] += 1
    found: Counter[tuple[str, str]] = Counter()
    for timeline in synthea_timelines:
        found.update({(timeline.patient.id, name): len(ms) for name, ms in timeline.measurements.items()})
    assert found == expected
    assert found.total() > 5000


def test_synthea_has_days_and_no_clock_times(synthea_timelines):
    """All its times are midnight, which stands for a time that is not known."""
    assert not any(m.time.is_exact for t in synthea_timelines for ms in t.measurements.values() for m in ms)


def test_synthea_products_are_found_by_the_names_in_its_vocabulary(synthea, synthea_timelines):
    """Its CONCEPT table names the products; its CONCEPT_ANCESTOR is empty."""
    names = {row["concept_id"]: row["concept_name"] for row in table(synthea, "CONCEPT")}
    products = [names[row["drug_concept_id"]].casefold() for row in table(synthea, "DRUG_EXPOSURE")]
    paracetamol = sum(name.startswith("acetaminophen") for name in products)
    found = Counter(e.drug for t in synthea_timelines for e in t.exposures)
    assert found["paracetamol"] == paracetamol > 50


def test_unit_concepts_are_those_of_the_vocabulary(synthea):
    """Synthea ships the UCUM part of the OMOP vocabulary, under the code that our table gives for each concept."""
    codes = {r["concept_id"]: r["concept_code"] for r in table(synthea, "CONCEPT") if r["vocabulary_id"] == "UCUM"}
    ours = meanings("units")
    differing = {concept: codes.get(concept) for concept, code in ours.items() if codes.get(concept) != code}
    assert differing == {"8645": "[U]/L"}  # an older way to write U/L
