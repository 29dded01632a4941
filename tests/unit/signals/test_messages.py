"""Cases of a pair as E2B(R3): what is written reads back as the report has it, and nothing is added."""

from datetime import UTC, datetime

from stormwatch.safety.e2b.check import check_batch
from stormwatch.safety.e2b.reader import read
from stormwatch.safety.e2b.writer import write
from stormwatch.safety.message import Envelope
from stormwatch.signals.messages import messages
from stormwatch.signals.series import series

AT = datetime(2024, 3, 2, tzinfo=UTC)


def made(quarter, database, **held):
    one = quarter()
    one.report(71, drugs=("BLINATUMOMAB", ("ASPIRIN", "C")), **held)
    batch = messages(series(database(one), "blinatumomab", held["events"][0]), Envelope("ME", "YOU"), AT)
    return read(write(batch))


def test_what_the_report_says_is_in_the_message(quarter, database):
    back = made(
        quarter, database, events=("Cough",), sex="F", age="44", age_cod="YR", event_dt="201703", occr_country="FR"
    )
    case = back.messages[0].case
    assert (case.get("C.1.1"), case.get("D.5"), case.get("D.2.2a"), case.get("D.2.2b")) == ("71", "2", "44", "a")
    reaction = case.each("E.i")[0]
    assert (reaction.get("E.i.1.1a"), reaction.get("E.i.4")) == ("cough", "201703")
    assert [drug.get("G.k.1") for drug in case.each("G.k")] == ["1", "2"]
    assert back.unknown_count() == 0


def test_what_is_said_of_the_report_is_not_put_on_one_of_several_reactions(quarter, database):
    case = made(quarter, database, events=("Cough", "Rash"), event_dt="20170312").messages[0].case
    assert [one.get("E.i.4") for one in case.each("E.i")] == [None, None]
    assert {one.null("E.i.3.2a") for one in case.each("E.i")} == {"NI"}
    assert "2017" in case.get("H.4")


def test_the_check_finds_missing_only_what_a_public_report_lacks(quarter, database):
    found = {finding.element for finding in check_batch(made(quarter, database, events=("Cough",)), form="icsr")}
    lacking = {"C.1.3", "C.1.4", "C.1.6.1", "C.1.8.1", "C.1.8.2", "C.2.r.5", "C.3.1", "D.7.2", "H.1"}
    assert found <= {*lacking, "E.i.2.1a", "E.i.2.1b", "C.2.r.4", "C.1.5"}
