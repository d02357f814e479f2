"""Mitragynine: from a swallowed product to plasma, gut wall, liver and brain.

Release and absorption are linear and solved exactly; the gut wall (with permeability to villous
blood in series) and the liver are in balance with their inflow; the body has a central, a
peripheral and, where asked for, a slow deep space. CYP3A in both organs is inhibited reversibly
by mitragynine itself; its amount comes from :mod:`speciosa.exposure.enzymes`.

The other alkaloids inhibit too. By default their summed plasma concentration is a fixed multiple of
mitragynine's; where they are simulated (:mod:`speciosa.exposure.alkaloids`) it is their own.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Equations, Mode, Parameter, Row, Rows, Stage, State
from speciosa.exposure.first_pass import balanced_concentration, release_chain


def derive(p: Rows) -> dict[str, Row]:
    """Return the release chain and the clearance of the unbound drug by the whole liver."""
    return {**release_chain(p), "CLu": p["CLh"] / p["fu"]}


def _outputs(inhibited: bool, others: tuple[str, ...]) -> Equations:
    def outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        """Plasma, brain, gut-wall and liver concentrations and the CYP3A fluxes."""
        plasma = x["mitragynine_central"] / p["Vc"]
        lumen = p["chain"] * x["mitragynine_stomach"] + x["mitragynine_lumen"]
        absorbed = p["ka"] * xp.maximum(lumen, 0)
        free_gut = 1 + s["cyp3a_gut_inhibition"] if inhibited else 1
        free_liver = 1 + s["cyp3a_liver_inhibition"] if inhibited else 1

        to_blood = p["CLp"] * p["Qv"] / (p["Qv"] + p["CLp"] * p["fu"])
        gut_cyp3a = p["CLu"] * p["fm3"] * p["rg"] * s["cyp3a_gut_enzyme"]
        weight = 1 + p["rho"] * p["gut_ratio"]
        gut = balanced_concentration(
            xp,
            absorbed,
            linear=to_blood,
            saturable=gut_cyp3a,
            free=free_gut,
            slope=weight / p["Ki"],
        )
        outflow = to_blood * gut

        summed = sum(s[f"{name}_plasma"] for name in others) if others else None
        companions = p["plasma_ratio"] * plasma if summed is None else summed
        beside = p["rho"] * p["fu_others"] * companions
        liver_cyp3a = p["CLh"] * p["fm3"] * s["cyp3a_liver_enzyme"]
        liver = balanced_concentration(
            xp,
            outflow + p["Qh"] * plasma,
            linear=p["Qh"] + p["CLh"] * (1 - p["fm3"]),
            saturable=liver_cyp3a,
            free=free_liver + beside / p["Ki"],
            slope=p["fu"] / p["Ki"],
        )
        gut_inhibitor = weight * gut
        liver_inhibitor = p["fu"] * liver + beside
        in_gut, in_liver = gut_cyp3a * gut, liver_cyp3a * liver
        return {
            "mitragynine_plasma": plasma,
            "mitragynine_brain": p["Kpuu"] * p["fu"] * plasma,
            "mitragynine_gut_unbound": gut,
            "mitragynine_liver_unbound": p["fu"] * liver,
            "gut_inhibitor": gut_inhibitor,
            "liver_inhibitor": liver_inhibitor,
            "mitragynine_gut_cyp3a_flux": in_gut / (free_gut + gut_inhibitor / p["Ki"]),
            "mitragynine_liver_cyp3a_flux": in_liver / (free_liver + liver_inhibitor / p["Ki"]),
        }

    return outputs


def rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Return the rates of the central, peripheral and deep amounts, nmol/h."""
    plasma = s["mitragynine_plasma"]
    liver = s["mitragynine_liver_unbound"] / p["fu"]
    to_peripheral = p["Qp"] * (plasma - x["mitragynine_peripheral"] / p["Vp"])
    to_deep = p["Q2"] * (plasma - x["mitragynine_deep"] / p["V2"])
    return {
        "mitragynine_central": p["Qh"] * (liver - plasma) - to_peripheral - to_deep,
        "mitragynine_peripheral": to_peripheral,
        "mitragynine_deep": to_deep,
    }


