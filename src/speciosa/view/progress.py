"""How far a run is: people done, rate, time left, failures so far; in a terminal and in a log.

A run reports whenever some chunks are done, and a resumed run first reports what it found in its
folder. The rate is that of people solved now, over the last reports; what was found costs nothing
and does not count. In a terminal a bar follows; elsewhere a long run writes a line now and then.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.progress import Progress as Bar
from rich.text import Text

from speciosa.trial.run import Progress

REPORTS = 8  # over which a rate is taken
EVERY = 30.0  # s between two lines where there is no terminal


class Pace:
    """The rate at which people are solved, and how long the rest will take.

    Args:
        now: a clock in seconds.

    >>> pace = Pace(now=iter([0.0, 10.0, 14.0, 18.0]).__next__)
    >>> pace.note(40); pace.note(80)
    >>> pace.rate, pace.left(120)
    (10.0, 8.0)
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self.reports = deque([(now(), 0)], maxlen=REPORTS)

    def note(self, solved: int) -> None:
        """Note how many people have been solved since the beginning."""
        if solved > self.reports[-1][1]:
            if len(self.reports) == 2 and self.reports[0][1] == 0:
                self.reports.popleft()  # what came before the first people was preparation
            self.reports.append((self.now(), solved))

    @property
    def rate(self) -> float | None:
        """People a second; None before the first report."""
        (began, first), (ended, last) = self.reports[0], self.reports[-1]
        return (last - first) / (ended - began) if last > first and ended > began else None

    def left(self, people: int) -> float | None:
        """Return the seconds that some more people will take from now on."""
        rate = self.rate
        if rate is None:
            return None
        return max(people / rate - (self.now() - self.reports[-1][0]), 0.0)


@dataclass
class PeopleDone:
    """Counts people as they are done and tells it where there is somebody to tell.

    Args:
        total: how many there are.
        what: what is counted.
        tell: called with this after every report.
    """

    total: int
    what: str = "people"
    done: int = 0
    failed: int = 0
    found: int = 0
    pace: Pace = field(default_factory=Pace)
    tell: Callable[[PeopleDone], None] = lambda people: None

    def add(self, people: int, failed: int = 0) -> None:
        """Count some more people, of whom some may have failed."""
        self.done += people
        self.failed += failed
        self.pace.note(self.done - self.found)
        self.tell(self)

    def follow(self, progress: Progress) -> None:
        """Take over how far a run says that it is."""
        self.total, self.found = progress.asked, progress.found
        self.add(progress.solved + progress.failed - self.done, progress.failed - self.failed)

    def line(self) -> str:
        """Say it in one line."""
        return f"{self.done:,} of {self.total:,} {self.what}, {self.pace_line()}"

    def pace_line(self) -> str:
        """Say how fast it goes, how long it will take and how many failed."""
        rate, left = self.pace.rate, self.pace.left(self.total - self.done)
        speed = "–" if rate is None else f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"
        return f"{speed}/s · {spoken(left)} left · {self.failed:,} failed"


def spoken(seconds: float | None) -> str:
    """Return a time in two words.

    >>> spoken(42), spoken(200), spoken(7300), spoken(None)
    ('42 s', '3 min 20 s', '2 h 1 min', '–')
    """
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{minutes} min {rest} s" if hours == 0 else f"{hours} h {minutes} min"


class _PaceColumn(ProgressColumn):
    """Rate, time left and failures; time left counts down between reports."""

    def __init__(self, people: PeopleDone) -> None:
        super().__init__()
        self.people = people

    def render(self, task: Task) -> Text:
        """Draw the column."""
        return Text(self.people.pace_line(), style="red" if self.people.failed else "")


@contextmanager
def people_progress(
    total: int = 0, what: str = "people", *, to: Console | None = None
) -> Iterator[PeopleDone]:
    """Show how far a run is on standard error: a bar, or where there is no terminal a line every
    half minute.

    Args:
        total: how many there are; a run that is followed says so itself.
        what: what is counted.
        to: where to show it.

    >>> with people_progress(10) as people:
    ...     people.add(10, failed=1)
    >>> people.done, people.failed
    (10, 1)
    """
    out = to or Console(stderr=True, highlight=False)
    people = PeopleDone(total, what)
    if not out.is_terminal:
        people.tell = _Lines(out)
        yield people
        return
    bar = Bar(
        SpinnerColumn(),
        TextColumn(f"{{task.completed:,.0f}} of {{task.total:,.0f}} {what}"),
        BarColumn(bar_width=24),
        _PaceColumn(people),
        console=out,
        transient=True,
    )
    task: Any = bar.add_task(what, total=total)
    people.tell = lambda told: bar.update(task, total=told.total, completed=told.done)
    with bar:
        yield people


class _Lines:
    """Writes a line where the last one is old enough."""

    def __init__(self, out: Console) -> None:
        self.out, self.told = out, time.monotonic()

    def __call__(self, people: PeopleDone) -> None:
        """Write one if it is time."""
        if time.monotonic() - self.told >= EVERY:
            self.told = time.monotonic()
            self.out.print(people.line(), soft_wrap=True)
