"""What one sentence says: who is said to change what, in which direction, and how firmly.

Marks of the lexicon are laid over the tokens; every outcome finds the word of change that governs
it, every change finds who is said to bring it. Nothing is guessed: an outcome without a change, or
a change without a substance, makes no statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from speciosa.evidence.lexicon import Lexicon, word_set
from speciosa.evidence.tidy import tidy

BOTH = "both"
AUXILIARY = word_set("auxiliary")
BE = word_set("be")
BY = word_set("by")
SETTING = word_set("setting")
JOIN = word_set("join")
PEOPLE = word_set("people")
MAKE = word_set("make")


@dataclass(frozen=True)
class Mark:
    """A term found in a sentence, from token ``start`` up to ``end``."""

    kind: str
    name: str
    change: str
    part: str
    start: int
    end: int


@dataclass(frozen=True)
class Statement:
    """One thing a sentence says.

    Args:
        substances: who is said to act: names, or ``both`` for kratom and melatonin together.
        outcome: name of the outcome.
        better: ``more`` or ``less`` of what the words name is better for people.
        change: class of the word of change.
        denied: whether the change is denied.
        comparison: with what, and how, it is compared; empty if not.
        hedge: asserts, may or reported.
        asks: whether the sentence asks or leaves open rather than states.
        populations: substances that people leave or are addicted to.
        beside_therapy: whether it is said of the remedy beside therapy.
        span: first and last token of what it was read from.
    """

    substances: tuple[str, ...]
    outcome: str
    better: str
    change: str
    denied: bool = False
    comparison: str = ""
    hedge: str = "asserts"
    asks: bool = False
    populations: tuple[str, ...] = ()
    beside_therapy: bool = False
    together: bool = False
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Topic:
    """What "it" may mean: substances spoken of last, ``named`` all of them, and the outcome."""

    substances: tuple[str, ...] = ()
    together: bool = False
    population: str = ""
    frame: str = ""
    named: tuple[str, ...] = ()
    outcome: Mark | None = None


@dataclass
class Parse:
    """A sentence under analysis."""

    tokens: list[str]
    marks: list[Mark]
    cues: list[Mark]
    clause: list[int]
    topic: Topic
    places: list[tuple[int, int]] = field(default_factory=list)
    roles: dict[int, str] = field(default_factory=dict)
    bullet: bool = False

    def of(self, *kinds: str) -> list[Mark]:
        """Content marks of some kinds, in order."""
        return [mark for mark in self.marks if mark.kind in kinds]

    def cue(self, *kinds: str) -> list[Mark]:
        """Cue marks of some kinds, in order."""
        return [mark for mark in self.cues if mark.kind in kinds]

    def between(self, low: int, high: int) -> list[str]:
        """The words from one token up to another."""
        return self.tokens[low:high]


def parse(text: str, lexicon: Lexicon, topic: Topic, *, bullet: bool = False) -> Parse:
    """Lay the lexicon's marks over a sentence's tokens."""
    doc, places = tidy(text, lexicon.language)
    tokens = [token.lower_ for token in doc]
    content: list[Mark] = []
    cues: list[Mark] = []
    for key, start, end in lexicon.matcher(doc):
        term = lexicon.terms[int(doc.vocab.strings[key])]
        mark = Mark(term.kind, term.name, term.change, term.part, start, end)
        (content if term.layer == "content" else cues).append(mark)
    never = [m for m in cues if m.kind == "denial.never"]
    cues = _longest(
        [
            m
            for m in cues
            if m.kind not in ("denial.follows", "denial.sentence", "denial.truth")
            or not any(_overlaps(m, n) for n in never)
        ]
    )
    marks = _longest_content([m for m in content if not _heads(m, content, tokens)])
    marks = _drop_risk_of([_as_verb(mark, tokens) for mark in marks], tokens)
    marks = [m for m in _split_verbs(marks, tokens, lexicon) if not _says_how(m, marks, tokens)]
    marks = sorted([*marks, *_none_better(cues, tokens), *_no_more(tokens)], key=lambda m: m.start)
    marks = [m for m in marks if not _points_at_a_noun(m, tokens, marks)]
    marks = [_of_its_part(_level(mark, tokens, marks), tokens, marks) for mark in marks]
    aside = [m.start - 1 for m in marks if m.kind == "substance" and _left_out(m, tokens)]
    cues = [c for c in cues if not (c.kind == "denial.follows" and c.start in aside)]
    found = Parse(tokens, marks, cues, _clauses(tokens, cues, marks), topic, places, bullet=bullet)
    _drop_swallowed(found)
    _assign_roles(found, lexicon)
    return found


def _heads(mark: Mark, content: Sequence[Mark], tokens: Sequence[str]) -> bool:
    """Whether an outcome is the subject that harms: "addiction impairs judgement"."""
    if mark.kind != "outcome" or mark.name != "recovery" or mark.start > 1:
        return False
    same = [m for m in content if (m.start, m.end) == (mark.start, mark.end)]
    if not any(m.name == "addiction" and m.kind == "substance" for m in same):
        return False
    later = [
        m for m in content if m.kind == "change" and m.part == "verb" and m.start > mark.end - 1
    ]
    first = min(later, key=lambda m: m.start, default=None)
    if first is None:
        return False
    passive = tokens[first.start].endswith(("ed", "en"))
    return not (passive and any(w in BE for w in tokens[max(0, first.start - 3) : first.start]))


def _none_better(cues: Sequence[Mark], tokens: Sequence[str]) -> list[Mark]:
    """Read "no better than placebo" as a change: none."""
    made = []
    for cue in cues:
        if cue.kind in ("comparison.equal", "comparison.less"):
            placebo = "placebo" in tokens[cue.start : cue.end + 3]
            change = "none" if placebo or cue.kind.endswith("equal") else "works"
            if tokens[cue.start] == "worse" and not placebo:
                change = "harm"
            made.append(Mark("change", "", change, "adjective", cue.start, cue.end))
    return made


def _points_at_a_noun(mark: Mark, tokens: Sequence[str], marks: Sequence[Mark]) -> bool:
    """Whether "this" belongs to a noun: "this complex problem", not "this may help"."""
    if mark.kind != "pronoun" or list(tokens[mark.start : mark.end]) not in (["this"], ["these"]):
        return False
    after = tokens[mark.end : mark.end + 1]
    verb = any(m.start == mark.end and m.kind == "change" and m.part == "verb" for m in marks)
    free = not after or not after[0].isalpha() or after[0] in AUXILIARY | JOIN | BY
    return not (verb or free or after[0].endswith(("ly", "s", "ed")))


def _says_how(mark: Mark, marks: Sequence[Mark], tokens: Sequence[str]) -> bool:
    """Whether a word only says how an outcome is: "clean energy", "sober sleep"."""
    bare = mark.kind == "outcome" and tokens[mark.start : mark.end] in (["clean"], ["sober"])
    return bare and any(m.kind == "outcome" and m.start == mark.end for m in marks)


def _split_verbs(marks: list[Mark], tokens: Sequence[str], lexicon: Lexicon) -> list[Mark]:
    """Read verbs that take their object in between: "keep withdrawal at bay"."""
    for outcome in [m for m in marks if m.kind == "outcome"]:
        for verbs, rest, term in lexicon.splits:
            if tuple(tokens[outcome.end : outcome.end + len(rest)]) != rest:
                continue
            near = range(max(0, outcome.start - 3), outcome.start)
            place = next((i for i in near if tokens[i] in verbs), None)
            if place is not None:
                split = Mark("change", term.name, term.change, "verb", place, place + 1)
                inside = range(outcome.end, outcome.end + len(rest))
                marks = [m for m in marks if m.start != place and m.start not in inside]
                marks = sorted([*marks, split], key=lambda m: m.start)
                break
    return marks


def _no_more(tokens: Sequence[str]) -> list[Mark]:
    """Read "no more sleepless nights" as a change: less; not "no more pain than placebo"."""
    return [
        Mark("change", "", "prevent", "verb", place, place + 2)
        for place in range(len(tokens) - 2)
        if list(tokens[place : place + 2]) == ["no", "more"]
        and not {"than", "effective", "likely"} & set(tokens[place + 2 : place + 9])
    ]


def _left_out(mark: Mark, tokens: Sequence[str]) -> bool:
    """Whether a substance is said not to act: "mitragynine, but not speciogynine, reduced"."""
    before = tokens[max(0, mark.start - 2) : mark.start]
    return before in (["but", "not"], [",", "not"], ["and", "not"]) and mark.start > 2


OWN = word_set("own")


def _level(mark: Mark, tokens: Sequence[str], marks: Sequence[Mark]) -> Mark:
    """Read "raises melatonin" as a word on the hormone's level."""
    if (mark.kind, mark.name) != ("substance", "melatonin") or mark.end - mark.start > 1:
        return mark
    before = [m for m in marks if m.end <= mark.start]
    last = max((m for m in before if m.kind == "change"), key=lambda m: m.end, default=None)
    if last is None or last.change not in ("raise", "lower") or last.part == "adjective":
        return mark
    gap = tokens[last.end : mark.start]
    acts = any(m.kind in ("substance", "pronoun") and m.end <= last.start for m in before)
    possessive = tokens[mark.end : mark.end + 1] == ["'s"]
    if len(gap) <= 3 and all(w in OWN for w in gap) and acts and not possessive:
        return replace(mark, kind="outcome", name="melatonin_level", change="more")
    return mark


