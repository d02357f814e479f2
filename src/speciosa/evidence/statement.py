"""From marks to statements: each outcome finds its change, each change finds who brings it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from speciosa.evidence.lexicon import Lexicon
from speciosa.evidence.sentence import (
    AUXILIARY,
    BE,
    BOTH,
    BY,
    JOIN,
    MAKE,
    PEOPLE,
    SETTING,
    Mark,
    Parse,
    Statement,
    Topic,
)

REMEDIES = ("kratom", "melatonin")
# outcomes that differ with what people leave
OF_A_HABIT = ("withdrawal", "craving", "abstinence", "recovery", "retention", "dependence")
HELPS = ("improve", "works")  # classes that say "better" without saying more or less
FAR = 14  # words over which a change may still govern an outcome


def statements(found: Parse, lexicon: Lexicon) -> tuple[Statement, ...]:
    """Return everything that a parsed sentence states or asks."""
    made: list[Statement] = []
    governed: set[int] = set()
    for outcome in found.of("outcome"):
        change, way = _governor(found, lexicon, outcome)
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
        group = _group_at(found, acting[0])
        names = tuple(dict.fromkeys(m.name for m in group))
        return Topic(names, _together(found, group), population)
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


# --- what governs an outcome -----------------------------------------------------------------


def _governor(found: Parse, lexicon: Lexicon, outcome: Mark) -> tuple[Mark | None, str]:
    """Return the change that an outcome undergoes, and how it was found."""
    changes = found.of("change")
    after = next(
        (m for m in changes if m.start == outcome.end and m.part in ("after", "noun")
         and m.change != "none"), None)  # fmt: skip
    if after is not None and not _verb_follows(found, after):
        return _over_noun(found, outcome, after), "noun"
    right = _right(found, lexicon, outcome, changes)
    if right is not None:
        noun = next((m for m in changes if m.part == "noun" and m.change != "none"
                     and 0 <= outcome.start - m.end <= 3), None)  # fmt: skip
        if noun is not None and right.part == "adjective":  # "relief of pain was greater"
            return (
                (replace(right, change=noun.change), "right")
                if (right.change in ("raise", "improve"))
                else (None, "")
            )
        return right, "right"
    left = _left(found, outcome, changes)
    return (left, "left") if left is not None else (None, "")


def _verb_follows(found: Parse, mark: Mark) -> bool:
    """Whether a word that may be a noun is a verb here: it has an outcome of its own."""
    after = [m for m in found.of("outcome") if m.start >= mark.end]
    return mark.part == "verb" and bool(after)


def _over_noun(found: Parse, outcome: Mark, noun: Mark) -> Mark:
    """Let a verb that hinders win over the noun: "prevents sleep improvement"."""
    before = [m for m in found.of("change") if m.end <= outcome.start and m.part == "verb"]
    if before and outcome.start - before[-1].end <= 2 and before[-1].change in ("harm", "prevent"):
        return replace(noun, change="harm") if noun.change in HELPS else noun
    return noun


def _right(found: Parse, lexicon: Lexicon, outcome: Mark, changes: Sequence[Mark]) -> Mark | None:
    """The change after an outcome that is its subject: "cravings were reduced"."""
    for change in changes:
        if change.start < outcome.end or change.part not in ("verb", "adjective"):
            continue
        gap = found.between(_past_aside(found, outcome.end), change.start)
        between = [m for m in found.of("outcome") if outcome.end <= m.start < change.start]
        if between:
            gap = [w for w in gap if w not in JOIN]
            covered = {i for m in between for i in range(m.start, m.end)}
            gap = [
                w
                for i, w in enumerate(found.tokens[outcome.end : change.start], outcome.end)
                if i not in covered and w not in JOIN
            ]
        names = {found.tokens[i] for m in found.of("substance") for i in range(m.start, m.end)}
        gap = [w for w in gap if w not in names and w not in ("for", "from", "of")]
        if len(gap) > 6 or not all(w in AUXILIARY or w.endswith("ly") for w in gap):
            return None
        form = found.tokens[change.start]
        passive = any(w in BE for w in gap) or (form.endswith(("ed", "en")) and not gap)
        if change.part == "adjective":
            make = any(w in MAKE for w in found.between(max(0, outcome.start - 5), outcome.start))
            state = any(w in BE | {"became", "become", "felt", "remained", "seemed"} for w in gap)
            return change if make or state else None
        if change.change == "have":
            continue
        if passive and (form.endswith(("ed", "en")) or change.name.split()[0] in ("cut", "hurt")):
            return change
        objects = [
            m for m in found.of("outcome")
            if change.end <= m.start <= change.end + 3
            and not any(w in BY | SETTING for w in found.between(change.end, m.start))
        ]  # fmt: skip
        return change if form in lexicon.alone and not objects else None
    return None


def _past_aside(found: Parse, place: int) -> int:
    """Step over an aside between commas: "addiction, a complex condition, can be eased"."""
    if found.tokens[place : place + 1] != [","]:
        return place
    inside = {i for m in found.of("change", "bundle", "outcome") for i in range(m.start, m.end)}
    for end in range(place + 1, min(place + 14, len(found.tokens))):
        if end in inside:
            return place
        if found.tokens[end] == ",":
            return end + 1
    return place


def _left(found: Parse, outcome: Mark, changes: Sequence[Mark]) -> Mark | None:
    """The nearest change before an outcome that has it for its object."""
    before = [m for m in changes if m.end <= outcome.start
              and found.clause[m.start] == found.clause[outcome.start]]  # fmt: skip
    if not before:
        return None
    near = before[-1]
    if outcome.start - near.end > FAR or _is_setting(found, outcome, near):
        return None
    if _of_people(found, near) or _loosely(found, near):
        return None
    if near.change == "have":
        own = outcome.name == "mu_receptor" and outcome.start - near.end <= 3
        return replace(near, change="raise") if own else None
    if near.part == "adjective" and near.change != "none":
        verbs = [m for m in before[:-1] if m.part == "verb" and near.start - m.end <= 3]
        if near.change == "works" and not _predicate(found, near, outcome):
            return None
        if outcome.start - near.end > 5 and near.change not in ("works",):
            return verbs[-1] if verbs else None
        if verbs and verbs[-1].change in ("lower", "prevent", "harm"):
            return verbs[-1]
        if near.change == "raise" and verbs and verbs[-1].change in HELPS:
            return verbs[-1]
        return near
    if near.part == "after":
        others = [m for m in before[:-1] if m.part != "after"]
        return others[-1] if others and _joined(found, others[-1], outcome) else None
    return near


def _of_people(found: Parse, change: Mark) -> bool:
    """Whether a change only says which people: "people who stop drinking"."""
    before = found.between(max(0, change.start - 3), change.start)
    return any(
        first in PEOPLE and second in ("who", "that", "whose", "trying", "seeking", "wishing")
        for first, second in pairwise(before)
    )


def _loosely(found: Parse, change: Mark) -> bool:
    """Whether "associated with" only says whose: "anxiety associated with withdrawal"."""
    before = found.between(max(0, change.start - 3), change.start)
    return change.name in ("associate with", "link to", "link with", "tie to") and not any(
        w in BE for w in before
    )


def _joined(found: Parse, change: Mark, outcome: Mark) -> bool:
    """Whether only a list lies between a change and an outcome."""
    solid = {i for m in found.marks for i in range(m.start, m.end)}
    gap = [w for i, w in enumerate(found.tokens[change.end : outcome.start], change.end)
           if i not in solid]  # fmt: skip
    return all(w in JOIN or w in ("the", "a", "an") for w in gap)


def _predicate(found: Parse, near: Mark, outcome: Mark) -> bool:
    """Whether "effective" governs an outcome: through a preposition, or right before it."""
    gap = found.between(near.end, outcome.start)
    last = found.tokens[near.end - 1]
    if (last == "than" or (gap and gap[0] in ("than", "as"))) and any(
        w in SETTING | {"to"} for w in gap
    ):
        return True
    named = {i for m in found.of("substance") for i in range(m.start, m.end)}
    bare = [w for i, w in enumerate(gap, near.end) if i not in named]
    return last in SETTING | {"to", "treating", "as"} or not bare


def _is_setting(found: Parse, outcome: Mark, change: Mark) -> bool:
    """Whether an outcome only says where: "sleep during withdrawal", "people with addiction"."""
    gap = found.between(change.end, outcome.start)
    inner = [m for m in found.of("outcome") if change.end <= m.start < outcome.start]
    if inner and change.name.startswith("rob"):
        return False
    if inner:
        tail = found.between(inner[-1].end, outcome.start)
        joined = any(w in JOIN - {"with"} for w in tail)
        setting = [i for i, w in enumerate(tail) if w in SETTING or w in PEOPLE]
        if setting and not (joined and not any(w in PEOPLE for w in tail)
                            and tail[setting[0] :] and _list_after(tail, setting[0])):  # fmt: skip
            return True
        return not joined and len(tail) > 3
    if any(w in PEOPLE for w in gap):
        if change.name.startswith("rob"):
            return False
        return change.change not in ("improve", "works") or any(
            w in ("struggling", "living", "diagnosed", "experienced") for w in gap
        )
    opens = bool(gap) and gap[0] in ("during", "among", "throughout", "amid", "after", "at")
    opens = opens and gap[:2] not in (["at", "least"], ["at", "most"])
    return opens and change.change not in ("works",)


def _list_after(tail: Sequence[str], place: int) -> bool:
    """Whether a list goes on after a preposition's words: "of opioids and cravings"."""
    return any(w in ("and", "or", "&") for w in tail[place:])


