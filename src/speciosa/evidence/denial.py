"""How firmly a sentence says a thing: denied, compared, hedged or asked."""

from __future__ import annotations

from collections.abc import Sequence

from speciosa.evidence.lexicon import word_set
from speciosa.evidence.sentence import AUXILIARY, BE, Mark, Parse


def _rarer(found: Parse, change: Mark) -> bool:
    """Whether a change is said to be rarer: "less likely than heroin to stop breathing"."""
    for cue in found.cue("flip.words"):
        between = [m for m in found.of("change", "bundle") if cue.end <= m.start < change.start]
        if cue.end <= change.start <= cue.end + _FAR and not between:
            return found.clause[cue.start] == found.clause[change.start]
    return False


_FAR = 6
DENIALS = word_set("denials")
ABSENCE = word_set("absence")
FINITE = word_set("finite")
BELIEFS = word_set("beliefs")
REJECTED = word_set("rejected")
WHEN = word_set("when")
NEITHER = word_set("denials") | {"nor", "or", "never", "neither"}


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
    low = min(change.start, outcome.start)
    denied, kind = _turned(found, change, outcome)
    comparison = ""
    if _rarer(found, change):
        more = ("cause", "raise") if outcome.change == "less" else ("lower", "prevent")
        if kind in (*more, "harm"):
            kind = "improve"
    if _ends_in_denial(found, change):
        denied = True  # "is said to ease it, but it does not"
    if any(_first_after(found, cue, change) for cue in found.cue("denial.twice")):
        denied = not denied  # "it is not that kratom does not work"
    for after, turn in (("denial.worse", "harm"), ("denial.better", "improve")):
        if denied and any(
            cue.start > low and not NEITHER & set(found.between(cue.start - 2, cue.start))
            for cue in found.cue(after)
        ):
            denied, kind = False, turn  # "rather than easing it, it makes it worse"
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


def _turned(found: Parse, change: Mark, outcome: Mark) -> tuple[bool, str]:
    """Return whether a change is denied, and its class: two denials affirm."""
    kind = change.change
    if matchless(found):
        return False, kind
    low, high = min(change.start, outcome.start), max(change.end, outcome.end)
    view = rejected(found, low, high)
    truth = _outer(found, "denial.truth", change, outcome)
    since = truth.end if truth else 0
    inner = _denied(found, change, outcome, after=not view, since=since)
    if inner and found.tokens[change.start] in ABSENCE and change.change == "lower":
        return False, "cause"  # "hardly without its dangers"
    if kind == "none" and change.part == "adjective" and _just_denied(found, change):
        inner, kind = False, "improve"  # "is not ineffective"
    if not view and truth is None:
        return inner or _outer(found, "denial.sentence", change, outcome) is not None, kind
    if change.name == "risk" and kind in ("none", "prevent"):
        return False, "cause"  # "it is false that it carries no risk of addiction"
    if kind == "none":
        return False, "improve"  # "it would be wrong to say that it has no effect"
    return not inner, kind


def rejected(found: Parse, low: int, high: int) -> bool:
    """Whether what lies between two tokens is a view that a sentence rejects.

    "The belief that it cures is mistaken", "it would be naive to think that it cures".
    """
    words = found.tokens
    views = [i for i in range(low) if words[i] in BELIEFS]
    for place, word in enumerate(words):
        if word not in REJECTED or DENIALS & set(_since_be(words[:place])):
            continue
        after = place >= high and set(words[high:place]) & BE and len(words) - place <= 6
        before = place < low and set(words[:place]) & BE and any(i > place for i in views)
        if (after and views and views[0] <= 4) or (before and place <= 6):
            return True
    return False


def _since_be(words: Sequence[str]) -> Sequence[str]:
    """The words after the last "is", where a rejection may itself be denied."""
    last = max((i for i, word in enumerate(words) if word in BE), default=len(words))
    return words[last + 1 :]