VERBAL = word_set("verbal")


def _as_verb(mark: Mark, tokens: Sequence[str]) -> Mark:
    """Tell "to calm the nerves" from "calm", and "killed my cravings" from "killed"."""
    alone = mark.name == "death" and mark.end - mark.start == 1
    if alone and tokens[mark.start] in ("killed", "kills", "kill", "killing"):
        symptoms = {"pain", "pains", "craving", "cravings", "urge", "urges", "anxiety", "ache"}
        if symptoms & set(tokens[mark.end : mark.end + 3]):
            return Mark("change", "kill", "prevent", "verb", mark.start, mark.end)
    calm = mark.kind == "outcome" and tokens[mark.start : mark.end] == ["calm"] and mark.start > 0
    if calm and (tokens[mark.start - 1] in VERBAL or tokens[mark.start - 1] in ("little", "and")):
        return Mark("change", "calm", "lower", "verb", mark.start, mark.end)
    return mark


def _of_its_part(mark: Mark, tokens: Sequence[str], marks: Sequence[Mark]) -> Mark:
    """Tell "to lower craving" from "lower craving"."""
    if mark.kind != "change" or mark.part != "verb":
        return mark
    before = tokens[mark.start - 1] if mark.start else ""
    told = any(m.end == mark.start and m.change == "have" for m in marks) or before in (
        "with",
        "of",
    )
    if (
        told
        and tokens[mark.start].endswith("ed")
        and any(m.kind == "outcome" and m.start == mark.end for m in marks)
    ):
        return replace(mark, name="", part="adjective")
    if tokens[mark.start] != "lower":
        return mark
    named = any(m.end == mark.start and m.kind in ("substance", "pronoun") for m in marks)
    joined = before in ("and", ",") and any(
        m.part == "verb" and m.change not in ("have", "cause") and m.end <= mark.start
        for m in marks
    )
    verb = before in VERBAL or named or joined or before.endswith("ly")
    return mark if verb else replace(mark, name="", part="adjective")