# --- who brings it -------------------------------------------------------------------------------


def _stated(
    found: Parse, lexicon: Lexicon, outcome: Mark, change: Mark, way: str
) -> list[Statement]:
    """Return the statements of one outcome and its change, one for each substance."""
    agents, pronoun = _agents(found, lexicon, outcome, change, way)
    if not agents:
        return []
    together = pronoun == BOTH or (found.topic.together and pronoun == "topic")
    group = [m for m in agents if m.kind == "substance"]
    names = list(dict.fromkeys(m.name for m in group)) if group else list(found.topic.substances)
    if pronoun == BOTH:
        names = list(REMEDIES)
    together = together or (bool(group) and _together(found, group))
    therapy = "therapy" in names or _beside_therapy(found)
    names = [n for n in names if n != "therapy"] or names
    if together and set(REMEDIES) <= set(names):
        names = [BOTH, *(n for n in names if n not in REMEDIES)]
    if outcome.name == "synergy" and set(names) & {*REMEDIES, "naturals"}:
        names = [BOTH]
    if "naturals" in names and set(names) & {BOTH, *REMEDIES}:
        names.remove("naturals")
    name, better = _own_outcome(found, outcome, change)
    denied, comparison, kind = _denied_and_compared(found, change, outcome)
    base = Statement(
        (), name, better, kind, denied, comparison, _hedge(found, change), _asks(found, change),
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


def _agents(
    found: Parse, lexicon: Lexicon, outcome: Mark, change: Mark, way: str
) -> tuple[list[Mark], str]:
    """Return the substances that are said to bring a change, and the pronoun they stand behind."""
    if way == "right":
        behind = _behind(found, max(change.end, outcome.end))
        if behind:
            return behind, ""
    actors = [
        m for m in found.of("substance", "pronoun")
        if m.end <= change.start and (m.kind == "pronoun" or found.roles[m.start] == "acts")
        and not _shut_away(found, m, change)
    ]  # fmt: skip
    if way == "noun":
        actors = [m for m in actors if m.end <= outcome.start]
    if way == "right":
        actors = [m for m in actors if _brings(found, m, outcome)]
    named = _named_in_aside(found, change)
    if named is not None:
        return [named], ""
    here = [m for m in actors if found.clause[m.start] == found.clause[change.start]] or actors
    while here:
        nearest = here[-1]
        if nearest.kind == "substance":
            group = _group_at(found, nearest)
            if _is_plain_group(group, lexicon) or len(here) == len(group):
                return _examples(found, nearest) or group, ""
            here = [m for m in here if m not in group]
            continue
        resolved = _resolved(found, lexicon, nearest)
        if resolved is not None:
            return resolved
        here = here[:-1]
    behind = _behind(found, max(change.end, outcome.end), BY | {"between"})
    if behind and (way in ("noun", "own") or change.part in ("noun", "adjective")):
        return behind, ""
    ahead = _ahead(found, lexicon, max(change.end, outcome.end))
    if ahead is not None and (change.part != "verb" or found.tokens[change.start].endswith("ing")
                              or found.tokens[0] in ("because", "since", "as")):  # fmt: skip
        return ahead
    if _elliptic(found, change) and found.topic.substances:
        return [change], "topic"
    return [], ""


def _brings(found: Parse, mark: Mark, outcome: Mark) -> bool:
    """Whether a substance before a passive brings it: "with kratom, cravings were fewer"."""
    before = found.between(max(0, mark.start - 3), mark.start)
    gap = found.between(mark.end, outcome.start)
    return any(w in BY | {"who", "took", "received"} for w in before) or any(
        w in MAKE | {"and", "so", "because", "that"} for w in gap
    )


def _ahead(found: Parse, lexicon: Lexicon, start: int) -> tuple[list[Mark], str] | None:
    """The subject that follows an opening phrase: "By acting on sleep, melatonin ..."."""
    comma = next((i for i in range(start, len(found.tokens)) if found.tokens[i] == ","), None)
    if comma is None:
        return None
    for mark in found.of("substance", "pronoun"):
        if mark.start <= comma:
            continue
        if any(m for m in found.of("change") if comma < m.start < mark.start):
            return None
        if mark.kind == "pronoun":
            return _resolved(found, lexicon, mark)
        if found.roles[mark.start] == "acts" and mark.start - comma <= 4:
            return _group_at(found, mark), ""
    return None


def _named_in_aside(found: Parse, change: Mark) -> Mark | None:
    """What an aside explains: "production of melatonin, a hormone that regulates sleep"."""
    for place in range(change.start - 1, 0, -1):
        if found.tokens[place] != ",":
            continue
        opens = found.tokens[place + 1] in ("a", "an", "the")
        head = next((m for m in found.of("outcome") if m.end == place), None)
        if opens and head is not None and head.name == "melatonin_level":
            return Mark("substance", "melatonin", "", "", head.start, head.end)
        return None
    return None


def _is_plain_group(group: Sequence[Mark], lexicon: Lexicon) -> bool:
    """A general word such as therapy gives way to a named substance before it."""
    return any(lexicon.roles[m.name] != "group" or m.name == "naturals" for m in group)


def _resolved(found: Parse, lexicon: Lexicon, mark: Mark) -> tuple[list[Mark], str] | None:
    """Return who a pronoun stands for, or None where nobody."""
    if mark.name == BOTH:
        return [mark], BOTH
    earlier = [
        m for m in found.of("substance")
        if m.end <= mark.start and found.roles[m.start] == "acts"
        and lexicon.roles[m.name] not in ("habit", "condition", "group")
        and not _added(found, m)
    ]  # fmt: skip
    if mark.change == "named":
        return [Mark("substance", mark.name, "", "", mark.start, mark.end)], ""
    if mark.name == "one" and earlier:
        return _group_at(found, earlier[0]), ""
    if mark.name == "many":
        if len({m.name for m in earlier}) > 1:
            return earlier, ""
        return ([mark], "topic") if len(found.topic.substances) > 1 else None
    return ([mark], "topic") if found.topic.substances else None


def _added(found: Parse, mark: Mark) -> bool:
    """Whether a substance is what another is taken with: "combined with kratom, it eases"."""
    before = found.between(max(0, mark.start - 2), mark.start)
    return before[-1:] == ["with"] and before[0] in ("combined", "paired", "coupled", "mixed")


def _behind(found: Parse, start: int, links: frozenset[str] = BY) -> list[Mark]:
    """Substances after "by", "with", "after": the agent of a passive or of a noun."""
    for mark in found.of("substance", "pronoun"):
        gap = found.between(start, mark.start)
        if mark.start < start or len(gap) > 8:
            continue
        if any(w in (";", ".") for w in gap) or found.clause[mark.start] != found.clause[start - 1]:
            return []
        if mark.kind == "substance" and found.roles[mark.start] != "acts":
            continue
        if not any(w in links for w in gap[-5:]) and found.tokens[start - 1] != "to":
            continue
        if mark.kind == "substance":
            return _examples(found, mark) or _group_at(found, mark)
    return []


def _examples(found: Parse, mark: Mark) -> list[Mark]:
    """The substances that a general word is followed by: "remedies like kratom"."""
    for other in found.of("substance"):
        gap = found.between(mark.end, other.start)
        if other.start > mark.end and gap in (["like"], ["such", "as"], ["including"]):
            return _group_at(found, other)
    return []


def _shut_away(found: Parse, mark: Mark, change: Mark) -> bool:
    """Whether a substance stands in brackets or in a relative clause that is over."""
    words = found.tokens
    opened = None
    for place in range(mark.start - 1, -1, -1):
        if words[place] in ("(", "—", "–"):
            opened = (place, {"(": ")"}.get(words[place], words[place]))
            break
        if words[place] == ")":
            break
    if opened:
        for place in range(mark.end, len(words)):
            if words[place] == opened[1]:
                return place < change.start
    for place in range(mark.start - 1, 0, -1):
        if words[place] in (".", ";"):
            return False
        if words[place] == "," and words[place - 1] not in (",",):
            relative = words[place + 1 : place + 2]
            if relative and relative[0] in (
                "which",
                "who",
                "whose",
                "a",
                "an",
                "the",
                "another",
                "one",
                "derived",
                "unlike",
                "like",
                "such",
                "also",
            ):
                close = next((i for i in range(mark.end, len(words)) if words[i] == ","), None)
                inner = [m for m in found.of("change", "bundle")
                         if close is not None and place < m.start < close]  # fmt: skip
                return (
                    close is not None
                    and close < change.start
                    and change not in inner
                    and any(m.end <= place for m in found.of("substance", "pronoun"))
                )
            return False
    return False


def _group_at(found: Parse, mark: Mark) -> list[Mark]:
    """The list of substances that a substance stands in: "kratom and melatonin"."""
    acting = [m for m in found.of("substance") if found.roles.get(m.start) == "acts"]
    if mark not in acting:
        return [mark]
    place = acting.index(mark)
    group = [mark]
    if place and _part_of(found, acting[place - 1], mark):
        return _group_at(found, acting[place - 1])
    for other in reversed(acting[:place]):
        if not _listed(found, other, group[0]):
            break
        group.insert(0, other)
    for other in acting[place + 1 :]:
        if not _listed(found, group[-1], other):
            break
        group.append(other)
    return group


def _part_of(found: Parse, first: Mark, second: Mark) -> bool:
    """Whether a substance only says where another comes from: "terpenes in kratom"."""
    gap = found.between(first.end, second.start)
    place = {"in", "of", "from", "found", "within", "the", "present"}
    return bool(gap) and len(gap) <= 3 and all(w in place for w in gap)


def _listed(found: Parse, first: Mark, second: Mark) -> bool:
    gap = found.between(first.end, second.start)
    allowed = JOIN | {"combined", "the", "a", "in", "combination", "alongside", "of", "paired",
                      "taken", "used", "when", "coupled", "'s", "to", "added",
                      "including"}  # fmt: skip
    return (
        0 < len(gap) <= 5
        and all(w in allowed for w in gap)
        and any(
            w in ("and", "or", "nor", ",", "plus", "with", "&", "/", "alongside", "to", "including")
            for w in gap
        )
    )


def _together(found: Parse, group: Sequence[Mark]) -> bool:
    """Whether a list of substances is meant as taken together."""
    names = {m.name for m in group}
    if BOTH in names:
        return True
    if not set(REMEDIES) <= names:
        everywhere = {m.name for m in found.of("substance") if found.roles[m.start] == "acts"}
        near = set(REMEDIES) <= everywhere and bool(names & set(REMEDIES))
        return near and any(_combines(found, cue) for cue in found.cue("combination.words"))
    return bool(found.cue("combination.words"))


def _combines(found: Parse, cue: Mark) -> bool:
    """Whether a word of combination stands next to both remedies."""
    near = {
        m.name for m in found.of("substance")
        if m.name in REMEDIES and min(abs(m.start - cue.end), abs(cue.start - m.end)) <= 6
    }  # fmt: skip
    return len(near) == 2


def _beside_therapy(found: Parse) -> bool:
    """Whether a remedy is spoken of beside therapy: "alongside counselling"."""
    for cue in found.cue("combination.beside"):
        for mark in found.of("substance"):
            if mark.name == "therapy" and 0 <= mark.start - cue.end <= 3:
                return True
    return False


def _elliptic(found: Parse, change: Mark) -> bool:
    """Whether a sentence leaves out its subject: "Also eases craving."."""
    before = found.tokens[: change.start]
    if any(found.tokens[i : i + 1] for i in range(0)):
        return False
    free = AUXILIARY | {"additionally", "moreover", "furthermore", ",", "further", "besides", ":",
                        "-", "and", "can", "finally", "help", "helps", "too", "well"}  # fmt: skip
    return all(w in free or w.endswith("ly") for w in before) and change.part == "verb"


# --- how firmly ----------------------------------------------------------------------------------


def _denied_and_compared(found: Parse, change: Mark, outcome: Mark) -> tuple[bool, str, str]:
    """Return whether a change is denied, what it is compared with, and its class."""
    denied = _denied(found, change, outcome)
    comparison, kind = "", change.change
    clause = found.clause[change.start]
    for cue in found.cue("comparison.equal", "comparison.less"):
        if found.clause[cue.start] != clause:
            continue
        if (cue.kind == "comparison.equal" and _placebo(found, cue)) or "placebo" in found.tokens[
            cue.end : cue.end + 3
        ]:
            denied = True
        else:
            comparison = f"less than {_compared_with(found, cue)}"
    if not comparison:
        for cue in found.cue("comparison.than", "comparison.like"):
            with_what = _compared_with(found, cue)
            if with_what and found.clause[cue.start] == clause:
                how = "like" if cue.kind.endswith("like") else "more than"
                comparison = f"{how} {with_what}"
    return denied, comparison, kind


def _placebo(found: Parse, cue: Mark) -> bool:
    words = found.tokens[cue.start : cue.end + 4]
    return any(w in ("placebo", "placebos", "sugar", "dummy", "nothing") for w in words)


def _compared_with(found: Parse, cue: Mark) -> str:
    named = [m for m in found.of("substance") if found.roles[m.start] == "compared"
             and cue.start <= m.start]  # fmt: skip
    if named:
        return named[0].name
    return "placebo" if _placebo(found, cue) else ""


def _denied(found: Parse, change: Mark, outcome: Mark) -> bool:
    low, high = min(change.start, outcome.start), max(change.end, outcome.end)
    for cue in found.cue("denial.sentence"):
        if cue.end <= high and not _crossed(found, cue.end, low):
            return True
    for cue in found.cue("denial.after"):
        if cue.start >= change.start and not _crossed(found, high, cue.start):
            return True
    if change.change == "none":
        return True
    if change.start and found.tokens[change.start - 1] == "without" and change.part == "verb":
        return True
    nones = [m for m in found.of("change") if m.change == "none" and m.end <= change.start]
    if nones and change.start - nones[-1].end <= 4 and not _crossed(found, nones[-1].end, low):
        return True
    return any(_follows(found, cue, change, outcome) for cue in found.cue("denial.follows"))


def _crossed(found: Parse, low: int, high: int) -> bool:
    """Whether a clause ends between two tokens."""
    if high <= low:
        return False
    return found.clause[min(low, len(found.clause) - 1)] != found.clause[high]


def _follows(found: Parse, cue: Mark, change: Mark, outcome: Mark) -> bool:
    """Whether a "not" reaches a change: the next one, or those joined to it by "or"."""
    if outcome.start >= cue.end and change.end <= cue.start:  # "eases neither pain nor craving"
        return _denies_outcome(found, cue, change, outcome)
    if cue.end > change.start:  # "cravings did not improve" has it before the change
        return False
    if _crossed(found, cue.end - 1, change.start):
        return False
    between = [m for m in found.of("change", "bundle") if cue.end <= m.start < change.start]
    between = [m for m in between if m.part not in ("adjective",) or m.change == "none"]
    between = [m for m in between if m.change != "have"]
    words = found.between(cue.end, change.start)
    if found.tokens[cue.start] in ("no",) and between:
        return False
    if not between:
        return len(words) <= 9 and not _new_subject(found, cue, change)
    chained = [m for m in between if found.between(m.end, m.end + 1) and not any(
        o for o in found.of("outcome") if m.end <= o.start < change.start)]  # fmt: skip
    if len(chained) == len(between):  # "does not help ease", "not shown to reduce"
        return len(words) <= 9
    return any(w in ("or", "nor") for w in words[-6:])


def _new_subject(found: Parse, cue: Mark, change: Mark) -> bool:
    """Whether somebody else takes over: "not alone, and melatonin eases"."""
    words = found.between(cue.end, change.start)
    later = [m for m in found.of("substance", "pronoun") if cue.end <= m.start < change.start
             and (m.kind == "pronoun" or found.roles[m.start] == "acts")]  # fmt: skip
    return (
        bool(later)
        and any(w in ("and", ",") for w in words)
        and found.tokens[cue.start] not in ("neither", "nor", "nothing", "none")
    )


def _denies_outcome(found: Parse, cue: Mark, change: Mark, outcome: Mark) -> bool:
    """Whether a denial stands between a change and its object."""
    gap = found.between(cue.end, outcome.start)
    other = [m for m in found.of("change") if cue.end <= m.start < outcome.start]
    if other or _crossed(found, change.start, outcome.start):
        return False
    if found.tokens[cue.start] == "neither":
        return True
    if found.tokens[cue.start] == "nor":
        return len(gap) <= 3
    return len(gap) <= 2 and found.tokens[cue.start] in ("not", "no", "never", "n't")


def _hedge(found: Parse, change: Mark) -> str:
    if found.cue("hedge.report"):
        return "reported"
    near = [
        c for c in found.cue("hedge.may") if found.clause[c.start] <= found.clause[change.start]
    ]
    return "may" if near else "asserts"


def _asks(found: Parse, change: Mark) -> bool:
    if found.tokens and found.tokens[-1] == "?":
        return True
    return any(
        cue.start <= change.start
        or "unclear" in found.tokens[cue.start : cue.end]
        or "unknown" in found.tokens[cue.start : cue.end]
        for cue in found.cue("question.open")
    )


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
