"""Whole constructions that say more than their words: leaving a remedy, doing without it."""

from __future__ import annotations

from dataclasses import replace

from speciosa.evidence.frame import SEEN
from speciosa.evidence.lexicon import Lexicon, word_set
from speciosa.evidence.sentence import BE, MAKE, PEOPLE, Mark, Parse, Statement

TAKEN = ("remedy", "part", "medicine")
ON_STOPPING = ("withdrawal", "withdrawal_after_stopping", "anxiety", "sleep", "mood", "body",
               "stress", "pain", "craving", "precipitated_withdrawal")  # fmt: skip
NEGATIONS = ("not", "n't", "never", "no", "without")
DENIED = word_set("denials")
WOULD = word_set("would")
GRIM = word_set("grim")
OPENERS = word_set("openers")
BETTER = ("improve", "lower", "prevent")
ACTIVE = ("improve", "lower", "prevent", "harm", "raise", "cause")


def constructions(found: Parse, lexicon: Lexicon) -> list[Statement]:
    """Return everything that a sentence says by its construction as a whole."""
    return [
        *dependence(found, lexicon),
        *after_stopping(found, lexicon),
        *once_stopped(found, lexicon),
        *seen_on_stopping(found, lexicon),
        *own_withdrawal(found),
        *without_it(found, lexicon),
        *cleft(found, lexicon),
    ]


def asked(found: Parse) -> bool:
    """Whether a sentence ends as a question."""
    return found.tokens[-1:] == ["?"]


def is_bad(mark: Mark) -> bool:
    """Whether a mark names something that people are better off without."""
    return mark.change == ("less" if mark.kind == "outcome" else "harm")


OBJECT_ENDS = word_set("object_ends") | {".", ",", ";", ":", "!"}


def objects(found: Parse) -> list[tuple[Mark, Mark]]:
    """Return changes whose object is "it": the outcome that was spoken of last.

    "Sleep falls apart, and melatonin can mend it", "insomnia is common; kratom makes it worse".
    """
    made = []
    for change in found.of("change"):
        verb = change.part == "verb" and change.change in ACTIVE
        place = change.end if verb else change.start - 1
        made_so = change.part == "adjective" and found.tokens[place - 1] in MAKE
        word = found.between(place, place + 1)
        if not (verb or made_so) or word not in (["it"], ["them"]):
            continue
        earlier = [m for m in found.of("outcome") if m.end < change.start]
        here = earlier[-1] if earlier else None
        many = here is not None and found.tokens[here.end - 1].endswith("s")
        last = here or found.topic.outcome
        ends = made_so or found.tokens[place + 1] in OBJECT_ENDS
        if last is not None and ends and (word == ["it"] or many):
            made.append((change, replace(last, start=place, end=place + 1)))
    return made


def dependence(found: Parse, lexicon: Lexicon) -> list[Statement]:
    """Return "hooked on kratom", "addicted to it": a remedy said to bring dependence."""
    made = []
    for cue in found.cue("people.before"):
        told = any(w in SEEN for w in found.between(max(0, cue.start - 6), cue.start))
        first = found.tokens[cue.start]
        if first not in ("hooked", "addicted", "dependent", "stuck", "reliant", "strung") and not (
            told and first in ("addiction", "dependence")
        ):
            continue
        before = found.between(max(0, cue.start - 4), cue.start)
        if (before[-1:] and before[-1] in PEOPLE) or before[-2:] in (["who", "are"], ["who", "is"]):
            continue  # it only says who
        doubted = {"not", "n't", "never", "few", "cannot", "nobody", "hardly"}
        denied = bool(doubted & set(before))
        names, end = _on_what(found, lexicon, cue)
        made += [
            Statement((name,), "dependence", "less", "cause", denied, asks=asked(found),
                      span=(cue.start, end))
            for name in names
        ]  # fmt: skip
    return made


def _on_what(found: Parse, lexicon: Lexicon, cue: Mark) -> tuple[list[str], int]:
    """Return what people are said to be hooked on, and where its words end."""
    near = [m for m in found.of("substance", "pronoun") if 0 <= m.start - cue.end <= 1]
    if not near and found.tokens[cue.end : cue.end + 1] in (["that"], ["this"], ["them"]):
        near = [Mark("pronoun", "one", "", "", cue.end, cue.end + 1)]
    if not near:
        return [], cue.end
    here = [m.name for m in found.of("substance") if m.end <= cue.start
            and lexicon.roles.get(m.name) in TAKEN]  # fmt: skip
    names = here[-1:] or list(found.topic.substances)
    if near[0].kind == "substance" or near[0].change == "named":
        names = [near[0].name]
    return [n for n in names if lexicon.roles.get(n) in TAKEN], near[0].end


def _left_remedy(found: Parse, lexicon: Lexicon, cue: Mark) -> Mark | None:
    """Return the remedy that words of stopping speak of."""
    near = [m for m in found.of("substance") if 0 <= m.start - cue.end <= 2
            and lexicon.roles[m.name] in ("remedy", "part")]  # fmt: skip
    return near[0] if near else None


