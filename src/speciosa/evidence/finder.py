"""The claim finder: reads an English article and says of every sentence what was made of it.

Rules and word lists (``evidence/lexicon``) find who is said to change what, in which direction and
how firmly; a statement is mapped to a claim record that says the same of the same, or is told to
be *not covered*, with the reason. Nothing is forced into a record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from speciosa.evidence.article import Sentence, plain, sentences
from speciosa.evidence.claim import Claim, Says
from speciosa.evidence.frame import frame_of, retracts
from speciosa.evidence.lexicon import Lexicon, load_lexicon, word_set
from speciosa.evidence.sentence import Parse, Statement, Topic, parse
from speciosa.evidence.statement import OF_A_HABIT, new_topic, statements

EASES, RAISES, PREVENTS, NO_EFFECT, HARMS, AFFECTS = (
    "eases", "raises", "prevents", "no effect", "harms", "affects",
)  # fmt: skip
GOOD = (EASES, RAISES, PREVENTS)
CLAIMS, DENIES, OPPOSES, ASKS = "claims", "denies", "opposes", "asks"
ABSOLUTE = word_set("absolute")


@dataclass(frozen=True)
class Finding:
    """One thing that a sentence says, and the claim record that speaks of it.

    Args:
        substance: who is said to act; ``both`` for kratom and melatonin together.
        direction: eases, raises, prevents, no effect, harms, or affects (direction not said).
        outcome: what is changed.
        population: what people leave: opioids, alcohol ...; empty where none is named.
        hedge: asserts, may or reported.
        negated: whether the change is denied.
        comparison: what it is compared with and how; empty if not.
        claim: id of the claim record; empty where none covers it.
        stance: the sentence claims, denies, opposes or asks what the record says.
        reason: why no record covers it, or how it was read.
        start, end: its place in the article, in characters.
    """

    substance: str
    direction: str
    outcome: str
    population: str
    hedge: str
    negated: bool
    comparison: str
    claim: str
    stance: str
    reason: str
    start: int
    end: int

    @property
    def covered(self) -> bool:
        """Whether a claim record covers it."""
        return bool(self.claim)


@dataclass(frozen=True)
class ReadSentence:
    """A sentence with what was made of it.

    Args:
        sentence: the sentence.
        kind: claim, not covered, question, general, unrelated or heading.
        findings: what it says.
        made: one line on what was made of it.
    """

    sentence: Sentence
    kind: str
    findings: tuple[Finding, ...]
    made: str


@dataclass(frozen=True)
class Reading:
    """An article, read.

    Args:
        text: the article.
        sentences: every sentence in order.
    """

    text: str
    sentences: tuple[ReadSentence, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything the article says that was understood, in order."""
        return tuple(found for each in self.sentences for found in each.findings)

    @property
    def claims(self) -> tuple[str, ...]:
        """Ids of the claim records that the article speaks of, in order of first mention."""
        named = (f.claim for f in self.findings if f.covered and f.stance != ASKS)
        return tuple(dict.fromkeys(named))

    def counts(self) -> dict[str, int]:
        """How many sentences of each kind there are."""
        return dict(Counter(each.kind for each in self.sentences))