_PARAMETERS = {
    "kge": Parameter("kratom.gastric_emptying", "1/h"),
    "ka": Parameter("mitragynine.absorption_rate", "1/h"),
    "kt": Parameter("kratom.lumen_loss", "1/h"),
    "Fst": Parameter("mitragynine.gastric_survival", "1"),
    "CLp": Parameter("mitragynine.gut_permeability", "L/h"),
    "Qv": Parameter("physiology.villous_flow", "L/h"),
    "Qh": Parameter("physiology.liver_flow", "L/h"),
    "CLh": Parameter("mitragynine.intrinsic_clearance", "L/h"),
    "fm3": Parameter("mitragynine.cyp3a_share", "1"),
    "rg": Parameter("physiology.gut_to_liver_cyp3a", "1"),
    "fu": Parameter("mitragynine.unbound_fraction", "1"),
    "Vc": Parameter("mitragynine.central_volume", "L"),
    "Qp": Parameter("mitragynine.peripheral_flow", "L/h"),
    "Vp": Parameter("mitragynine.peripheral_volume", "L"),
    "Q2": Parameter("mitragynine.deep_flow", "L/h"),
    "V2": Parameter("mitragynine.deep_volume", "L"),
    "Kpuu": Parameter("mitragynine.brain_unbound_ratio", "1"),
    "Ki": Parameter("mitragynine.cyp3a_inhibition_constant", "nM"),
    "rho": Parameter("other_alkaloids.relative_potency", "1"),
    "gut_ratio": Parameter("other_alkaloids.amount_ratio", "1"),
    "plasma_ratio": Parameter("other_alkaloids.plasma_ratio", "1"),
    "fu_others": Parameter("other_alkaloids.unbound_fraction", "1"),
}


def mitragynine(*, inhibited: bool = False, others: tuple[str, ...] = ()) -> Stage:
    """Return the stage of mitragynine.

    Args:
        inhibited: whether other drugs inhibit CYP3A; they then compete with mitragynine for it.
        others: names of the other alkaloids that are simulated; empty for the fixed multiple.

    >>> "speciociliatine_plasma" in mitragynine(others=("speciociliatine",)).needs
    True
    """
    needs = {"cyp3a_gut_enzyme": "1", "cyp3a_liver_enzyme": "1"}
    if inhibited:
        needs |= {"cyp3a_gut_inhibition": "1", "cyp3a_liver_inhibition": "1"}
    needs |= {f"{name}_plasma": "nM" for name in others}
    parameters = dict(_PARAMETERS)
    if others:
        del parameters["plasma_ratio"]
    return Stage(
        name="mitragynine",
        needs=needs,
        gives={
            "mitragynine_plasma": "nM",
            "mitragynine_brain": "nM",
            "mitragynine_gut_unbound": "nM",
            "mitragynine_liver_unbound": "nM",
            "gut_inhibitor": "nM",
            "liver_inhibitor": "nM",
            "mitragynine_gut_cyp3a_flux": "nmol/h",
            "mitragynine_liver_cyp3a_flux": "nmol/h",
        },
        outputs=_outputs(inhibited, others),
        direct=tuple(needs),
        rates=rates,
        states={
            "mitragynine_central": State("nmol", scale=10_000),
            "mitragynine_peripheral": State("nmol", scale=50_000),
            "mitragynine_deep": State("nmol", scale=10_000),
        },
        modes={
            "mitragynine_stomach": Mode("nmol", rate="kge", scale=100_000),
            "mitragynine_lumen": Mode("nmol", rate="k_lumen", scale=100_000),
        },
        parameters=parameters,
        derive=derive,
        derived={
            "k_lumen": "1/h",
            "chain": "1",
            "gain_stomach": "1",
            "gain_lumen": "1",
            "CLu": "L/h",
        },
        entries={
            "mitragynine_oral": {
                "mitragynine_stomach": "gain_stomach",
                "mitragynine_lumen": "gain_lumen",
            }
        },
    )


MITRAGYNINE = mitragynine()