_RANK = {"bundle": 0, "outcome": 1, "change": 2, "substance": 3, "pronoun": 4}


def _longest_content(marks: Sequence[Mark]) -> list[Mark]:
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda m: (m.start - m.end, _RANK[m.kind], m.start)):
        if not any(mark.start < other.end and other.start < mark.end for other in kept):
            kept.append(mark)
    return sorted(kept, key=lambda m: m.start)


def _longest(marks: Sequence[Mark]) -> list[Mark]:
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda m: m.start - m.end):
        if not any(_inside(mark, o) and mark.kind == o.kind for o in kept):
            kept.append(mark)
    return sorted(kept, key=lambda m: m.start)


def _inside(mark: Mark, other: Mark) -> bool:
    return other.start <= mark.start and mark.end <= other.end


def _overlaps(mark: Mark, other: Mark) -> bool:
    return mark.start < other.end and other.start < mark.end


def _clauses(tokens: Sequence[str], cues: Sequence[Mark], marks: Sequence[Mark]) -> list[int]:
    """Number the clauses; a boundary word starts a new one, but not "but not speciogynine"."""
    asides = {m.start - 2 for m in marks if m.kind == "substance"
              and tokens[max(0, m.start - 2) : m.start] == ["but", "not"]}  # fmt: skip
    starts = {m.start for m in cues if m.kind == "boundary.words" and m.start > 0} - asides
    number, clause = 0, []
    for place in range(len(tokens)):
        number += place in starts
        clause.append(number)
    return clause


def _drop_swallowed(found: Parse) -> None:
    """A cue that is part of a content mark says nothing by itself: the no of "no effect on"."""
    solid = [m for m in found.marks if m.kind in ("bundle", "change") and m.end - m.start > 1]
    found.cues = [
        cue
        for cue in found.cues
        if not (cue.kind.startswith("denial") and any(_inside(cue, m) for m in solid))
    ]
    lone = [m for m in found.cues if m.kind in ("comparison.less", "comparison.equal")]
    found.marks = [
        m
        for m in found.marks
        if m.kind not in ("change", "bundle")
        or any((m.start, m.end) == (cue.start, cue.end) for cue in lone)
        or not any(_inside(m, cue) for cue in lone)
    ]


def _drop_risk_of(marks: list[Mark], tokens: Sequence[str]) -> list[Mark]:
    """The risk of something is that thing: drop "risk" where another outcome follows "of"."""
    kept = []
    for mark in marks:
        named = mark.kind in ("outcome", "bundle") and mark.name == "safety"
        of = named and tokens[mark.end : mark.end + 1] == ["of"]
        later = [m for m in marks if m.kind == "outcome" and 0 < m.start - mark.end <= 4]
        if not (of and later):
            kept.append(mark)
        elif mark.kind == "bundle":  # "carries a real risk of dependence"
            absent = "none" if "no" in tokens[mark.start : mark.end] else "prevent"
            change = "cause" if mark.change == "harm" else absent
            kept.append(replace(mark, kind="change", name="risk", change=change, part="verb"))
    return kept