def read_article(text: str, claims: Iterable[Claim]) -> Reading:
    """Find the claims of an article.

    Args:
        text: an English article, plain text or Markdown.
        claims: the claim records that are known.

    >>> from speciosa.evidence.load import load_evidence
    >>> known = load_evidence().claims.values()
    >>> text = "Melatonin may ease opioid withdrawal. It does not lift mood."
    >>> reading = read_article(text, known)
    >>> [(f.substance, f.direction, f.outcome, f.hedge) for f in reading.findings]
    [('melatonin', 'eases', 'withdrawal', 'may'), ('melatonin', 'no effect', 'mood', 'asserts')]
    >>> reading.claims
    ('melatonin_eases_withdrawal',)
    """
    lexicon, known = load_lexicon(), tuple(claims)
    topic, read = Topic(), []
    said: tuple[Statement, ...] = ()
    last: tuple[Parse, Topic] | None = None
    for sentence in sentences(text, lexicon.language):
        found = parse(plain(sentence.text), lexicon, topic, bullet=sentence.kind == "bullet")
        if sentence.kind == "heading":
            topic = replace(new_topic(found, (), lexicon), frame=frame_of(found.tokens))
            read.append(ReadSentence(sentence, "heading", (), "A heading states nothing."))
            continue
        if last is not None and said and retracts(found.tokens):
            read[-1] = _taken_back(read[-1], said, last, lexicon, known)
        made = statements(found, lexicon)
        findings = tuple(_finding(s, found, sentence, lexicon, known, topic) for s in made)
        read.append(_read(sentence, found, findings, lexicon))
        last, said = (found, topic), made
        topic = new_topic(found, made, lexicon)
        if sentence.kind != "bullet":
            opens = found.tokens[-1:] in ([":"], ["?"])
            topic = replace(topic, frame=frame_of(found.tokens) if opens else "")
    return Reading(text, tuple(read))


def _taken_back(
    each: ReadSentence,
    said: Sequence[Statement],
    place: tuple[Parse, Topic],
    lexicon: Lexicon,
    known: Sequence[Claim],
) -> ReadSentence:
    """Read a sentence again that the next one takes back: "It is not."."""
    found, topic = place
    denied = [replace(s, denied=not s.denied) for s in said]
    findings = tuple(_finding(s, found, each.sentence, lexicon, known, topic) for s in denied)
    return _read(each.sentence, found, findings, lexicon)


def direction_of(statement: Statement, lexicon: Lexicon, words: Sequence[str] = ()) -> str:
    """Return the direction that a statement gives an outcome, as people feel it.

    Args:
        statement: what was said.
        lexicon: knows which outcomes are mechanisms.
        words: the words it was read from: "not safe" is unsafe, "not safer" is no effect.
    """
    kind, less = statement.change, statement.better == "less"
    mechanism = lexicon.outcomes[statement.outcome].kind == "mechanism"
    if statement.denied:
        absolute = bool(ABSOLUTE & set(words)) and not statement.comparison
        if absolute and kind == "lower" and "non" in words:
            return HARMS  # "not non-addictive"
        if absolute and kind in ("improve", "harm", "works"):
            return HARMS if kind != "harm" else (EASES if less else RAISES)
        return NO_EFFECT
    if kind == "none":
        return NO_EFFECT
    if kind == "harm":
        return HARMS
    if kind in ("improve", "works", "have"):
        return EASES if less else RAISES
    if kind == "prevent":
        return PREVENTS if less else HARMS
    if kind == "lower":
        return EASES if less else HARMS
    if kind == "act":
        return RAISES if mechanism else AFFECTS
    return HARMS if less else RAISES


def _finding(
    statement: Statement,
    found: Parse,
    sentence: Sentence,
    lexicon: Lexicon,
    known: Sequence[Claim],
    topic: Topic,
) -> Finding:
    statement = _settled(statement)
    direction = direction_of(statement, lexicon, found.tokens[slice(*statement.span)])
    population, assumed = _population(statement, topic)
    claim, why = _covering(statement, direction, population, lexicon, known)
    stance = _stance(claim, statement, direction, lexicon) if claim else ""
    if claim and assumed:
        why = "It names no substance that people leave; opioids are meant by the text around it."
    offsets = _offsets(found, sentence, statement.span)
    return Finding(
        statement.substances[0], direction, statement.outcome, population, statement.hedge,
        statement.denied, statement.comparison, claim.id if claim else "", stance, why, *offsets,
    )  # fmt: skip


def _settled(statement: Statement) -> Statement:
    """ "Causes addiction" speaks of dependence, not of recovery."""
    makes = statement.change in ("cause", "raise") and statement.better == "less"
    if statement.outcome == "recovery" and makes:
        return replace(statement, outcome="dependence")
    return statement


def _population(statement: Statement, topic: Topic) -> tuple[str, bool]:
    if statement.populations:
        return statement.populations[0], False
    if statement.outcome not in OF_A_HABIT or statement.outcome == "dependence":
        return "", False
    if topic.population in ("alcohol", "opioids"):
        return topic.population, topic.population == "opioids"
    return "opioids", True


