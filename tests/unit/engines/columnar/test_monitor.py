"""The ward monitor: small courses by hand."""

from datetime import timedelta

from stormwatch.engines.columnar.monitor import Monitor
from stormwatch.facts import Patient, When
from stormwatch.instruments.catalogue import instrument
from stormwatch.testing.records import START, hour, measured, stated


def monitor(*names, **how):
    return Monitor(Patient("p"), [instrument(name) for name in names], **how)


def told(changes):
    return [(change.moment.moment, change.moment.score.low) for change in changes]


def scores(ward, name):
    return [(m.moment, m.score.low) for m in ward.moments(name)]


def test_a_fact_tells_what_it_changes_and_what_time_has_changed():
    ward = monitor("hscore")
    assert told(ward.add(measured("ferritin", 7000, 0)))[-1] == (START, 50)
    later = ward.add(stated("hepatomegaly", 100))
    assert told(later) == [(START + timedelta(hours=72), 0), (START + timedelta(hours=100), 23)]


def test_a_fact_that_changes_nothing_tells_nothing():
    ward = monitor("hscore")
    ward.add(measured("ferritin", 7000, 0))
    assert ward.add(measured("ferritin", 7001, 1)) == []
    assert ward.add(measured("sodium", 140, 2)) == []


def test_a_result_about_the_past_counts_from_now():
    ward = monitor("hscore")
    ward.add(stated("hepatomegaly", 30))
    changes = ward.add(measured("ferritin", 7000, 10, known=40))
    assert told(changes) == [(START + timedelta(hours=40), 73)]


def test_a_second_fact_of_the_same_moment_takes_the_place_of_the_answer():
    ward = monitor("hscore")
    ward.add(measured("ferritin", 3000, 1))
    assert told(ward.add(measured("ferritin", 7000, 1, record="second"))) == [(START + timedelta(hours=1), 50)]
    assert scores(ward, "hscore")[1:] == [(START + timedelta(hours=1), 50)]


def test_a_fact_that_should_have_been_known_before_starts_again():
    ward = monitor("hscore")
    ward.add(stated("hepatomegaly", 30))
    again = ward.add(measured("ferritin", 7000, 10))
    assert told(again) == [(START + timedelta(hours=10), 50), (START + timedelta(hours=30), 73)]


def test_death_comes_of_itself():
    ward = Monitor(Patient("p", death=hour(90)), [instrument("crs-astct")])
    ward.add(stated("death_from_crs", 0))
    ward.add(stated("fever", 100))
    assert (START + timedelta(hours=90), 5) in scores(ward, "crs-astct")


def test_a_birthday_comes_of_itself():
    """Phosphate of 5.5 mg/dL is high for an adult and not for a child."""
    ward = Monitor(Patient("p", birth=When.parse("2006-01-02")), [instrument("tls-cairo-bishop")])
    ward.add(measured("phosphate", 5.5, 0))
    ward.add(stated("fever", 50))
    assert (START + timedelta(hours=24), 1) in scores(ward, "tls-cairo-bishop")


def test_silence_is_no_where_it_is_vouched_for():
    vouched, silent = monitor("naranjo", complete=["findings"]), monitor("naranjo")
    for ward in (vouched, silent):
        ward.add(stated("fever", 1))
    widths = [ward.moments("naranjo")[0].score for ward in (vouched, silent)]
    assert widths[0].is_point
    assert not widths[1].is_point
