"""Coding with the user's own dictionaries. MedDRA and WHODrug are licensed: none is shipped, and nothing is guessed."""

from stormwatch.safety.coding.matching import Match, matches
from stormwatch.safety.coding.meddra import MedDra, read_meddra
from stormwatch.safety.coding.proposing import Proposal, coded, drug_matches, propose
from stormwatch.safety.coding.whodrug import WhoDrug, read_whodrug

__all__ = [
    "Match",
    "MedDra",
    "Proposal",
    "WhoDrug",
    "coded",
    "drug_matches",
    "matches",
    "propose",
    "read_meddra",
    "read_whodrug",
]
