"""From marks to statements: each outcome finds its change, each change finds who brings it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from speciosa.evidence.agent import REMEDIES, agents_of, are_together, beside_therapy, group_at
from speciosa.evidence.construction import ON_STOPPING, constructions, objects
from speciosa.evidence.denial import asks, denied_and_compared, excepted, hedge
from speciosa.evidence.frame import around, named_inside
from speciosa.evidence.governor import governor, of_people
from speciosa.evidence.lexicon import Lexicon, word_set
from speciosa.evidence.sentence import (
    BE,
    BOTH,
    MAKE,
    PEOPLE,
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
            change, way = around(found, lexicon, outcome)
        if change is None or excepted(found, outcome):
            continue
        governed.add(change.start)
        made += _stated(found, lexicon, outcome, change, way)
    for change, outcome in objects(found):
        if change.start not in governed:
            made += _stated(found, lexicon, outcome, change, "left")
    for bundle in found.of("bundle"):
        if bundle.start in governed or _only_names(found, bundle) or _only_says_who(found, bundle):
            continue
        if not _only_feels(found, bundle):
            made += _stated(found, lexicon, bundle, bundle, "own")
    made += [
        Statement((name,), outcome.name, "less", "cause", asks=found.tokens[-1:] == ["?"],
                  span=(outcome.start, outcome.end))
        for outcome, name in named_inside(found) if outcome.start not in governed
    ]  # fmt: skip
    return tuple(_once(found, [*constructions(found, lexicon), *made]))


def new_topic(found: Parse, made: Sequence[Statement], lexicon: Lexicon) -> Topic:
    """Return what "it" may mean in the next sentence."""
    outcomes = [m for m in found.of("outcome") if m.start > 0 or m.name != "recovery"]
    last = outcomes[0] if outcomes else None
    return replace(_who_next(found, made, lexicon), outcome=last)


def _who_next(found: Parse, made: Sequence[Statement], lexicon: Lexicon) -> Topic:
    left = [m.name for m in found.of("substance") if found.roles[m.start] == "left"]
    populations = [name for name in left if name in ("opioids", "alcohol")]
    population = populations[0] if len(set(populations)) == 1 else ""
    if not populations:
        population = found.topic.population
    acting = [m for m in found.of("substance") if found.roles[m.start] == "acts"
              and lexicon.roles[m.name] not in ("habit", "group", "condition")]  # fmt: skip
    if found.bullet and found.topic.substances and found.tokens[-1:] != [":"]:
        return found.topic
    if acting:
        group = group_at(found, acting[0])
        names = tuple(dict.fromkeys(m.name for m in group))
        everyone = tuple(dict.fromkeys(m.name for m in acting))
        return Topic(names, are_together(found, group), population, named=everyone)
    if made:
        return Topic(made[0].substances, made[0].together, population)
    return replace(found.topic, population=population)


def _only_says_who(found: Parse, bundle: Mark) -> bool:
    """Whether a bundle tells who is meant or what is said: "its calming reputation"."""
    renown = found.tokens[bundle.end : bundle.end + 1]
    before = found.between(max(0, bundle.start - 2), bundle.start)
    when = len(before) == 2 and before[0] in OPENERS and before[1] in PEOPLE | SUBJECTS
    return of_people(found, bundle) or when or (bool(renown) and renown[0] in RENOWN)


RENOWN = word_set("renown")
OPENERS = word_set("openers") | {"while", "before", "until"}
SUBJECTS = word_set("subjects")
FEELINGS = word_set("feelings")


def _only_feels(found: Parse, bundle: Mark) -> bool:
    """Whether "anxious" only says who: it is said to come only after make, leave or feel."""
    if found.tokens[bundle.end - 1] not in FEELINGS or bundle.change != "harm":
        return False
    return not any(w in FEEL for w in found.between(max(0, bundle.start - 8), bundle.start))


FEEL = MAKE | word_set("feel")


def _only_names(found: Parse, bundle: Mark) -> bool:
    """Whether "addictive" only names what people leave: "addictive substances like opioids"."""
    after = found.tokens[bundle.end] if bundle.end < len(found.tokens) else ""
    before = found.between(max(0, bundle.start - 3), bundle.start)
    named = after in ("substances", "drugs", "behaviours", "behaviors", "opioids", "painkillers",
                      "medications")  # fmt: skip
    return bundle.name == "dependence" and named and not any(w in BE | {"a", "an"} for w in before)


CONTRAST = word_set("contrast")
REVERSAL = word_set("reversal")


def _once(found: Parse, made: Sequence[Statement]) -> list[Statement]:
    """Keep one statement for each substance and outcome: after a contrast, what is affirmed."""
    kept: dict[tuple[object, ...], Statement] = {}
    for each in made:
        key = (each.substances, each.outcome, each.populations)
        first = kept.setdefault(key, each)
        between = found.between(0, max(first.span[0], each.span[0]))
        turned = first.denied and not each.denied and CONTRAST & set(between)
        if turned or REVERSAL & set(found.between(first.span[1], each.span[0])):
            kept[key] = each  # "far from easing it, it left them on edge"
    return list(kept.values())


def _stated(
    found: Parse, lexicon: Lexicon, outcome: Mark, change: Mark, way: str
) -> list[Statement]:
    """Return the statements of one outcome and its change, one for each substance."""
    agents, pronoun = agents_of(found, lexicon, outcome, change, way)
    if not agents:
        return []
    if pronoun != "topic" and stopped(found, agents, change):
        return _on_stopping(found, outcome, change, agents)
    together = pronoun == BOTH or (found.topic.together and pronoun == "topic")
    group = [m for m in agents if m.kind == "substance"]
    names = list(dict.fromkeys(m.name for m in group)) if group else list(found.topic.substances)
    if pronoun == BOTH:
        names = list(REMEDIES)
    together = together or (bool(group) and are_together(found, group))
    together = together or (pronoun == "topic" and bool(found.cue("combination.words")))
    therapy = "therapy" in names or beside_therapy(found)
    if not any(c.kind.startswith("comparison") for c in found.cues):
        names = [n for n in names if n != "therapy"] or names
    if together and set(REMEDIES) <= set(names):
        names = [BOTH, *(n for n in names if n not in REMEDIES)]
    if found.tokens[outcome.start] == "interaction" and not (
        BOTH in names or set(REMEDIES) <= set(names)
    ):
        return []
    if outcome.name == "synergy" and set(names) & {*REMEDIES, "naturals"}:
        names = [BOTH]
    if "naturals" in names and set(names) & {BOTH, *REMEDIES}:
        names.remove("naturals")
    name, better = _own_outcome(found, outcome, change)
    denied, comparison, kind = denied_and_compared(found, change, outcome)
    beside = comparison.split()[-1:]
    names = [n for n in names if [n] != beside] or names  # "A plus B was no better than B alone"
    if denied and name == "withdrawal_after_stopping" and kind == "prevent":
        denied, kind = False, "cause"
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


def stopped(found: Parse, agents: Sequence[Mark], change: Mark) -> bool:
    """Whether leaving a remedy brings the change, not the remedy: "quitting kratom causes"."""
    for cue in found.cue("stopping.words"):
        for agent in agents:
            gap = found.between(cue.end, agent.start)
            if (
                0 <= agent.start - cue.end <= 2
                and cue.end <= change.start
                and not any(w in (",", "with", "by") for w in gap)
            ):
                return True
    return False


def _on_stopping(
    found: Parse, outcome: Mark, change: Mark, agents: Sequence[Mark]
) -> list[Statement]:
    """What comes when a remedy is stopped is its own withdrawal; what gets better is not read."""
    _, better = _own_outcome(found, outcome, change)
    bad = change.change in ("harm", "cause", "raise", "have") and better == "less"
    bad = bad or (change.change in ("harm", "lower") and better == "more")
    bad = bad or (change.change == "prevent" and better == "less")
    if not bad or outcome.name not in ON_STOPPING:
        return []
    denied, comparison, _ = denied_and_compared(found, change, outcome)
    if change.change == "prevent":
        if (
            not denied
            and found.tokens[:1] not in (["nobody"], ["none"])
            and found.tokens[:2] != ["no", "one"]
        ):
            return []
        denied = False  # "nobody who stops it escapes withdrawal"
    span = (min(change.start, outcome.start), max(change.end, outcome.end))
    return [
        Statement((name,), "withdrawal_after_stopping", "less", "cause", denied, comparison,
                  hedge(found, change), asks(found, change), span=span)
        for name in dict.fromkeys(m.name for m in agents if m.kind == "substance")
    ]  # fmt: skip


def _own_outcome(found: Parse, outcome: Mark, change: Mark) -> tuple[str, str]:
    """Tell withdrawal on stopping a remedy from withdrawal that it may ease."""
    better = outcome.change
    if outcome.kind == "bundle":
        mechanism = outcome.name == "melatonin_level"
        better = "less" if outcome.change == "lower" and not mechanism else "more"
        if outcome.name in ("dependence", "death", "anxiety", "stress", "pain"):
            better = "less"
        return outcome.name, better
    if outcome.name == "withdrawal" and change.name == "precipitate":
        return "precipitated_withdrawal", "less"
    syndrome = {"subsequent", "syndrome", "dependence", "tolerance", "dependency"} & set(
        found.tokens
    )
    if outcome.name == "withdrawal" and change.change == "cause" and syndrome:
        return "withdrawal_after_stopping", "less"
    if outcome.name == "withdrawal" and change.change in ("cause", "raise", "prevent"):
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
