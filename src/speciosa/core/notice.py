"""The words that stand on every output, written once so that they are the same everywhere."""

from __future__ import annotations

INTENDED_USE = (
    "Speciosa is for research and education on populations: it is not medical advice and not for "
    "decisions about a person."
)
SIMULATED = "simulated, not observed"
OUTSIDE = (
    "Outside the model: anyone under 18, pregnancy, liver disease and thoughts of suicide. "
    "Alcohol withdrawal can kill: it needs medical care."
)
