"""What governs an outcome: the change in a sentence that has it for its object or subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from speciosa.evidence.lexicon import Lexicon, word_set
from speciosa.evidence.sentence import (
    AUXILIARY,
    BE,
    BY,
    JOIN,
    MAKE,
    PEOPLE,
    SETTING,
    Mark,
    Parse,
)

HELPS = ("improve", "works")  # classes that say "better" without saying more or less
ADDS = ("contribute to", "add to", "attribute to")  # more of what is bad is worse
GOOD_QUALITIES = word_set("good_qualities")
STAGES = word_set("stages")
SUBJECTS = word_set("subjects")
LIFTS = word_set("lifts")
STAND_INS = word_set("stand_ins")
SHOWN = ("evidenced", "indicated", "measured", "assessed", "shown", "judged")
CARRIES = ("keep", "spare", "get", "stay", "protect")  # "keeps people off heroin"
KEEPS = ("keep", "stop", "prevent", "hold")
RATHER = (["rather", "than"], ["instead", "of"], ["and", "not"], [",", "not"])
FAR = 14  # words over which a change may still govern an outcome


def governor(found: Parse, lexicon: Lexicon, outcome: Mark) -> tuple[Mark | None, str]:
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
        if right.name in ADDS and outcome.change == "less":
            right = replace(right, change="cause")  # "deaths were attributed to it"
        return right, "right"
    left = _left(found, outcome, changes)
    if left is not None and left.name in ADDS and outcome.change == "less":
        left = replace(left, change="cause")  # "contributed to his death"
    if left is not None and left.name in LIFTS and outcome.change == "less":
        left = replace(left, change="improve")  # "brightens a low mood"
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
            covered = {i for m in between for i in range(m.start, m.end)}
            gap = [
                w
                for i, w in enumerate(found.tokens[outcome.end : change.start], outcome.end)
                if i not in covered and w not in JOIN | {"such", "including", "like"}
            ]
        if gap[:1] == [","] and found.tokens[outcome.start - 1 : outcome.start] == [","]:
            gap = gap[1:]  # "the main outcome, craving, did not differ"
        names = {found.tokens[i] for m in found.of("substance") for i in range(m.start, m.end)}
        gap = [w for w in gap if w not in names and w not in ("for", "from", "of")]
        if len(gap) > 6 or not all(w in AUXILIARY or w.endswith("ly") for w in gap):
            return None
        form = found.tokens[change.start]
        passive = any(w in BE for w in gap) or (form.endswith(("ed", "en")) and not gap)
        if change.part == "adjective":
            if found.tokens[change.start] == "less" and found.between(change.end, change.end + 1):
                good = found.tokens[change.end] in GOOD_QUALITIES
                change = replace(change, change="harm" if good else "improve")
            make = any(w in MAKE for w in found.between(max(0, outcome.start - 5), outcome.start))
            state = any(w in BE | {"became", "become", "felt", "remained", "seemed"} for w in gap)
            return change if make or state else None
        if change.change == "have" or change.name == "support":
            continue
        if passive and (
            form.endswith(("ed", "en")) or change.name.split()[0] in ("cut", "hurt", "make")
        ):
            return change
        objects = [
            m for m in found.of("outcome")
            if change.end <= m.start <= change.end + 3
            and not any(w in BY | SETTING for w in found.between(change.end, m.start))
        ]  # fmt: skip
        alone = form in lexicon.alone or change.name in lexicon.alone
        return change if alone and not objects else None
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
    if len(before) > 1 and found.between(before[-2].end, near.start) in RATHER:
        before = before[:-1]  # "worsened rather than eased her anxiety"
        near = before[-1]
    told = found.tokens[outcome.start - 1], found.between(outcome.end, outcome.end + 1)
    if told[0] in ("that", "which") and told[1] in (["has"], ["have"], ["had"]):
        return None  # "a clock that addiction has knocked out of step"
    if _has_potential(found, outcome):
        return Mark("change", "have", "cause", "noun", outcome.start - 1, outcome.start)
    if near.name == "support" and "use" in found.between(near.end, near.end + 3):
        return None  # "does not support the use of kratom for pain"
    if near.part == "verb" and found.between(near.end, near.end + 1) == ["by"]:
        before = before[:-1]  # "a clock thrown off by drinking": what comes after is who did it
        if not before:
            return None
        near = before[-1]
    if outcome.start - near.end > FAR or _is_setting(found, outcome, near):
        return None
    if of_people(found, near) or _loosely(found, near):
        return None
    if near.name in KEEPS and found.tokens[outcome.start - 1] == "from":
        return replace(near, change="prevent")  # "keeps me from sleeping"
    if STAND_INS & set(found.between(near.end, outcome.start)):
        return None  # "promoted as an alternative to opioid use"
    if near.change == "have":
        last = found.tokens[outcome.end - 1]
        own = outcome.name == "mu_receptor" or last in ("potential", "liability")
        own = own and outcome.start - near.end <= 3
        return replace(near, change="raise") if own else None
    if near.part == "adjective" and near.change != "none":
        verbs = [m for m in before[:-1] if m.part == "verb" and near.start - m.end <= 3]
        if near.change == "works" and not _predicate(found, near, outcome):
            return None
        if outcome.start - near.end > 5 and near.change not in ("works",):
            return verbs[-1] if verbs else None
        if near.change == "harm" and verbs and verbs[-1].change in ("lower", "prevent", *HELPS):
            return replace(verbs[-1], change="improve")  # "puts an end to fitful sleep"
        if verbs and verbs[-1].change in ("lower", "prevent", "harm"):
            return verbs[-1]
        if near.change == "raise" and verbs and verbs[-1].change in HELPS:
            return verbs[-1]
        return near
    if near.part == "noun" and near.change == "cause":
        verbs = [m for m in before[:-1] if m.part == "verb" and near.start - m.end <= 3]
        return verbs[-1] if verbs and verbs[-1].change in ("lower", "prevent") else near
    if near.part == "after":
        others = [m for m in before[:-1] if m.part != "after"]
        return others[-1] if others and _joined(found, others[-1], outcome) else None
    return near


def _has_potential(found: Parse, outcome: Mark) -> bool:
    """Whether a list goes on with what a substance has: "and its potential for abuse"."""
    words = found.between(max(0, outcome.start - 2), outcome.start + 1)
    own = words[-2:] in (["its", "potential"], ["their", "potential"])
    return own and words[0] in ("and", "but", ",")


def of_people(found: Parse, change: Mark) -> bool:
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
    if (
        outcome.name in ("abstinence", "recovery")
        and outcome.change == "more"
        and STAGES & set(gap)
    ):
        return True
    if _other_verb(found, outcome, change):
        return True
    if inner and change.name.startswith("rob"):
        return False
    if inner:
        tail = found.between(inner[-1].end, outcome.start)
        if tail[:3] == ["in", "addition", "to"]:
            tail = ["and", *tail[3:]]
        if any(w in SHOWN for w in tail):
            return True
        joined = any(w in JOIN - {"with"} for w in tail)
        setting = [i for i, w in enumerate(tail) if w in SETTING or w in PEOPLE]
        if setting and not (joined and not any(w in PEOPLE for w in tail)
                            and tail[setting[0] :] and _list_after(tail, setting[0])):  # fmt: skip
            return True
        return not joined and len(tail) > 3
    if any(w in PEOPLE and gap[i + 1 : i + 2] != ["'s"] for i, w in enumerate(gap)):
        if change.name.startswith("rob") or change.name in CARRIES:
            return False
        return change.change not in ("improve", "works") or any(
            w in ("struggling", "living", "diagnosed", "experienced") for w in gap
        )
    opens = bool(gap) and gap[0] in ("during", "among", "throughout", "amid", "after", "at")
    opens = opens and gap[:2] not in (["at", "least"], ["at", "most"])
    return opens and change.change not in ("works",)


def _other_verb(found: Parse, outcome: Mark, change: Mark) -> bool:
    """Whether a verb that the lexicon does not know takes over: "eases pain and begets craving"."""
    solid = {i for m in found.marks for i in range(m.start, m.end)}
    for place in range(change.end, outcome.start - 1):
        word = found.tokens[place + 1]
        if found.tokens[place] in ("and", "but", ",") and word in SUBJECTS:
            return True
        if found.tokens[place] not in ("and", "but") or place + 1 in solid or word in AUXILIARY:
            continue
        rest = found.between(place + 2, outcome.start)
        verb = word.endswith(("s", "ed")) and not word.endswith(("ss", "ous", "us"))
        if verb and all(w in ("a", "an", "the", "their", "its", "more", "to") for w in rest):
            return True
    return False


def _list_after(tail: Sequence[str], place: int) -> bool:
    """Whether a list goes on after a preposition's words: "of opioids and cravings"."""
    return any(w in ("and", "or", "&") for w in tail[place:])
