"""A drug in those who take it: worked out for them alone, it is what it is for everybody."""

from __future__ import annotations

import numpy as np

from speciosa.core.linear_drug import Link, decayed, linear_drug
from speciosa.core.stage import Parameter
from speciosa.models.taken import Taken

DRUG = linear_drug(
    "example",
    compartments=("gut", "plasma"),
    links=(Link("gut", "ka", "plasma"), Link("plasma", "k")),
    entries={"example_oral": {"gut": None}},
    outputs={"example_plasma": {"plasma": "V"}},
    parameters={s: Parameter(f"example.{s}", u) for s, u in (("ka", "1/h"), ("k", "1/h"),
                                                             ("V", "L"))},
    constants=lambda p: {},
)  # fmt: skip
PEOPLE = 7


def test_it_is_the_same_as_worked_out_for_everybody() -> None:
    assert DRUG.derive is not None
    random = np.random.default_rng(1)
    drawn = {name: random.uniform(low, 2 * low, PEOPLE) for name, low in
             (("ka", 1.0), ("k", 0.1), ("V", 50.0))}  # fmt: skip
    p = drawn | DRUG.derive(drawn)
    modes = random.normal(size=(2, 3, PEOPLE)) * (np.arange(PEOPLE) % 2)
    rates = np.stack([p["rate_0"], p["rate_1"]])
    hours = random.uniform(0, 9, PEOPLE)
    taken = Taken.of(DRUG, p, modes, rates)
    assert taken.who.tolist() == [1, 3, 5]
    found = taken.after(hours)["example_plasma"]
    x = dict(zip(DRUG.modes, decayed(modes, rates[:, None], hours), strict=True))
    assert np.array_equal(found, DRUG.outputs(np, x, {}, p)["example_plasma"])
    assert np.all(found[:, ::2] == 0) and np.all(found[:, 1::2] != 0)


def test_nobody_takes_it() -> None:
    assert DRUG.derive is not None
    p = DRUG.derive({"ka": 1.0, "k": 0.1, "V": 50.0})
    rates = np.array([p["rate_0"], p["rate_1"]])
    found = Taken.of(DRUG, p, np.zeros((2, PEOPLE)), rates).after(np.ones(PEOPLE))
    assert found["example_plasma"].tolist() == [0.0] * PEOPLE
