"""GABA-A: the inhibition that alcohol adds, and the share of withdrawal that benzodiazepines block.

    E = C/(C + C50),   1 - B = product over drugs of (1 - block)

The effect of alcohol stands for its action on GABA-A and on glutamate receptors together. Neither
kratom nor melatonin blocks anything here: no study in people says so.

Covariates: none.

Sources: records under ``gaba.*``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage


def gaba(drugs: Iterable[str] = ()) -> Stage:
    """Return the receptor stage for the benzodiazepines of a model.

    Args:
        drugs: their names; each needs ``<drug>_block`` and ``<drug>_load``.

    Example:
        >>> import numpy as np
        >>> y = gaba().outputs(np, {}, {"alcohol_plasma": 800.0}, {"half": 800.0})
        >>> float(y["alcohol_effect"]), float(y["benzodiazepine_block"])
        (0.5, 0.0)
    """
    drugs = tuple(drugs)

    def outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        level = xp.maximum(s["alcohol_plasma"], 0.0)
        effect = level / (level + p["half"])
        open_to = 1 + 0 * effect
        load = 0 * effect
        for drug in drugs:
            open_to = open_to * (1 - s[f"{drug}_block"])
            load = load + s[f"{drug}_load"]
        return {
            "alcohol_effect": effect,
            "benzodiazepine_block": 1 - open_to,
            "benzodiazepine_load": load,
        }

    needs = {"alcohol_plasma": "mg/L"}
    for drug in drugs:
        needs |= {f"{drug}_block": "1", f"{drug}_load": "1"}
    return Stage(
        name="gaba",
        needs=needs,
        gives={"alcohol_effect": "1", "benzodiazepine_block": "1", "benzodiazepine_load": "1"},
        outputs=outputs,
        direct=tuple(needs),
        parameters={"half": Parameter("gaba.alcohol_half_effect", "mg/L")},
    )


GABA = gaba()
