"""Indices are checked on functions whose answer is known on paper."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.special import ndtri

from speciosa.core.errors import InputError
from speciosa.core.profile import profile_likelihood
from speciosa.verdict.decide import DecisionRule
from speciosa.verdict.effect import EndpointSpec
from speciosa.verdict.information import (
    information,
    judged_by,
    smallest_flip,
    steadiness,
    worth_of_knowing,
)
from speciosa.verdict.record import TrialRecord
from speciosa.verdict.sensitivity import (
    identifiability,
    morris_design,
    morris_indices,
    people_share,
    sensitivity_matrix,
    sobol_design,
    sobol_indices,
)
from speciosa.verdict.told_apart import told_apart

A, B = 7.0, 0.1
NAMES = ("x1", "x2", "x3")


def ishigami(uniforms: np.ndarray) -> np.ndarray:
    """The function of Ishigami T, Homma T. Proc ISUMA 1990:398."""
    x = np.pi * (2.0 * uniforms - 1.0)
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


def known_indices() -> dict[str, tuple[float, float]]:
    """First-order and total indices from the integrals of the function."""
    first = 0.5 * (1.0 + B * np.pi**4 / 5.0) ** 2
    second = A**2 / 8.0
    both = B**2 * np.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    whole = first + second + both
    return {
        "x1": (first / whole, (first + both) / whole),
        "x2": (second / whole, second / whole),
        "x3": (0.0, both / whole),
    }


class TestSobol:
    def test_ishigami_within_two_hundredths(self) -> None:
        design = sobol_design(NAMES, 4096, seed=1)
        assert design.shape == (4096 * 5, 3)
        for found in sobol_indices(NAMES, ishigami(design)):
            first, total = known_indices()[found.name]
            assert found.first == pytest.approx(first, abs=0.02)
            assert found.total == pytest.approx(total, abs=0.02)

    def test_an_answer_that_nothing_moves(self) -> None:
        design = sobol_design(NAMES, 8, seed=1)
        found = sobol_indices(NAMES, np.ones(len(design)))
        assert {each.total for each in found} == {0.0}

    def test_a_base_that_is_no_power_of_two_is_refused(self) -> None:
        with pytest.raises(InputError, match="power of 2"):
            sobol_design(NAMES, 30, seed=1)


def test_morris_ranks_a_linear_function_by_its_weights() -> None:
    weights = np.array([1.0, 5.0, 0.0])
    design = morris_design(NAMES, 8, seed=3)
    found = morris_indices(NAMES, design, design @ weights)
    assert [each.name for each in found] == ["x2", "x1", "x3"]
    assert found[0].size / found[1].size == pytest.approx(5.0, rel=1e-6)
    assert found[0].spread == pytest.approx(0.0, abs=1e-9)


class TestIdentifiability:
    times = np.linspace(0.5, 12.0, 8)

    def course(self, z: np.ndarray) -> np.ndarray:
        """A dose with availability F into volume V, cleared at k: only F/V is seen."""
        F, V, k, idle = np.exp(0.3 * z.T)
        seen = (F / V)[:, None] * np.exp(-0.2 * k[:, None] * self.times)
        return np.log(seen) / 0.1 + 0.0 * idle[:, None]

    def test_a_planted_pair_and_an_idle_input_are_found(self) -> None:
        matrix = sensitivity_matrix(self.course, 4)
        found = identifiability(("F", "V", "k", "idle"), matrix)
        assert found.rank == 2
        assert set(found.lost) == {("F", "V"), ("idle",)}

    def test_a_set_that_is_fixed_loses_nothing(self) -> None:
        matrix = sensitivity_matrix(self.course, 4)[:, [0, 2]]
        found = identifiability(("F", "k"), matrix)
        assert (found.rank, found.lost) == (2, ())
        assert found.collinearity < 10.0

    def test_the_profile_of_a_lost_input_is_flat(self) -> None:
        seen = self.course(np.zeros((1, 4)))[0]

        def residuals(names: list[int]):
            def of(z: np.ndarray) -> np.ndarray:
                whole = np.zeros((1, 4))
                whole[0, names] = z
                return self.course(whole)[0] - seen

            return of

        lost = profile_likelihood(residuals([0, 1]), np.zeros(2), 0, "F")
        fixed = profile_likelihood(residuals([0, 2]), np.zeros(2), 1, "k")
        assert not lost.bounded
        assert max(lost.loss) < 0.01
        assert fixed.bounded
        assert fixed.low is not None and fixed.low < 0.0 < (fixed.high or 0.0)


class TestInformation:
    spec = EndpointSpec("x", "X", "points", "lower", 1.0)

    def worlds(self, size: int = 400) -> tuple[pl.DataFrame, np.ndarray]:
        k = np.arange(1, size + 1)
        a, b, c = (ndtri(k * np.sqrt(prime) % 1.0) for prime in (2, 3, 5))
        table = pl.DataFrame({"draw": np.arange(size), "a": np.exp(a), "b": b, "c": c})
        return table, -(1.0 + 2.0 * a + 0.5 * b)

    def test_the_number_that_moves_most_is_worth_most(self) -> None:
        table, deltas = self.worlds()
        found = information(deltas, range(400), table, self.spec, DecisionRule(), "B")
        assert found is not None
        assert found.best == "a"
        shares = {each.record: each.share for each in found.bearings}
        assert shares["a"] == pytest.approx(4.0 / 4.25, abs=0.05)
        assert shares["b"] == pytest.approx(0.25 / 4.25, abs=0.05)
        assert shares["c"] < 0.03

    def test_worth_of_a_number_that_decides_alone_is_the_normal_loss(self) -> None:
        """E max(0, N(0, s)) = s / sqrt(2 pi)."""
        table, _ = self.worlds(2000)
        a = np.log(table["a"].to_numpy())
        assert worth_of_knowing(a, 2.0 * a) == pytest.approx(2.0 / np.sqrt(2 * np.pi), rel=0.02)

    def test_what_says_nothing_is_not_named(self) -> None:
        table, _ = self.worlds()
        noise = np.sin(np.arange(400) ** 2.0)
        found = information(noise, range(400), table, self.spec, DecisionRule(), "B")
        assert found is not None
        assert found.best == ""

    def test_the_smallest_flip_is_where_the_share_crosses(self) -> None:
        """-(1 + 2a + b/2) is 1 better in four fifths of worlds where 2a = 0.84 / 2."""
        table, deltas = self.worlds()
        found = information(deltas, range(400), table, self.spec, DecisionRule(), "B")
        assert found is not None
        assert found.word == "plausible, untested"
        first = next(each for each in found.bearings if each.record == "a")
        assert first.flips_at is not None
        assert abs(first.flips_at) == pytest.approx(0.21, abs=0.1)

    def test_too_few_worlds_say_nothing(self) -> None:
        table, deltas = self.worlds(10)
        assert information(deltas, range(10), table, self.spec, DecisionRule(), "B") is None


def test_share_of_people_is_bounded() -> None:
    assert people_share({"delta": np.array([0.0, 1.0]), "error": np.array([9.0, 9.0])}) == 1.0
    assert np.isnan(people_share({"delta": np.array([1.0, 1.0]), "error": np.array([0.1, 0.1])}))


class TestToldApart:
    """Two arms and two endpoints: one moved by a and b together, none by c."""

    def record(self, size: int = 300) -> TrialRecord:
        k = np.arange(1, size + 1)
        a, b, c = (ndtri(k * np.sqrt(prime) % 1.0) for prime in (2, 3, 5))
        rows = pl.DataFrame({
            "draw": np.tile(k, 2), "person": 0, "arm": ["x"] * size + ["y"] * size,
            "sows": np.concatenate([a + b, np.zeros(size)]),
            "cows": np.concatenate([2.0 * (a + b), np.zeros(size)]),
        })  # fmt: skip
        specs = tuple(EndpointSpec(n, n, "", "lower", 1.0) for n in ("sows", "cows"))
        draws = pl.DataFrame({"draw": k, "a": np.exp(a), "b": b, "c": c})
        return TrialRecord(rows, specs, ("x", "y"), control="y", draws=draws)

    def test_a_planted_pair_is_found(self) -> None:
        found = told_apart(self.record(), "x", "y", ["a", "b", "c"])
        assert found is not None
        assert found["rank"] == 1
        assert found["lost"] == [("a", "b"), ("c",)]

    def test_a_sum_is_no_arm(self) -> None:
        found = told_apart(self.record(), "x", "sum of both", ["a"])
        assert found is not None and (found["rank"], found["lost"]) == (1, [])

    def test_too_few_worlds_say_nothing(self) -> None:
        assert told_apart(self.record(8), "x", "y", ["a", "b", "c"]) is None


def test_a_verdict_at_a_threshold_is_not_steady() -> None:
    spec, rule = EndpointSpec("x", "X", "points", "lower", 1.0), DecisionRule()
    judge = judged_by(spec, rule, "B")
    values = np.where(np.arange(100) % 5 == 0, -2.0, 0.0)  # one world in five: just plausible
    word = judge(values)
    assert str(word) == "plausible, untested"
    assert 0.2 < steadiness(values, judge, word) < 0.8
    assert steadiness(np.full(100, -2.0), judge, judge(np.full(100, -2.0))) == 1.0
    at, to = smallest_flip(lambda z: -0.0 * z, values, judge, word)
    assert (at, to) == (None, "")  # chance alone is no flip
    at, to = smallest_flip(lambda z: -1.0 * z, values - 0.5, judge, word)
    assert at == pytest.approx(0.5, abs=0.11)
    assert to == "supported"