def _covering(
    statement: Statement,
    direction: str,
    population: str,
    lexicon: Lexicon,
    known: Sequence[Claim],
) -> tuple[Claim | None, str]:
    """Return the claim record that speaks of the same, or why there is none."""
    substance, outcome = statement.substances[0], statement.outcome
    if direction == AFFECTS:
        return None, f"It says that {substance} acts on {outcome}, not in which direction."
    if statement.comparison.startswith("less than"):
        return None, (
            "It ranks one treatment below another; the comparator beside each claim shows that."
        )
    best: tuple[int, Claim] | None = None
    for claim in known:
        fit = max((_fit(says, statement, population) for says in claim.says), default=0)
        if fit and (best is None or fit > best[0]):
            best = (fit, claim)
    if best is not None:
        return best[1], ""
    title = substance.replace("_", " ")
    place = f" from {population}" if population and outcome in ("withdrawal", "craving") else ""
    return None, f"No claim record speaks of {title} and {outcome.replace('_', ' ')}{place}."


def _fit(says: Says, statement: Statement, population: str) -> int:
    """How well a record fits a statement: 0 not at all, more where it is more specific."""
    if statement.substances[0] not in says.substance or (
        says.beside_therapy and not (statement.beside_therapy)
    ):
        return 0
    outcome = statement.outcome in says.outcome
    if says.beside_therapy:
        return 8 if outcome else 0
    if not outcome:
        return 0
    if says.population and population not in says.population:
        return 0
    return 2 + bool(says.population) + (2 if len(says.substance) == 1 else 0)


def _stance(claim: Claim, statement: Statement, direction: str, lexicon: Lexicon) -> str:
    if statement.asks:
        return ASKS
    fitting = next(s for s in claim.says if statement.substances[0] in s.substance
                   and statement.outcome in s.outcome)  # fmt: skip
    good = fitting.direction in GOOD
    risk = lexicon.outcomes[statement.outcome].kind == "risk"
    if direction == NO_EFFECT:
        does_no_harm = risk and statement.change in ("cause", "raise", "harm", "have")
        return CLAIMS if good and does_no_harm else DENIES
    return CLAIMS if (direction in GOOD) == good else OPPOSES


def _offsets(found: Parse, sentence: Sentence, span: tuple[int, int]) -> tuple[int, int]:
    low, high = span
    starts = found.places
    return sentence.start + starts[low][0], sentence.start + starts[high - 1][1]


def _read(
    sentence: Sentence, found: Parse, findings: tuple[Finding, ...], lexicon: Lexicon
) -> ReadSentence:
    if findings:
        if all(f.stance == ASKS or (not f.claim and _open(found)) for f in findings):
            return ReadSentence(sentence, "question", findings, "It asks and states nothing.")
        covered = [f for f in findings if f.covered]
        if covered:
            made = "; ".join(dict.fromkeys(f"{f.stance}: {f.claim}" for f in covered))
            return ReadSentence(sentence, "claim", findings, made)
        reasons = " ".join(dict.fromkeys(f.reason for f in findings))
        return ReadSentence(sentence, "not covered", findings, reasons)
    return ReadSentence(sentence, *_without(found, lexicon))


def _open(found: Parse) -> bool:
    return bool(found.tokens and found.tokens[-1] == "?") or bool(found.cue("question.open"))


def _without(found: Parse, lexicon: Lexicon) -> tuple[str, tuple[Any, ...], str]:
    """What to say of a sentence that states nothing the finder understands."""
    named = [m for m in found.of("substance") if lexicon.roles[m.name] != "habit"]
    outcomes = found.of("outcome", "bundle")
    if not named and not found.of("pronoun") and not found.of("substance"):
        if not outcomes:
            return "unrelated", (), "It names no substance and no outcome that the finder knows."
        return "general", (), "A general statement: it names no substance that is said to act."
    if not outcomes:
        return "general", (), "A general statement: no outcome that the finder knows."
    return "general", (), "A general statement: it does not say that a substance changes something."
