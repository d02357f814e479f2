"""What stands around an outcome where no verb governs it: uses, lists, headings, cases seen."""

from __future__ import annotations

from collections.abc import Sequence

from speciosa.evidence.lexicon import Lexicon, word_set
from speciosa.evidence.sentence import AUXILIARY, JOIN, PEOPLE, Mark, Parse

BENEFIT, HARM, DOUBT = "benefit", "harm", "doubt"
HEADS = {
    HARM: word_set("heads_harm"),
    BENEFIT: word_set("heads_benefit"),
    DOUBT: word_set("heads_doubt"),
}
USES = word_set("uses")
AVOID = word_set("avoid")
HELPING = word_set("helping")
SEEN = word_set("seen")
LISTS = word_set("lists")
DENIALS = word_set("denials")
POINTERS = word_set("pointers")
TAKING = word_set("taking")
PEOPLE_WHO = [[word] for word in sorted(PEOPLE)]
_FAR = 8


def named_inside(found: Parse) -> list[tuple[Mark, str]]:
    """Return outcomes that name their own substance: "kratom dependence was observed"."""
    made = []
    for outcome in found.of("outcome"):
        words = found.between(outcome.start, outcome.end)
        after = found.between(outcome.end, outcome.end + 5)
        if words[0] == "kratom" and any(w in SEEN for w in after) and not set(after) & DENIALS:
            made.append((outcome, "kratom"))
    return made


def frame_of(tokens: Sequence[str]) -> str:
    """Return what a heading or an opening line says of the list below it.

    >>> frame_of("side effects of kratom :".split()), frame_of("benefits".split())
    ('harm', 'benefit')
    """
    words = set(tokens)
    if ("side" in words and "effects" in words) or "adverse" in words:
        return HARM
    return next((name for name in (DOUBT, HARM, BENEFIT) if words & HEADS[name]), "")


def retracts(tokens: Sequence[str]) -> bool:
    """Whether a sentence only takes back what was said before.

    >>> retracts("it is not .".split()), retracts("it does not ease pain .".split())
    (True, False)
    """
    words = [w for w in tokens if w.isalpha() or w == "n't"]
    if not words or len(words) > 6 or words[0] not in POINTERS:
        return False
    last = words[-1]
    return last in DENIALS or words[-2:] in (["not", "true"], ["n't", "true"], ["not", "so"])


def around(found: Parse, lexicon: Lexicon, outcome: Mark) -> tuple[Mark | None, str]:
    """Return the change that an outcome undergoes by where it stands, and how it was found."""
    used = _used_for(found, outcome)
    if used is not None:
        return (_in_vain(found, outcome) or used), "left"
    linked = _linked_to(found, outcome)
    if linked is not None:
        return linked, "left"
    listed = _listed_under(found, outcome)
    if listed is not None:
        return listed, "left"
    fronted = _fronted(found, outcome)
    if fronted is not None:
        return fronted, "left"
    if _is_bad(lexicon, outcome) and _seen_with(found, outcome):
        return Mark("change", "occur", "cause", "noun", outcome.start, outcome.end), "after"
    if found.bullet and found.topic.frame in (BENEFIT, HARM):
        kind = "improve" if found.topic.frame == BENEFIT else "cause"
        return Mark("change", "listed", kind, "noun", outcome.start, outcome.end), "own"
    return None, ""


def _is_bad(lexicon: Lexicon, outcome: Mark) -> bool:
    risk = lexicon.outcomes[outcome.name].kind == "risk" or outcome.name in ("body", "cognition")
    return risk and outcome.change == "less"


def _before_list(found: Parse, outcome: Mark) -> int:
    """Return the token before the list that an outcome stands in."""
    solid = {i for m in found.of("outcome", "substance") for i in range(m.start, m.end)}
    place = outcome.start - 1
    while place >= 0 and (
        place in solid
        or found.tokens[place] in JOIN - {"with", "as"} | {"the", "their", "my", "a"}
        or _element(found, place)
    ):
        place -= 1
    return place


def _element(found: Parse, place: int) -> bool:
    """Whether an unknown word is one of a list: "include headache, dizziness and nausea"."""
    after = found.tokens[place + 1]
    return (
        after in (",", "and", "or")
        and found.tokens[place].isalpha()
        and (found.tokens[place - 1] in LISTS | {",", "and", "or"})
        and found.tokens[place] not in LISTS
    )


