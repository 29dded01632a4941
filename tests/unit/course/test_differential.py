"""The differential table: what speaks for, what against, what was never measured; with its facts and sources."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

import stormwatch as sw
from stormwatch.course.differential import differential, window
from stormwatch.course.differential_file import instrument_of, node_of, source_of, table
from stormwatch.course.episodes import Episode, Latency
from stormwatch.facts import Interval, Patient, When
from stormwatch.instruments.criteria import drugs_of
from stormwatch.logic import nodes as n
from stormwatch.logic.inputs import DrugInput, FindingInput, LabInput
from stormwatch.testing.records import START, given, hour, measured, record, stated

IDS = ["crs", "mas_hlh", "iec_hs", "icans", "sepsis", "tumour_lysis", "dic", "liver_injury", "progression"]


def rows(*facts, start=0.0, stop=100.0, **options):
    found = differential(record(facts, **options), hour(start).latest, hour(stop).latest)
    return {row.id: row for row in found}


def texts(lines):
    return [line.text for line in lines]


def facts_in(lines):
    return [fact.origin.record for line in lines for fact in line.facts]


class TestDirections:
    def test_a_criterion_met_speaks_for_and_carries_its_fact(self):
        (line,) = rows(measured("ferritin", 8450, 10))["mas_hlh"].speaks_for
        assert line.text == "hlh-2004, Ferritin: met (ferritin 8450)"
        assert facts_in([line]) == ["ferritin-10"]
        assert "10.1002/pbc.21039" in line.source

    def test_the_published_cut_off_decides_and_nothing_else(self):
        assert texts(rows(measured("ferritin", 500, 10))["mas_hlh"].speaks_for)
        (line,) = rows(measured("ferritin", 499, 10))["mas_hlh"].speaks_against[:1]
        assert line.text == "hlh-2004, Ferritin: not met (ferritin 499)"

    def test_once_met_in_the_stretch_it_speaks_for_though_later_values_are_low(self):
        row = rows(measured("ferritin", 8450, 10), measured("ferritin", 100, 90))["mas_hlh"]
        assert "hlh-2004, Ferritin: met (ferritin 8450)" in texts(row.speaks_for)
        assert not [text for text in texts(row.speaks_against) if text.startswith("hlh-2004, Ferritin")]

    def test_of_many_values_the_first_and_the_worst_are_shown(self):
        values = {10: 600, 20: 9000, 30: 7000}
        row = rows(*(measured("ferritin", value, at) for at, value in values.items()))["mas_hlh"]
        assert facts_in(row.speaks_for[:1]) == ["ferritin-10", "ferritin-20"]

    def test_points_are_shown_with_their_number(self):
        row = rows(stated("splenomegaly", 10), stated("hepatomegaly", 10))["mas_hlh"]
        assert any(text.startswith("hscore, Organomegaly: 38 points") for text in texts(row.speaks_for))

    def test_a_bispecific_antibody_speaks_against_iec_hs_and_for_crs(self):
        found = rows(given("blinatumomab", 0, until=50))
        assert facts_in(found["iec_hs"].speaks_against) == ["blinatumomab-0"]
        assert "T-cell-engaging therapy in the last 30 days: met (blinatumomab given)" in texts(found["crs"].speaks_for)

    def test_car_t_cells_speak_for_iec_hs(self):
        assert facts_in(rows(given("tisagenlecleucel", 0))["iec_hs"].speaks_for) == ["tisagenlecleucel-0"]

    def test_a_suspected_infection_speaks_for_sepsis_and_against_crs(self):
        found = rows(stated("infection_suspected", 10))
        assert facts_in(found["sepsis"].speaks_for) == facts_in(found["crs"].speaks_against)
        assert facts_in(found["crs"].speaks_against) == ["infection_suspected-10"]

    def test_a_remission_speaks_against_progression_as_last_stated(self):
        found = rows(stated("remission", 5), stated("remission", 50, present=False))
        assert texts(found["progression"].speaks_against) == []

    def test_an_absence_of_cholestasis_must_last(self):
        found = rows(measured("alp", 100, 5, high=105), measured("alp", 300, 50, high=105))["liver_injury"]
        assert set(facts_in(found.speaks_against)) == {"alp-50"}  # the criterion, and the pattern that needs it
        assert found.speaks_for == ()

    def test_a_low_qsofa_excludes_nothing(self):
        assert rows(measured("respiratory_rate", 12, 5))["sepsis"].speaks_against == ()


class TestNeverMeasured:
    def test_an_empty_record_has_only_questions(self):
        for row in differential(record([]), START, START):
            assert (row.speaks_for, row.speaks_against, row.undecided) == ((), (), ())
            assert row.never_measured

    def test_what_is_measured_is_not_listed(self):
        before = rows()["mas_hlh"].never_measured
        after = rows(measured("ferritin", 100, 10))["mas_hlh"].never_measured
        assert set(before) - set(after) == {"ferritin"}

    def test_each_is_named_once(self):
        for row in rows().values():
            assert len(set(row.never_measured)) == len(row.never_measured)

    def test_a_missing_limit_is_said_to_be_the_limit(self):
        names = rows(measured("alt", 500, 10), measured("ast", 500, 10))["liver_injury"].never_measured
        assert "upper reference limit of alanine aminotransferase" in names

    def test_a_value_that_settles_nothing_is_undecided_and_not_never_measured(self):
        row = rows(measured("platelets", 100, 10))["dic"]  # copies of the table differ on what exactly 100 scores
        assert [text for text in texts(row.undecided) if text.startswith("isth-dic, Platelets")]
        assert "platelets" not in row.never_measured

    def test_silence_speaks_against_only_when_the_record_is_vouched_complete(self):
        assert rows()["crs"].speaks_against == ()
        found = rows(measured("crp", 1, 1), complete=["exposures"])["crs"].speaks_against
        assert "T-cell-engaging therapy in the last 30 days: not met" in texts(found)

    def test_what_was_measured_after_the_stretch_does_not_count(self):
        assert "ferritin" in rows(measured("ferritin", 9000, 101))["mas_hlh"].never_measured

    def test_what_became_known_after_the_stretch_does_not_count(self):
        assert "ferritin" in rows(measured("ferritin", 9000, 50, known=101))["mas_hlh"].never_measured

    def test_a_value_from_before_the_stretch_counts_while_its_instrument_looks_back(self):
        assert "ferritin" not in rows(measured("ferritin", 9000, -71))["mas_hlh"].never_measured
        assert "ferritin" in rows(measured("ferritin", 9000, -72))["mas_hlh"].never_measured


class TestWindow:
    def episode(self, onset, stop, *, certain=True):
        return Episode(
            syndrome="crs",
            instrument="crs-astct",
            number=1,
            onset=hour(onset).latest,
            certain=certain,
            peak=None,
            peak_at=None,
            resolved=None,
            ongoing=False,
            rule="",
            latency=Latency(),
            last_met=hour(stop).latest,
        )

    def test_from_three_days_before_the_onset_to_the_end(self):
        assert window([self.episode(100, 150)], hour(500).latest) == (hour(28).latest, hour(150).latest)

    def test_overlapping_episodes_are_one_stretch(self):
        two = [self.episode(100, 150), self.episode(140, 200)]
        assert window(two, hour(500).latest) == (hour(28).latest, hour(200).latest)

    def test_the_latest_of_episodes_apart(self):
        two = [self.episode(100, 150), self.episode(300, 320)]
        assert window(two, hour(500).latest) == (hour(228).latest, hour(320).latest)

    def test_without_a_certain_episode_the_last_seven_days(self):
        expected = (hour(500 - 168).latest, hour(500).latest)
        assert window([], hour(500).latest) == expected
        assert window([self.episode(100, 150, certain=False)], hour(500).latest) == expected

    def test_at_the_edge_of_the_calendar(self):
        first = START.replace(year=1)
        assert window([], first)[0] <= first


class TestTheFile:
    def test_the_ten_diagnoses(self):
        assert [row.id for row in table()] == [*IDS, "marrow_failure"]

    @pytest.mark.parametrize("row", table(), ids=lambda row: row.id)
    def test_every_feature_is_a_question_with_a_source_and_a_direction(self, row):
        for feature in row.features:
            assert node_of(feature) is not None
            assert source_of(feature)
            assert feature.met or feature.not_met

    def test_no_question_rests_on_unconfirmed_evidence(self):
        for feature in (f for row in table() for f in row.features):
            definition = instrument_of(feature).definition
            evidence = {item.id: item.evidence for item in definition.items}.get(feature.item)
            assert (evidence or definition.result.evidence) in ("primary", "secondary")

    def test_every_diagnosis_and_note_has_a_source(self):
        for row in table():
            assert row.source
            assert all(note.source for note in row.notes)

    def test_that_fever_and_ferritin_do_not_tell_is_said(self):
        notes = {row.id: " ".join(note.text for note in row.notes) for row in table()}
        assert "do not tell it from cytokine release" in notes["mas_hlh"]
        assert "did not predict" in notes["crs"]

    def test_there_is_no_weight_and_no_rank(self):
        assert {field for row in table() for f in row.features for field in type(f).model_fields} == {
            "instrument",
            "item",
            "met",
            "not_met",
            "counts",
        }


class TestEdges:
    def test_death_does_not_disturb_it(self):
        patient = Patient("test", death=hour(50))
        found = rows(measured("ferritin", 9000, 10), patient=patient)
        assert facts_in(found["mas_hlh"].speaks_for) == ["ferritin-10"]

    def test_a_value_dated_to_a_day_counts_at_the_end_of_the_day(self):
        day = When.parse("2024-01-01")
        fact = replace(measured("ferritin", 9000, 0), time=day, known_at=day)
        assert "ferritin" in rows(fact, stop=23)["mas_hlh"].never_measured
        assert facts_in(rows(fact, stop=24)["mas_hlh"].speaks_for) == ["ferritin-0"]

    def test_a_censored_value_decides_what_its_bound_decides(self):
        found = rows(measured("ferritin", Interval.above(2000), 10))["mas_hlh"]
        assert facts_in(found.speaks_for) == ["ferritin-10"]


numbers = st.tuples(
    st.sampled_from(["ferritin", "temperature", "platelets", "potassium", "fibrinogen"]),
    st.integers(0, 99),
    st.integers(1, 200),
)


@settings(max_examples=40)
@drawn(st.lists(numbers, max_size=8))
def test_each_question_stands_in_one_column_with_facts_of_the_record_up_to_then(drawn_facts):
    timeline = record([measured(name, Fraction(value), at) for name, at, value in drawn_facts])
    known = {id(fact) for fact in timeline.facts if fact.time.latest <= hour(60).latest}
    for row in differential(timeline, hour(0).latest, hour(60).latest):
        lines = [*row.speaks_for, *row.speaks_against, *row.undecided]
        asked = [line.text.partition(":")[0] for line in lines]
        assert len(set(asked)) == len(asked)
        assert all(line.facts and line.source for line in lines)
        assert {id(fact) for line in lines for fact in line.facts} <= known


def names_of(node):
    """The names under which the facts of a record can answer a node, gathered apart from the program."""
    for part in n.walk(node):
        which = getattr(part, "input", None)
        if isinstance(which, LabInput):
            yield which.analyte
        elif isinstance(which, FindingInput):
            yield which.finding
        elif isinstance(which, DrugInput):
            yield from which.drugs
            yield which.stated


@settings(max_examples=40)
@drawn(st.lists(numbers, max_size=8))
def test_a_line_shows_only_facts_that_its_question_asks_for(drawn_facts):
    timeline = record([measured(name, Fraction(value), at) for name, at, value in drawn_facts])
    found = differential(timeline, hour(0).latest, hour(100).latest)
    for row, asked in zip(found, table(), strict=True):
        allowed = {name for feature in asked.features for name in names_of(node_of(feature))}
        for line in (*row.speaks_for, *row.speaks_against, *row.undecided):
            assert {fact.origin.record.partition("-")[0] for fact in line.facts} <= allowed


def test_the_question_of_t_cell_engagers_covers_the_whole_class():
    asked = next(f for f in table()[0].features if f.item == "t_cell_engaging_therapy")
    assert set(names_of(node_of(asked))) - {""} == drugs_of("t_cell_engager", "") | drugs_of("car_t", "")


def test_the_table_is_the_same_whatever_the_order_of_the_facts():
    facts = [measured("ferritin", 9000, 10), stated("fever", 12), measured("ast", 90, 11, high=40)]
    assert rows(*facts) == rows(*reversed(facts))


def test_answers_typed_by_hand_make_a_table():
    timeline = sw.answers({"ferritin": "10749 ng/mL", "splenomegaly": True})
    assert timeline.end is not None
    found = differential(timeline, timeline.end, timeline.end)
    assert {fact.origin.file for line in found[1].speaks_for for fact in line.facts} == {"answers"}
