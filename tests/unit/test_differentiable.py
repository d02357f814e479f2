"""The differentiable door: closed forms, the linear law, and gradients against differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from speciosa.core.differentiable import Schedule, forward
from speciosa.core.engine import prepare_jax
from speciosa.core.errors import InputError
from speciosa.evidence.load import Evidence
from speciosa.models.opioid import opioid
from speciosa.trial.fit import model_for, numbers_of

COVARIATES = {
    "weight": np.array([70.0, 90.0]), "age": np.array([30.0, 50.0]), "male": np.ones(2),
    "smoker": np.zeros(2), "cyp2d6_activity_score": np.ones(2),
}  # fmt: skip
LOFEXIDINE = ("lofexidine.clearance", "lofexidine.volume", "lofexidine.absorption_rate")
KRATOM = ("mitragynine.intrinsic_clearance", "mitragynine.absorption_rate")


def course(
    evidence: Evidence, entry: str, quantity: str, names: tuple[str, ...], amount: float
) -> tuple[Any, dict[str, Any]]:
    """Return the forward function of one dose in two people, and its arguments."""
    prepare_jax()
    hours = (0.5, 1.0, 3.0, 6.0)
    reads = tuple((t, i, quantity) for i in range(2) for t in hours)
    schedule = Schedule({entry: ((0.0, 0, amount), (0.0, 1, 2 * amount))}, reads, 2)
    model = model_for((entry,), (quantity,))
    values = {name: evidence.number(name).value for name in names}
    return forward(model, schedule, numbers_of(model, evidence), COVARIATES, names), values


class TestLofexidine:
    def test_twice_the_dose_is_twice_the_concentration(self, evidence: Evidence) -> None:
        f, values = course(evidence, "lofexidine_oral", "lofexidine_plasma", LOFEXIDINE, 1000.0)
        one, other = np.asarray(f(values)).reshape(2, -1)
        assert other == pytest.approx(2.0 * one, rel=1e-10)
        assert (one > 0).all()

    def test_gradient_is_that_of_differences(self, evidence: Evidence) -> None:
        f, values = course(evidence, "lofexidine_oral", "lofexidine_plasma", LOFEXIDINE, 1000.0)
        _gradients_agree(f, values, 1e-6)


@pytest.mark.slow
def test_a_model_that_is_integrated_has_gradients_too(evidence: Evidence) -> None:
    f, values = course(evidence, "mitragynine_oral", "mitragynine_plasma", KRATOM, 1e5)
    _gradients_agree(f, values, 1e-4)


def _gradients_agree(f: Any, values: dict[str, float], within: float) -> None:
    jax = prepare_jax()
    jnp = jax.numpy
    found = jax.grad(lambda v: jnp.log(f(v)).sum())({k: jnp.asarray(v) for k, v in values.items()})
    for name, value in values.items():
        step = 1e-4 * value
        up, down = ({**values, name: value + side * step} for side in (1, -1))
        slope = (np.log(f(up)).sum() - np.log(f(down)).sum()) / (2 * step)
        assert float(found[name]) == pytest.approx(float(slope), rel=within)


def test_what_decides_is_refused(evidence: Evidence) -> None:
    model = opioid({"lofexidine_oral"})
    schedule = Schedule({}, ((1.0, 0, "cows"),), 1)
    with pytest.raises(InputError, match="decides"):
        forward(model, schedule, {}, {}, ())


def test_a_number_that_nothing_rests_on_is_refused(evidence: Evidence) -> None:
    with pytest.raises(InputError, match="does not rest on"):
        course(evidence, "lofexidine_oral", "lofexidine_plasma", ("melatonin.volume",), 1.0)


def test_the_hour_of_going_to_bed_is_asked_and_not_refused(evidence: Evidence) -> None:
    """Melatonin in blood rests on light, and light on when people go to bed."""
    names = ("melatonin.gut_availability",)
    f, values = course(evidence, "melatonin_oral", "melatonin_plasma", names, 2e4)
    one, other = np.asarray(f(values)).reshape(2, -1)
    assert (one > 0).all()
    more = np.asarray(f({names[0]: 1.5 * values[names[0]]})).reshape(2, -1)
    assert (more > np.stack([one, other])).all()