def after_stopping(found: Parse, lexicon: Lexicon) -> list[Statement]:
    """Return "when they stop kratom, people suffer withdrawal": what is gone through, not eased."""
    made = []
    for cue in found.cue("stopping.words"):
        near = _left_remedy(found, lexicon, cue)
        for change in found.of("change"):
            behind = [m for m in found.of("outcome") if 0 <= m.start - change.end <= 5
                      and m.name in ("withdrawal", "withdrawal_after_stopping")]  # fmt: skip
            if not near or not behind or change.change != "have" or change.start < near.end:
                continue
            if asked(found) or "withdrawal" in found.between(cue.start, cue.end):
                continue
            before = found.between(max(0, change.start - 4), behind[0].start)
            denied = any(w in NEGATIONS for w in before)
            made.append(Statement(
                (near.name,), "withdrawal_after_stopping", "less", "cause", denied,
                span=(change.start, behind[0].end),
            ))  # fmt: skip
    return made


def once_stopped(found: Parse, lexicon: Lexicon) -> list[Statement]:
    """Return "once I quit kratom, the insomnia was awful": what came when it was left."""
    for cue in found.cue("stopping.words"):
        near = _left_remedy(found, lexicon, cue)
        opened = OPENERS & set(found.between(max(0, cue.start - 4), cue.start))
        if near is None or not opened or asked(found):
            continue
        comma = next((i for i in range(near.end, len(found.tokens)) if found.tokens[i] == ","), 0)
        bad = [m for m in found.of("outcome", "bundle")
               if m.start > comma > 0 and m.name in ON_STOPPING and is_bad(m)]  # fmt: skip
        if not bad or any(m.change in BETTER and m.kind == "change" for m in found.marks):
            continue
        if not set(NEGATIONS) & set(found.between(comma, bad[0].start)):
            return [Statement((near.name,), "withdrawal_after_stopping", "less", "cause",
                              span=(near.start, bad[0].end))]  # fmt: skip
    return []


def seen_on_stopping(found: Parse, lexicon: Lexicon) -> list[Statement]:
    """Return "withdrawal was reported by users who stopped kratom": seen when it was left."""
    for cue in found.cue("stopping.words"):
        near = _left_remedy(found, lexicon, cue)
        for outcome in found.of("outcome"):
            gap = found.between(outcome.end, cue.start)
            named = outcome.name in ("withdrawal", "withdrawal_after_stopping")
            if near is None or not named or outcome.end > cue.start or asked(found):
                continue
            if SEEN & set(gap) and not set(NEGATIONS) & set(found.tokens[: cue.start]):
                return [Statement((near.name,), "withdrawal_after_stopping", "less", "cause",
                                  span=(outcome.start, near.end))]  # fmt: skip
    return []


def own_withdrawal(found: Parse) -> list[Statement]:
    """Return "kratom withdrawal is brutal": a remedy's own withdrawal, judged."""
    for outcome in found.of("outcome"):
        words = found.between(outcome.start, outcome.end)
        after = found.between(outcome.end, outcome.end + 6)
        judged = GRIM & set(after) and (set(after) & BE or after[0] in GRIM)
        denied = DENIED & set(after) or ("no" in after and "joke" not in after)
        if words[:2] == ["kratom", "withdrawal"] and judged and not denied and not asked(found):
            return [Statement(("kratom",), "withdrawal_after_stopping", "less", "cause",
                              span=(outcome.start, outcome.end))]  # fmt: skip
    return []


def without_it(found: Parse, lexicon: Lexicon) -> list[Statement]:
    """Return "without kratom I would have relapsed": the harm that a remedy is said to spare."""
    for mark in found.of("substance"):
        before = found.between(max(0, mark.start - 5), mark.start)
        spared = before[-1:] == ["without"] or (
            before[-1:] == ["for"] and set(before) & {"not", "n't"} and set(before) & {"if", "had"}
        )
        would = next((i for i in range(mark.end, len(found.tokens)) if found.tokens[i] in WOULD), 0)
        if not spared or not would or lexicon.roles[mark.name] not in TAKEN or asked(found):
            continue
        told = [m for m in found.of("bundle", "outcome") if would < m.start <= would + 6]
        denied = bool(told) and bool(set(NEGATIONS) & set(found.between(would, told[0].start)))
        if told and is_bad(told[0]) != denied:
            better = "less" if is_bad(told[0]) else "more"
            return [Statement((mark.name,), told[0].name, better, "improve",
                              span=(mark.start, told[0].end))]  # fmt: skip
    return []


def cleft(found: Parse, lexicon: Lexicon) -> list[Statement]:
    """Return "pain, not mood, is what kratom improves": the object stands ahead."""
    for mark in found.of("substance"):
        verb = next((m for m in found.of("change") if m.part == "verb"
                     and mark.end <= m.start <= mark.end + 1), None)  # fmt: skip
        what = found.between(mark.start - 1, mark.start) == ["what"] and mark.start > 1
        ahead = [m for m in found.of("outcome") if m.end < mark.start]
        if verb is None or not what or not ahead or lexicon.roles[mark.name] not in TAKEN:
            continue
        if any(m.start >= verb.end for m in found.of("outcome")) or asked(found):
            continue
        chosen = [m for m in ahead if found.tokens[m.start - 1 : m.start] != ["not"]]
        return [Statement((mark.name,), m.name, m.change, verb.change,
                          span=(m.start, verb.end)) for m in chosen[:1]]  # fmt: skip
    return []
