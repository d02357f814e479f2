"""From marks to statements: each outcome finds its change, each change finds who brings it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from speciosa.evidence.agent import REMEDIES, agents_of, are_together, beside_therapy, group_at
from speciosa.evidence.denial import asks, denied_and_compared, hedge
from speciosa.evidence.governor import governor
from speciosa.evidence.lexicon import Lexicon
from speciosa.evidence.sentence import (
    BE,
    BOTH,
    Mark,
    Parse,
    Statement,
    Topic,
)

# outcomes that differ with what people leave
OF_A_HABIT = ("withdrawal", "craving", "abstinence", "recovery", "retention", "dependence")


def statements(found: Parse, lexicon: Lexicon) -> tuple[Statement, ...]:
    """Return everything that a parsed sentence states or asks."""
    made: list[Statement] = []
    governed: set[int] = set()
    for outcome in found.of("outcome"):
        change, way = governor(found, lexicon, outcome)
        if change is None and outcome.name == "synergy":
            change, way = replace(outcome, change="raise", part="noun"), "noun"
        if change is None:
            continue
        governed.add(change.start)
        made += _stated(found, lexicon, outcome, change, way)
    for bundle in found.of("bundle"):
        if bundle.start not in governed and not _only_names(found, bundle):
            made += _stated(found, lexicon, bundle, bundle, "own")
    return tuple(_once(made))


def new_topic(found: Parse, made: Sequence[Statement], lexicon: Lexicon) -> Topic:
    """Return what "it" may mean in the next sentence."""
    left = [m.name for m in found.of("substance") if found.roles[m.start] == "left"]
    populations = [name for name in left if name in ("opioids", "alcohol")]
    population = populations[0] if len(set(populations)) == 1 else ""
    if not populations:
        population = found.topic.population
    acting = [m for m in found.of("substance") if found.roles[m.start] == "acts"
              and lexicon.roles[m.name] not in ("habit", "group", "condition")]  # fmt: skip
    if acting:
        group = group_at(found, acting[0])
        names = tuple(dict.fromkeys(m.name for m in group))
        return Topic(names, are_together(found, group), population)
    if made:
        return Topic(made[0].substances, made[0].together, population)
    return replace(found.topic, population=population)


def _only_names(found: Parse, bundle: Mark) -> bool:
    """Whether "addictive" only names what people leave: "addictive substances like opioids"."""
    after = found.tokens[bundle.end] if bundle.end < len(found.tokens) else ""
    before = found.between(max(0, bundle.start - 3), bundle.start)
    named = after in ("substances", "drugs", "behaviours", "behaviors", "opioids", "painkillers",
                      "medications")  # fmt: skip
    return bundle.name == "dependence" and named and not any(w in BE | {"a", "an"} for w in before)


def _once(made: Sequence[Statement]) -> list[Statement]:
    """Keep one statement for each substance, outcome and denial."""
    kept: dict[tuple[object, ...], Statement] = {}
    for each in made:
        kept.setdefault((each.substances, each.outcome, each.populations), each)
    return list(kept.values())


def _stated(
    found: Parse, lexicon: Lexicon, outcome: Mark, change: Mark, way: str
) -> list[Statement]:
    """Return the statements of one outcome and its change, one for each substance."""
    agents, pronoun = agents_of(found, lexicon, outcome, change, way)
    if not agents:
        return []
    together = pronoun == BOTH or (found.topic.together and pronoun == "topic")
    group = [m for m in agents if m.kind == "substance"]
    names = list(dict.fromkeys(m.name for m in group)) if group else list(found.topic.substances)
    if pronoun == BOTH:
        names = list(REMEDIES)
    together = together or (bool(group) and are_together(found, group))
    therapy = "therapy" in names or beside_therapy(found)
    names = [n for n in names if n != "therapy"] or names
    if together and set(REMEDIES) <= set(names):
        names = [BOTH, *(n for n in names if n not in REMEDIES)]
    if outcome.name == "synergy" and set(names) & {*REMEDIES, "naturals"}:
        names = [BOTH]
    if "naturals" in names and set(names) & {BOTH, *REMEDIES}:
        names.remove("naturals")
    name, better = _own_outcome(found, outcome, change)
    denied, comparison, kind = denied_and_compared(found, change, outcome)
    base = Statement(
        (), name, better, kind, denied, comparison, hedge(found, change), asks(found, change),
        beside_therapy=therapy, together=together,
        span=(min(change.start, outcome.start), max(change.end, outcome.end)),
    )  # fmt: skip
    places = _populations(found, outcome)
    if name not in OF_A_HABIT:
        places = places[:1]
    return [
        replace(base, substances=(each,), populations=(place,) if place else ())
        for each in names
        for place in (places or ("",))
    ]


def _own_outcome(found: Parse, outcome: Mark, change: Mark) -> tuple[str, str]:
    """Tell withdrawal on stopping a remedy from withdrawal that it may ease."""
    better = outcome.change
    if outcome.kind == "bundle":
        better = "less" if outcome.change in ("lower",) else "more"
        if outcome.name in ("dependence", "death", "anxiety", "stress", "pain"):
            better = "less"
        return outcome.name, better
    if outcome.name == "withdrawal" and change.name == "precipitate":
        return "precipitated_withdrawal", "less"
    if outcome.name == "withdrawal" and change.change in ("cause", "raise"):
        after = found.tokens[outcome.end : outcome.end + 4]
        if (
            after[:1]
            and after[0] in ("when", "once", "if", "after", "upon", "on")
            and any(
                outcome.end <= cue.start <= outcome.end + 3 for cue in found.cue("stopping.words")
            )
        ):
            return "withdrawal_after_stopping", "less"
        for cue in found.cue("stopping.words"):
            later = [m for m in found.of("substance") if 0 <= m.start - cue.end <= 3]
            if any(m.name not in ("opioids", "alcohol") for m in later):
                return "withdrawal_after_stopping", "less"
    return outcome.name, better


def _populations(found: Parse, outcome: Mark) -> tuple[str, ...]:
    """The substances that people leave, nearest to an outcome first; none where none is named."""
    if found.between(outcome.end, outcome.end + 2) in (["for", "it"], ["for", "itself"]):
        return ("itself",)
    left = [m for m in found.of("substance") if found.roles[m.start] == "left"]
    inside = _named_inside(found, outcome)
    if inside:
        return inside
    close = [m for m in left if 0 <= outcome.start - m.end <= 3 or 0 <= m.start - outcome.end <= 9]
    chosen = close or left
    names = [m.name for m in chosen if m.name != "addiction"]
    return tuple(dict.fromkeys(names))


def _named_inside(found: Parse, outcome: Mark) -> tuple[str, ...]:
    words = set(found.between(outcome.start, outcome.end))
    named = []
    if words & {"opioid", "opioids", "opiate", "opiates", "heroin", "fentanyl", "cows", "sows"}:
        named.append("opioids")
    if words & {"alcohol", "drinking", "alcoholism", "drink", "ciwa", "delirium"}:
        named.append("alcohol")
    return tuple(named)
