"""What follows from the fields of a drafted case once a person has corrected them: causality results and narrative."""

from __future__ import annotations

from copy import deepcopy

from stormwatch.safety.case import Group
from stormwatch.safety.causality.naranjo import naranjo_of
from stormwatch.safety.causality.who_umc import who_umc_of
from stormwatch.safety.narrative import narrative, text

_SOURCE = "Sender (drafted, to be confirmed)"


def completed(case: Group) -> Group:
    """A copy with the results of both causality methods (G.k.9.i.2.r) and the narrative (H.1), where it has none.

    Results are ranges while questions are open, and say that they are drafted. A person's own results stay.
    """
    made = deepcopy(case)
    for drug in made.each("G.k"):
        for link in drug.each("G.k.9.i"):
            if not link.each("G.k.9.i.2.r"):
                _results(link)
    if made.get("H.1") is None and made.null("H.1") is None:
        told = text(narrative(made))
        if told:
            made.set("H.1", told)
    return made


def _results(link: Group) -> None:
    scale, who = naranjo_of(link), who_umc_of(link)
    for method, result in (("Naranjo 1981", scale and scale.text), ("WHO-UMC", who and who.text)):
        if result:
            held = link.add("G.k.9.i.2.r")
            held.set("G.k.9.i.2.r.1", _SOURCE).set("G.k.9.i.2.r.2", method).set("G.k.9.i.2.r.3", result)
