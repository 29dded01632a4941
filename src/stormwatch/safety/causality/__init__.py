"""Causality of one drug for one reaction: Naranjo and WHO-UMC, proposed from facts and open to correction."""

from stormwatch.safety.causality.naranjo import Naranjo, naranjo
from stormwatch.safety.causality.who_umc import WhoUmc, who_umc

__all__ = ["Naranjo", "WhoUmc", "naranjo", "who_umc"]
