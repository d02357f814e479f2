"""Pain tolerance: how long a hand stays in ice water, by the mu signal beyond what is tolerated.

    tolerance = min(longest, baseline (1 + gain max(0, S - share A)))

S is the mu signal and A the adaptation to it, so that people who are maintained on an opioid keep
little analgesia and a first dose gives more. One trial in people measured it: 26 men who drank
kratom daily, 11.2 s before a kratom decoction and 24.9 s an hour after it, unchanged after placebo.
``gain`` is that ratio over the signal that the model predicts for such a dose in such people: a
calibration that carries the whole uncertainty of that signal. Nothing acts but the mu receptor:
alpha-2 and other routes of kratom to pain are not built, and the greater sensitivity to pain in
withdrawal has no number.

Covariates: none; ``baseline`` differs between people.

Sources: Vicknasingam 2020; records ``pain.*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Equations, Parameter, Row, Rows, Stage

PARAMETERS = {
    "baseline": Parameter("pain.baseline", "s"),
    "gain": Parameter("pain.gain", "1"),
    "longest": Parameter("pain.longest", "s"),
}


def _outputs(adapted: bool) -> Equations:
    def outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        beyond = s["mu_signal"]
        if adapted:
            beyond = beyond - p["tolerated"] * s["adaptation"]
        longer = 1 + p["gain"] * xp.maximum(beyond, 0.0)
        return {"pain_tolerance": xp.minimum(p["baseline"] * longer, p["longest"])}

    return outputs


def pain(adapted: bool = True) -> Stage:
    """Return the pain stage.

    Args:
        adapted: whether the recipe has the state of adaptation to the mu signal.

    Example:
        >>> import numpy as np
        >>> p = {"baseline": 10.0, "gain": 20.0, "longest": 300.0, "tolerated": 1.0}
        >>> signals = {"mu_signal": 0.3, "adaptation": 0.2}
        >>> round(float(pain().outputs(np, {}, signals, p)["pain_tolerance"]), 1)
        30.0
    """
    needs = {"mu_signal": "1"} | ({"adaptation": "1"} if adapted else {})
    more = {"tolerated": Parameter("pain.tolerated_share", "1")} if adapted else {}
    return Stage(
        name="pain",
        needs=needs,
        gives={"pain_tolerance": "s"},
        outputs=_outputs(adapted),
        direct=tuple(needs),
        parameters=PARAMETERS | more,
    )


PAIN = pain()
