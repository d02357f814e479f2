"""Who brings a change: the substances of a sentence, lists of them and what stands for them."""

from __future__ import annotations

from collections.abc import Sequence

from speciosa.evidence.denial import matchless
from speciosa.evidence.lexicon import Lexicon, word_set
from speciosa.evidence.sentence import (
    AUXILIARY,
    BOTH,
    BY,
    JOIN,
    MAKE,
    PEOPLE,
    Mark,
    Parse,
)

LINKING = ("between", "of", "from", "with")
REMEDIES = ("kratom", "melatonin")
CLAUSE_OPENERS = word_set("clause_openers")
ARMS = word_set("arms")
FRONTING = word_set("fronting")
SINCE = word_set("openers")
STARTED = word_set("started")


def agents_of(
    found: Parse, lexicon: Lexicon, outcome: Mark, change: Mark, way: str
) -> tuple[list[Mark], str]:
    """Return the substances that are said to bring a change, and the pronoun they stand behind."""
    if way in ("right", "after"):
        links = BY | {"between"} if change.name in ("differ", "differ in", "change") else BY
        behind = _behind(found, max(change.end, outcome.end), links)
        if behind or way == "after":
            return behind, _together(behind)
    if found.between(change.start - 1, change.start) in (["nothing"], ["few"], ["none"]):
        best = [m for m in found.of("substance") if m.start == change.end]
        if best and change.change == "works":
            return best, ""  # "nothing beats melatonin for jet lag"
    if _headed(found, change, outcome) or _relative(found, change):
        return [], ""
    inside = _between(found, change, outcome)
    if inside:
        return inside, ""
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
            group = group_at(found, nearest)
            if _is_plain_group(group, lexicon) or len(here) == len(group):
                return _examples(found, nearest) or group, ""
            here = [m for m in here if m not in group]
            continue
        resolved = _resolved(found, lexicon, nearest)
        if resolved is not None:
            return resolved
        here = here[:-1]
    behind = _behind(found, max(change.end, outcome.end), BY | {"between"})
    ordered = change.part == "verb" and change.start == 0  # "banish sleepless nights with ..."
    other = [m for m in found.of("change") if behind and m.part == "verb"
             and change.end <= m.start < behind[0].start]  # fmt: skip
    if way == "own" and other and other[0] != change:
        behind = []  # "it can be deadly and should not be managed with herbs"
    if behind and (ordered or way in ("noun", "own") or change.part in ("noun", "adjective")):
        return behind, _together(behind)
    ahead = _ahead(found, lexicon, max(change.end, outcome.end))
    if ahead is not None and (change.part != "verb" or found.tokens[change.start].endswith("ing")
                              or found.tokens[0] in CLAUSE_OPENERS):  # fmt: skip
        return ahead
    if _elliptic(found, change) and found.topic.substances:
        return [change], "topic"
    return matchless(found) or _since_taken(found), ""


def _since_taken(found: Parse) -> list[Mark]:
    """Read "I sleep like a baby since I started taking melatonin"."""
    for mark in found.of("substance"):
        before = found.between(max(0, mark.start - 5), mark.start)
        if SINCE & set(before) and STARTED & set(before) and found.roles[mark.start] == "acts":
            return group_at(found, mark)
    return []


def _together(agents: Sequence[Mark]) -> str:
    return BOTH if any(mark.name == BOTH for mark in agents) else ""


def _relative(found: Parse, change: Mark) -> bool:
    """Whether an outcome brings a change: "headaches, which add to the withdrawal", "cravings that
    come with withdrawal"."""
    near = range(max(0, change.start - 3), change.start)
    opened = [i for i in near if found.tokens[i] in ("which", "that")]
    if not opened or any(m.start > opened[0] and m.end <= change.start
                         for m in found.of("substance", "pronoun")):  # fmt: skip
        return False  # "cravings that kratom eases"
    return any(m.end in (opened[0], opened[0] - 1) for m in found.of("outcome"))


def _headed(found: Parse, change: Mark, outcome: Mark) -> bool:
    """Whether an outcome heads the clause that brings a change: "poor sleep worsens craving"."""
    heads = [m for m in found.of("outcome") if m.start <= 1 and m.end <= change.start]
    named = [m for m in found.of("substance", "pronoun") if m.end <= change.start]
    if not heads or heads[0] == outcome or named:
        return False
    gap = range(heads[0].end, outcome.start)
    verbs = {m.start for m in found.of("change") if m.part == "verb"}
    return any(found.tokens[i] in MAKE or i in verbs for i in gap)


