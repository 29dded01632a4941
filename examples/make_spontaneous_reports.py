"""Makes ``examples/spontaneous-reports.csv``: made-up reports in which one drug and one event are planted together.

Run it from the root of the repository. No line describes a real person.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

DRUGS = [
    *("Blinatumomab", "Dexamethasone", "Vincristine", "Omeprazole", "Aspirin", "Metformin", "Simvastatin"),
    *("Digoxin", "Warfarin", "Ibuprofen", "Amlodipine", "Furosemide"),
]
EVENTS = [
    *("Nausea", "Rash", "Headache", "Fatigue", "Dizziness", "Vomiting", "Diarrhoea", "Anaemia", "Insomnia", "Cough"),
    *("Pyrexia", "Pain"),
]
PLANTED = "Haemophagocytic lymphohistiocytosis"


def reports(count: int = 400, seed: int = 4) -> list[dict[str, str]]:
    """Reports of one to three drugs and events; blinatumomab brings the planted event in three reports of ten."""
    chance = random.Random(seed)
    made = []
    for number in range(1, count + 1):
        drugs = chance.sample(DRUGS, chance.randint(1, 3))
        events = chance.sample(EVENTS, chance.randint(1, 3))
        if chance.random() < (0.3 if "Blinatumomab" in drugs else 0.01):
            events.append(PLANTED)
        quarter = chance.randint(0, 7)
        made.append(
            {
                "report": f"X{number:04}",
                "received": f"{2022 + quarter // 4}{quarter % 4 * 3 + 2:02}{chance.randint(1, 28):02}",
                "age": str(chance.randint(2, 80)),
                "sex": chance.choice("FM"),
                "country": chance.choice(["FR", "DE", "US", "JP"]),
                "drugs": "; ".join(drugs),
                "events": "; ".join(events),
            }
        )
    return made


if __name__ == "__main__":
    rows = reports()
    with Path("examples/spontaneous-reports.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