def _used_for(found: Parse, outcome: Mark) -> Mark | None:
    """Read "used for pain and anxiety", "using kratom for pain"."""
    place = _before_list(found, outcome)
    if place < 1 or found.tokens[place] not in ("for", "against"):
        return None
    low = max(0, place - 7)
    for mark in found.of("outcome", "change"):
        light = mark.part == "adjective" or mark.change == "have" or mark.name == "support"
        near = low <= mark.start and mark.end <= place
        if near and not light and found.tokens[mark.start] not in USES:
            return None
    words = found.between(low, place)
    if any(word in AVOID for word in words):
        return None  # "dangerous to use for withdrawal"
    if any(word in USES for word in words):
        return Mark("change", "use for", "improve", "verb", place, place + 1)
    return None


def _in_vain(found: Parse, outcome: Mark) -> Mark | None:
    """Read "tried kratom for withdrawal, did nothing for me": used, and of no use."""
    for mark in found.of("change"):
        gap = found.between(outcome.end, mark.start)
        later = [m for m in found.of("outcome", "substance") if m.start > outcome.start]
        if mark.change == "none" and outcome.end <= mark.start and len(gap) <= 5 and not later:
            return mark
    return None


LINKS = word_set("links")


def _linked_to(found: Parse, outcome: Mark) -> Mark | None:
    """Read "the agency linked kratom to deaths"."""
    for mark in found.of("substance"):
        before = found.between(max(0, mark.start - 3), mark.start)
        after = found.between(mark.end, outcome.start)
        if 1 <= len(after) <= 7 and after[0] in ("to", "with") and LINKS & set(before):
            return Mark("change", "link to", "cause", "verb", mark.end, mark.end + 1)
    return None


def _fronted(found: Parse, outcome: Mark) -> Mark | None:
    """Read "if you struggle with anxiety, kratom may help", "for pain, kratom is useful"."""
    words = found.tokens
    comma = next((i for i in range(outcome.end, len(words)) if words[i] == ","), None)
    if comma is None or words[0] not in ("if", "for", "when", "against") or words[-1] == "?":
        return None
    agents = [m for m in found.of("substance", "pronoun") if comma < m.start <= comma + 4]
    if not agents or any(
        m.end <= comma and found.roles[m.start] == "acts" for m in found.of("substance")
    ):
        return None
    for place in range(agents[0].end, len(words)):
        if place - agents[0].end > 7 or words[place] in (",", ";"):
            return None
        if words[place] in HELPING:
            return Mark("change", "help", "improve", "verb", place, place + 1)
    return None


def _listed_under(found: Parse, outcome: Mark) -> Mark | None:
    """Read "side effects of kratom include nausea", "its benefits range from ..."."""
    place = _before_list(found, outcome)
    if place < 1 or found.tokens[place] not in LISTS:
        return None
    head = found.between(max(0, place - _FAR), place)
    kind = frame_of(head)
    if kind not in (BENEFIT, HARM) or any(
        m.part == "verb" and m.end <= place and place - m.end < _FAR for m in found.of("change")
    ):
        return None
    change = "improve" if kind == BENEFIT else "cause"
    return Mark("change", "include", change, "verb", place, place + 1)


def _seen_with(found: Parse, outcome: Mark) -> bool:
    """Read "liver damage has been reported after kratom"."""
    solid = {i for m in found.of("outcome", "change") for i in range(m.start, m.end)}
    words = found.tokens
    told = any(w in SEEN for w in found.between(max(0, outcome.start - 4), outcome.start))
    for place in range(outcome.end, min(outcome.end + _FAR, len(words))):
        word = words[place]
        if word in ("in", "among") and found.tokens[place + 1 : place + 2] in PEOPLE_WHO:
            taking = range(place + 2, min(place + 5, len(words)))
            near = [m for m in found.of("substance") if m.start - 1 in taking and TAKING & set(
                words[place + 2 : m.start])]  # fmt: skip
            return told and bool(near)
        if word in ("after", "with", "following", "from"):
            near = [m for m in found.of("substance", "pronoun") if 0 < m.start - place <= 3]
            named = outcome.name == "death" and place == outcome.end
            return bool(near) and (told or named)
        told = told or word in SEEN
        free = word in AUXILIARY | JOIN | SEEN | {"in", "people", "patients", "users"}
        if not (free or place in solid):
            return False
    return False
