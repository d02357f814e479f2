"""How firmly a sentence says a thing: denied, compared, hedged or asked."""

from __future__ import annotations

from speciosa.evidence.lexicon import word_set
from speciosa.evidence.sentence import (
    Mark,
    Parse,
)


def _rarer(found: Parse, change: Mark) -> bool:
    """Whether a change is said to be rarer: "less likely than heroin to stop breathing"."""
    for cue in found.cue("flip.words"):
        between = [m for m in found.of("change", "bundle") if cue.end <= m.start < change.start]
        if cue.end <= change.start <= cue.end + _FAR and not between:
            return found.clause[cue.start] == found.clause[change.start]
    return False


_FAR = 6
DENIALS = word_set("denials")


def _ends_in_denial(found: Parse, change: Mark) -> bool:
    """Whether the sentence ends by taking back what it said: "..., but it does not"."""
    words = [w for w in found.tokens if w.isalpha() or w == "n't"]
    end = words[-4:]
    if len(end) < 4 or change.start > len(found.tokens) - 5:
        return False
    pointer = end[-3] in ("it", "they", "this", "that", "which")
    return pointer and end[-2] in ("does", "do", "did", "is", "are", "was") and end[-1] in DENIALS


def _first_after(found: Parse, cue: Mark, change: Mark) -> bool:
    later = [m for m in found.of("change", "bundle") if m.start >= cue.end]
    return bool(later) and later[0].start == change.start


def denied_and_compared(found: Parse, change: Mark, outcome: Mark) -> tuple[bool, str, str]:
    """Return whether a change is denied, what it is compared with, and its class."""
    denied = _denied(found, change, outcome)
    low = min(change.start, outcome.start)
    comparison, kind = "", change.change
    if _rarer(found, change):
        more = ("cause", "raise") if outcome.change == "less" else ("lower", "prevent")
        if kind in (*more, "harm"):
            kind = "improve"
    if _ends_in_denial(found, change):
        denied = True  # "is said to ease it, but it does not"
    if any(_first_after(found, cue, change) for cue in found.cue("denial.twice")):
        denied = not denied  # "it is not that kratom does not work"
    if denied and any(cue.start > low for cue in found.cue("denial.worse")):
        denied, kind = False, "harm"  # "rather than easing it, it makes it worse"
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
    if _new_subject(found, cue, change):
        return False  # "it will not fix this, and it carries a risk of dependence"
    if not between:
        return len(words) <= 9
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
        and any(w in ("and", ",", ":", ";") for w in words)
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


def hedge(found: Parse, change: Mark) -> str:
    """Return how firmly a change is told: "reported", "may" or "asserts"."""
    if found.cue("hedge.report"):
        return "reported"
    near = [
        c for c in found.cue("hedge.may") if found.clause[c.start] <= found.clause[change.start]
    ]
    return "may" if near else "asserts"


def asks(found: Parse, change: Mark) -> bool:
    """Whether a sentence asks whether a change happens, rather than states it."""
    if found.tokens and found.tokens[-1] == "?":
        return True
    if found.tokens[:1] == ["if"] and "would" in found.tokens[change.end :]:
        return True  # "if kratom eased withdrawal, we would know"
    if found.tokens[:1] == ["if"] and "," not in found.tokens[: change.start]:
        return True  # "if it does not help, ..."
    return any(
        cue.start <= change.start
        or "unclear" in found.tokens[cue.start : cue.end]
        or "unknown" in found.tokens[cue.start : cue.end]
        for cue in found.cue("question.open")
    )