def _outer(found: Parse, kind: str, change: Mark, outcome: Mark) -> Mark | None:
    """The words that deny all that follows them: "there is no evidence that"."""
    low, high = min(change.start, outcome.start), max(change.end, outcome.end)
    for cue in found.cue(kind):
        within = not _crossed(found, cue.end, low) and not _new_clause(found, cue.end, low)
        if cue.end <= high and within:
            return cue
    return None


def _new_clause(found: Parse, low: int, high: int) -> bool:
    """Whether ", and" opens a clause of its own: ", and deaths have been reported"."""
    words = found.tokens
    verbs = {m.start for m in found.of("change") if m.part == "verb"}
    return any(
        words[i : i + 2] == [",", "and"]
        and i + 2 not in verbs
        and FINITE & set(words[i + 3 : i + 6])
        for i in range(low, high)
    )


def _just_denied(found: Parse, change: Mark) -> bool:
    """Whether a "not" stands right before a change."""
    for cue in found.cue("denial.follows"):
        gap = found.between(cue.end, change.start)
        if cue.end <= change.start and len(gap) <= 2 and all(w in AUXILIARY for w in gap):
            return True
    return False


def _denied(
    found: Parse, change: Mark, outcome: Mark, *, after: bool = True, since: int = 0
) -> bool:
    """Whether a change is denied by words that stand after ``since``, and after it if ``after``."""
    low, high = min(change.start, outcome.start), max(change.end, outcome.end)
    for cue in found.cue("denial.after") if after else ():
        if cue.start >= change.start and not _crossed(found, high, cue.start):
            return True
    if change.change == "none":
        return True
    if change.start and found.tokens[change.start - 1] == "without" and change.part == "verb":
        return True
    nones = [m for m in found.of("change") if m.change == "none" and m.end <= change.start
             and not _just_denied(found, m)
             and "," not in found.between(m.end, change.start)]  # fmt: skip
    if nones and change.start - nones[-1].end <= 4 and not _crossed(found, nones[-1].end, low):
        return True
    around = [*found.cue("denial.sentence"), *found.cue("denial.truth")]
    return any(
        _follows(found, cue, change, outcome)
        for cue in found.cue("denial.follows")
        if cue.start >= since and not any(c.start <= cue.start and cue.end <= c.end for c in around)
    )


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
    if WHEN & set(words) or (found.tokens[cue.start] in ("no",) and between):
        return False  # "do not drive if it makes you sleepy"
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


EXCEPT = (["other", "than"], ["apart", "from"], ["aside", "from"], ["except", "for"])


def excepted(found: Parse, outcome: Mark) -> bool:
    """Whether an outcome is left out of what is said: "for anything other than pain"."""
    return found.between(outcome.start - 2, outcome.start) in EXCEPT if outcome.start > 1 else False


def matchless(found: Parse) -> list[Mark]:
    """What nothing is said to match: "nothing works as well as buprenorphine"."""
    words = found.tokens
    none = words[0] in ("nothing", "none", "no") or words[:3] == ["there", "is", "no"]
    if not none or found.of("pronoun") or found.cue("denial.sentence"):
        return []
    named = found.of("substance")
    compared = [m for m in named if found.roles[m.start] == "compared"]
    return compared if not any(found.roles[m.start] == "acts" for m in named) else []


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
    if found.tokens[:2] in (["the", "less"], ["the", "fewer"]):
        return True  # "the less kratom she took, the better her mood became"
    if found.tokens[:1] == ["were"]:
        return True  # "were kratom banned, people would relapse"
    if found.tokens[:1] == ["if"] and "," not in found.tokens[: change.start]:
        return True  # "if it does not help, ..."
    return any(
        cue.start <= change.start
        or "unclear" in found.tokens[cue.start : cue.end]
        or "unknown" in found.tokens[cue.start : cue.end]
        for cue in found.cue("question.open")
    )