def _assign_roles(found: Parse, lexicon: Lexicon) -> None:
    """Say of each substance whether it acts, is compared with, or is what people leave."""
    for place, mark in enumerate(found.marks):
        if mark.kind != "substance":
            continue
        found.roles[mark.start] = _role(found, lexicon, place, mark)
    # what stands in one list has one role: "like opiates and alcohol"
    for first, second in zip(found.of("substance"), found.of("substance")[1:], strict=False):
        gap = found.between(first.end, second.start)
        if gap and len(gap) <= 2 and all(word in JOIN for word in gap) and "," not in gap[:1]:
            role = found.roles[first.start]
            if role in ("compared", "left") and found.roles[second.start] == "acts":
                found.roles[second.start] = role
            if found.roles[second.start] == "left" and lexicon.roles[first.name] == "habit":
                found.roles[first.start] = "left"


def _role(found: Parse, lexicon: Lexicon, place: int, mark: Mark) -> str:
    habit = lexicon.roles[mark.name] in ("habit", "condition")
    words = found.tokens
    if _left_out(mark, words):
        return "compared"
    if words[mark.start - 1 : mark.start] == ["as"] and {"same", "as", "similar"} & set(
        words[max(0, mark.start - 7) : mark.start - 1]
    ):
        return "compared"
    for cue in found.cue(
        "comparison.than", "comparison.like", "comparison.unlike", "comparison.less",
        "comparison.equal",
    ):  # fmt: skip
        gap = words[cue.end : mark.start]
        if (
            cue.end <= mark.start
            and len(gap) <= 4
            and not any(w in (",", ";", ".", "for", "in", "at", "against", "when") for w in gap)
        ):
            between = [m for m in found.marks if cue.end <= m.start < mark.start]
            if not any(m.kind in ("change", "outcome", "bundle") and m.change != "have"
                       for m in between):  # fmt: skip
                return _compared_or_left(found, cue, mark, habit)
    for cue in found.cue("people.after"):
        if cue.start == mark.end and (
            habit or words[cue.start] not in ("use", "users", "intake", "consumption")
        ):
            return "left"
    for cue in found.cue("people.before", *(["people.leaving"] if habit else [])):
        gap = words[cue.end : mark.start]
        if cue.end <= mark.start and len(gap) <= 2 and not {",", "for"} & set(gap):
            return "left"
    if not habit:
        return "acts"
    if _is_what_it_is(found, mark):
        return "compared"
    if any(c.end <= mark.start <= c.end + 1 for c in found.cue("people.taking")):
        return "left"
    before = words[mark.start - 1] if mark.start else ""
    nearby = next((m for m in found.marks[place + 1 :] if m.kind in ("change", "bundle")), None)
    gap = words[mark.end : nearby.start] if nearby else ["far"]
    named = {t for m in found.marks if m.kind == "substance" for t in words[m.start : m.end]}
    free = all(
        word in AUXILIARY or word.endswith("ly") or word in JOIN or word in named for word in gap
    )
    if nearby and nearby.part in ("verb", "bundle") and free and before not in SETTING - {"of"}:
        return "acts"
    if before in BY - {"from", "of", "on"} and found.of("change"):
        return "acts"
    return "acts" if _subject_of_harm(found, lexicon, mark, before) else "left"


def _is_what_it_is(found: Parse, mark: Mark) -> bool:
    """Whether a substance only says what another is: "kratom is a weak opioid"."""
    before = found.between(max(0, mark.start - 4), mark.start)
    named = [m for m in found.of("substance", "pronoun") if m.end < mark.start]
    told = any(first in BE and second in ("a", "an") for first, second in pairwise(before))
    return told and bool(named) and found.tokens[mark.end - 1] not in ("opioids", "opiates")


def _subject_of_harm(found: Parse, lexicon: Lexicon, mark: Mark, before: str) -> bool:
    """Addiction at the head of its sentence acts: it robs, impairs, strains."""
    return lexicon.roles[mark.name] == "condition" and mark.start <= 2 and before not in SETTING


def _compared_or_left(found: Parse, cue: Mark, mark: Mark, habit: bool) -> str:
    before = found.tokens[cue.start - 1] if cue.start else ""
    if habit and cue.kind == "comparison.like" and before in ("substances", "drugs"):
        return "left"
    listed = found.tokens[cue.start : cue.end] == ["like"] and before in (
        "remedies", "substances", "products", "herbs", "supplements", "options", "medicines",
        "medications", "drugs", "treatments",
    )  # fmt: skip
    return "acts" if listed else "compared"
