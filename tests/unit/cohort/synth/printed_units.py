"""What printed results mean in canonical units, worked out by hand."""

from __future__ import annotations

from fractions import Fraction

# One printed unit in canonical units: 1 ukat/L = 60 U/L; molar factors as papers use them (JAMA and others).
FACTORS = {
    ("crp", "mg/dL"): Fraction(10),
    ("d_dimer_feu", "ug/mL FEU"): Fraction(1000),
    ("haemoglobin", "g/L"): Fraction(1, 10),
    ("haemoglobin", "mmol/L"): 1 / Fraction("0.6206"),
    ("albumin", "g/L"): Fraction(1, 10),
    ("fibrinogen", "g/L"): Fraction(100),
    ("calcium", "mmol/L"): Fraction("4.008"),
    ("phosphate", "mmol/L"): Fraction("3.097"),
    ("triglycerides", "mmol/L"): Fraction("88.57"),
    ("urate", "µmol/L"): 1 / Fraction("59.48"),
    ("creatinine", "µmol/L"): 1 / Fraction("88.4"),
    ("creatinine", "umol/L"): 1 / Fraction("88.4"),
    ("bilirubin_total", "µmol/L"): 1 / Fraction("17.1"),
    ("lactate", "mg/dL"): 1 / Fraction("9.008"),
    ("wbc", "/uL"): Fraction(1, 1000),
    ("platelets", "10^4/uL"): Fraction(10),
    ("ast", "ukat/L"): Fraction(60),
    ("alt", "ukat/L"): Fraction(60),
    ("ldh", "ukat/L"): Fraction(60),
}


def canonical(analyte: str, number: str, unit: str) -> Fraction:
    if unit == "°F":
        return (Fraction(number) - 32) * Fraction(5, 9)
    return Fraction(number) * FACTORS.get((analyte, unit), Fraction(1))