def _between(found: Parse, change: Mark, outcome: Mark) -> list[Mark]:
    """Who is compared: "no difference between melatonin and placebo in craving"."""
    words = found.tokens
    compared = change.change == "none" and words[change.end - 1] in LINKING
    own = words[change.start] in ("benefit", "benefits", "effect", "effects", "impact", "role")
    if not compared and not (own and words[change.end : change.end + 1] == ["of"]):
        return []
    named = [m for m in found.of("substance") if change.end <= m.start < outcome.start
             and m.start - change.end <= 2 and found.roles[m.start] == "acts"]  # fmt: skip
    return group_at(found, named[0]) if named else []


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
    if comma is None or found.between(comma + 1, comma + 2) in (["and"], ["but"], ["or"], ["so"]):
        return None
    for mark in found.of("substance", "pronoun"):
        if mark.start <= comma:
            continue
        if any(m for m in found.of("change") if comma < m.start < mark.start):
            return None
        if mark.kind == "pronoun":
            return _resolved(found, lexicon, mark)
        if found.roles[mark.start] == "acts" and mark.start - comma <= 4:
            return group_at(found, mark), ""
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
        of = found.tokens[mark.end : mark.end + 1] == ["of"]
        here = {m.name for m in found.of("substance") if m.start > mark.end}
        return None if of and not set(REMEDIES) <= here else ([mark], BOTH)
    earlier = [
        m for m in found.of("substance")
        if m.end <= mark.start and found.roles[m.start] == "acts"
        and lexicon.roles[m.name] not in ("habit", "condition", "group")
        and not _added(found, m)
    ]  # fmt: skip
    if mark.name in ("first", "second"):
        names = list(dict.fromkeys(m.name for m in earlier)) or list(found.topic.named)
        chosen = names[mark.name == "second"] if len(names) == 2 else ""
        return ([Mark("substance", chosen, "", "", mark.start, mark.end)], "") if chosen else None
    if mark.change == "named":
        return [Mark("substance", mark.name, "", "", mark.start, mark.end)], ""
    if mark.name == "one" and earlier:
        return group_at(found, earlier[0]), ""
    if mark.name == "one" and any(
        m.start == 0 and m.end <= mark.start for m in found.of("outcome")
    ):
        return None  # "Sleep matters because of its ability to ..."
    if mark.name == "many":
        if len({m.name for m in earlier}) > 1:
            return earlier, ""
        people = any(w in PEOPLE for w in found.tokens[: mark.start])
        if earlier and not people and mark.change == "" and found.tokens[mark.start] == "they":
            return group_at(found, earlier[-1]), ""
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
        if mark.start < start or len(gap) > 10:
            continue
        if any(w in (";", ".") for w in gap) or found.clause[mark.start] != found.clause[start - 1]:
            return []
        if mark.kind == "substance" and found.roles[mark.start] != "acts":
            continue
        arm = found.tokens[mark.end : mark.end + 1]
        of_an_arm = bool(arm) and arm[0] in ARMS and {"in", "among"} & set(gap[-3:])
        linked = any(w in links for w in gap[-5:]) or found.tokens[start - 1] == "to"
        if not (linked or of_an_arm):
            continue
        if mark.kind == "substance":
            return _examples(found, mark) or group_at(found, mark)
        if mark.name == BOTH:
            return [mark]
    return []


def _examples(found: Parse, mark: Mark) -> list[Mark]:
    """The substances that a general word is followed by: "remedies like kratom"."""
    for other in found.of("substance"):
        gap = found.between(mark.end, other.start)
        if other.start > mark.end and gap in (["like"], ["such", "as"], ["including"]):
            return group_at(found, other)
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


def group_at(found: Parse, mark: Mark) -> list[Mark]:
    """The list of substances that a substance stands in: "kratom and melatonin"."""
    acting = [m for m in found.of("substance") if found.roles.get(m.start) == "acts"]
    if mark not in acting:
        return [mark]
    place = acting.index(mark)
    group = [mark]
    if place and _part_of(found, acting[place - 1], mark):
        return group_at(found, acting[place - 1])
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
    if gap == [","] and found.tokens[0] in FRONTING and "," not in found.tokens[: first.end]:
        return False  # "with its blend of alkaloids, kratom ..."
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


def are_together(found: Parse, group: Sequence[Mark]) -> bool:
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


def beside_therapy(found: Parse) -> bool:
    """Whether a remedy is spoken of beside therapy: "alongside counselling"."""
    for cue in found.cue("combination.beside"):
        for mark in found.of("substance"):
            if mark.name == "therapy" and 0 <= mark.start - cue.end <= 3:
                return True
    return False


def _elliptic(found: Parse, change: Mark) -> bool:
    """Whether a sentence leaves out its subject: "Also eases craving."."""
    before = found.tokens[: change.start]
    if found.bullet:
        return True
    free = AUXILIARY | {"additionally", "moreover", "furthermore", ",", "further", "besides", ":",
                        "-", "and", "can", "finally", "help", "helps", "too", "well"}  # fmt: skip
    return all(w in free or w.endswith("ly") for w in before) and change.part == "verb"
