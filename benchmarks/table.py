"""What was measured, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def head(about: Mapping[str, Any]) -> str:
    """Return the line on what is measured and where."""
    return (
        f"{about['people']} people, {about['days']} days, arm {about['arm']}, {about['cores']} "
        f"cores ({about['processor']}), {about['precision']} precision, Speciosa {about['version']}"
    )


def scaling(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines on what the engine scales with."""
    for title, rows in (("people", found["by_people"]), ("days", found["by_days"])):
        if rows:
            yield ""
            yield f"People a second by number of {title}: " + ", ".join(
                f"{n}: {rate:.0f}" for n, rate in rows.items()
            )
    if found["by_states"]:
        yield "People a second by model, 7 days: " + ", ".join(
            f"{row['model']} ({row['integrated']} + {row['exact']} exact): "
            f"{row['people_per_second']:.0f}"
            for row in found["by_states"]
        )
    yield f"Peak memory of this process {found['about']['peak_memory_mib']:.0f} MiB"


def recipe(name: str, found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of one recipe: our side, the others, the ratios."""
    yield f"{name} recipe: {found['states']} states, decisions off, both cores"
    yield f"  {'':34}{'people/s':>10}{'per cpu s':>11}{'worst error':>13}  state"
    for row in found["ours"]:
        yield _row(f"Speciosa, mesh cut in {2 ** row['halvings']}", row)
    for peer in found["peers"]:
        if peer["missing"]:
            yield f"  {peer['label']:34}{'skipped: ' + peer['missing']}"
        for cost in peer["costs"]:
            yield _row(f"{peer['label']} {_setting(cost['setting'])}", cost)
    yield f"  reference: {found['reference']}, checked to {found['reference_error']:.1e}"
    for match in found["matched"]:
        yield (
            f"  at an error of {match['ours']['error']:.1e}: {match['ratio']:.0f} times "
            f"{match['peer']['solver']} ({_setting(match['peer']['setting'])}, "
            f"{match['peer']['error']:.1e}); {match['cpu_ratio']:.0f} times by processor time"
        )
    again = found.get("side_by_side")
    if again:
        yield (
            f"  the two taken in turns: {again['ours']:.0f} and {again['peer']:.2f} people/s, "
            f"{again['ratio']:.0f} times, {again['cpu_ratio']:.0f} by processor time"
        )
    yield f"  with decisions on {found['with_decisions']:.0f} people/s, " + (
        f"{100 * found['share_with_decisions']:.0f} % of the speed without; "
        f"{100 * found['refined']:.1f} % of people would be solved again"
    )
    start = found["start"]
    yield (
        f"  from an empty process to the first day of {start['people']}: {start['cold']:.1f} s, "
        f"cached {start['cached']:.1f} s, {start['memory']:.0f} MiB"
    )


def _setting(setting: Mapping[str, Any]) -> str:
    kind = {True: "BDF ", False: "Adams "}.get(setting.get("stiff"), "")  # type: ignore[arg-type]
    return f"{kind}{setting['relative']:.0e}"


def _row(label: str, row: Mapping[str, Any]) -> str:
    return f"  {label:34}{row['rate']:10.4g}{row['cpu']:11.4g}{row['error']:13.1e}  {row['state']}"
