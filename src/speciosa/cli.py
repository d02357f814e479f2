"""The commands: each reads its options, calls one verb of the package and shows what came back."""

from __future__ import annotations

import os
import shlex
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from speciosa.core.errors import SpeciosaError
from speciosa.core.notice import INTENDED_USE, SIMULATED
from speciosa.core.version import __version__

INTERRUPTED = 130
DEFAULT_STUDY = "combination-opioid"
CODES = (
    "Exit codes: 0 done, 1 it could not be done, 2 the input is at fault, 130 interrupted. "
    "An error is one line on standard error, with --json also an object on standard output."
)
app = typer.Typer(
    add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, epilog=CODES,
    context_settings={"max_content_width": 100},
)  # fmt: skip

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Seed = Annotated[int | None, typer.Option(min=0, help="Another seed than the study's.")]
Draws = Annotated[int | None, typer.Option(min=1, help="Another number of simulated worlds.")]
People = Annotated[int | None, typer.Option(min=1, help="Another number of people per arm.")]
Out = Annotated[Path | None, typer.Option(help="Run folder; by default runs/STUDY-NUMBER.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run in the folder.")]
Address = Annotated[str | None, typer.Option(help="A Dask scheduler, or local[N]: N processes.")]
StudyFile = Annotated[str, typer.Argument(help="A TOML file, or the name of a shipped study.")]


def _examples(*lines: str) -> str:
    return "\b\nExamples:\n" + "\n".join(f"  speciosa {line}" for line in lines)


@app.callback(invoke_without_command=True)
def _front(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """An open virtual clinic: do kratom and melatonin help people leave opioids, at what risk?"""
    if version:
        typer.echo(f"speciosa {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())
        typer.echo(f"\n{SIMULATED.capitalize()}. {INTENDED_USE}")


@app.command(epilog=_examples(
    "appraise", "appraise studies/article.md", "appraise --draws 10 --people 20 --out quick"
))  # fmt: skip
def appraise(
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="[CLAIMS.toml | ARTICLE]",
            help="An article in English (.txt, .md), or claims; by default the shipped article.",
        ),
    ] = None,
    study: Annotated[str, typer.Option(help="The opioid study to judge on.")] = DEFAULT_STUDY,
    synergy: Annotated[
        bool, typer.Option("--synergy", help="Also simulate the dose surface of the two remedies.")
    ] = False,
    out: Out = None,
    seed: Seed = None,
    draws: Draws = None,
    people: People = None,
    resume: Resume = False,
    json: Json = False,
) -> None:
    """Judge every claim of an article by virtual trials and write the report."""
    given = {"--study": study, "--seed": seed, "--draws": draws, "--people": people}
    from speciosa.view.carried import run_appraisal

    document, folder = run_appraisal(target, given, synergy, out, resume)
    if json:
        _emit({"folder": str(folder), "report": str(folder / "report.html"), **document})
        return
    from speciosa.view.terminal import print_verdict

    print_verdict(document, folder / "report.html")


@app.command(epilog=_examples(
    "trial combination-opioid --draws 2 --people 20", "trial mine.toml --out mine --resume"
))  # fmt: skip
def trial(
    study: StudyFile,
    out: Out = None,
    seed: Seed = None,
    draws: Draws = None,
    people: People = None,
    cluster: Address = None,
    resume: Resume = False,
    json: Json = False,
) -> None:
    """Run one study and write its report."""
    from speciosa.trial.overdose import is_overdose

    if is_overdose(study):
        from speciosa.view.overdose import carry_out

        shown = carry_out(study, out, seed, people, draws, resume, quiet=json)
        return _emit(shown) if json else None
    given = {"--study": study, "--seed": seed, "--draws": draws, "--people": people}
    given |= {"--cluster": cluster}
    from speciosa.view.carried import run_study

    document, folder = run_study("trial", [study], given, out, resume)
    from speciosa.trial.summary import finished

    run = finished(folder)
    if json:
        _emit({
            "folder": str(folder), "report": str(folder / "report.html"),
            "endpoints": [mean.document() for mean in run.means], **document,
        })  # fmt: skip
        return
    from speciosa.view.matched import print_matched
    from speciosa.view.runs import print_run

    print_run(run, folder / "report.html")
    print_matched(document.get("matched"))


@app.command(epilog=_examples(
    'simulate "kratom leaf 4 g every 6 h for 3 d"',
    'simulate "melatonin 5 mg once at 21:00" --with "kratom leaf 4 g once"',
    'simulate "buprenorphine 8 mg daily for 7 d" --population opioid --json',
))  # fmt: skip
def simulate(
    regimen: Annotated[str, typer.Argument(help="Plain lines, joined by ' + '.")],
    added: Annotated[
        list[str] | None, typer.Option("--with", help="Add a regimen; exposure with it / without.")
    ] = None,
    people: Annotated[int, typer.Option(help="Size of the cohort, at least 20.")] = 100,
    population: Annotated[str, typer.Option(help="healthy, opioid or alcohol, daily.")] = "healthy",
    days: Annotated[int | None, typer.Option(help="Default: 3 more than the regimen.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the people.")] = 1,
    json: Json = False,
) -> None:
    """Look at a virtual cohort on a regimen."""
    from speciosa.trial.simulate import simulate as look_at

    look = look_at(regimen, added or (), people=people, population=population, days=days, seed=seed)
    if json:
        _emit(look.document())
        return
    from speciosa.view.simulation import print_simulation

    print_simulation(look)


@app.command(epilog=_examples(
    "validate", "validate --shipped", "validate --datasets examples/published.csv"
))  # fmt: skip
def validate(
    datasets: Annotated[Path | None, typer.Option(help="A CSV table of published results.")] = None,
    draws: Annotated[int, typer.Option(min=1, help="Simulated worlds.")] = 10,
    people: Annotated[int, typer.Option(help="People per draw, at least 20.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Of the people.")] = 1,
    shipped: Annotated[bool, typer.Option("--shipped", help="The finished one.")] = False,
    json: Json = False,
) -> None:
    """Put predictions beside published results."""
    from speciosa.verdict.scorecard import validate as score
    from speciosa.view.progress import people_progress

    if shipped:
        from speciosa.verdict.benchmark import shipped_scorecard

        card = shipped_scorecard()
    else:
        with people_progress(what="person-days") as bar:
            card = score(datasets, draws=draws, people=people, seed=seed, on_progress=bar.follow)
    if json:
        _emit(card)
        return
    from speciosa.view.scorecard import print_scorecard

    print_scorecard(card)


@app.command(epilog=_examples(
    "evidence", "evidence mitragynine.absorption_rate", "evidence --stage melatonin --grade DE"
))  # fmt: skip
def evidence(
    record: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A record, or the first word of some.")
    ] = None,
    stage: Annotated[str, typer.Option(help="Only this stage or topic.")] = "",
    grade: Annotated[str, typer.Option(help="Only these grades, as in DE.")] = "",
    source: Annotated[str, typer.Option(help="Only this source, or assumed.")] = "",
    search: Annotated[str, typer.Option(help="Only records with all these words.")] = "",
    json: Json = False,
) -> None:
    """Show the numbers and where they come from."""
    from speciosa.evidence.load import load_evidence
    from speciosa.evidence.table import listing, look_up, select

    known = load_evidence()
    filters = {"stage": stage, "grade": grade.upper(), "source": source, "text": search}
    found = select(known, within=look_up(known, record), **filters)
    if json:
        _emit(listing(known, found))
        return
    from speciosa.view.evidence_table import print_number, print_numbers

    if len(found) == 1:
        print_number(found[0], known)
    else:
        print_numbers(found)


@app.command(epilog=_examples(
    "power combination-opioid", "power mine.toml --n 50,100,200 --trials 1000 --json"
))  # fmt: skip
def power(
    study: StudyFile,
    n: Annotated[str, typer.Option("--n", help="People per arm, joined by commas.")] = "50,100,200",
    trials: Annotated[int, typer.Option(help="Trials of each size, at least 20.")] = 1000,
    target: Annotated[float, typer.Option(help="Power that the sample size is for.")] = 0.8,
    seed: Seed = None,
    draws: Annotated[int, typer.Option(min=1, help="Simulated worlds.")] = 10,
    people: Annotated[int, typer.Option(help="Simulated people of a world, at least 20.")] = 100,
    out: Annotated[Path | None, typer.Option(help="Folder for power.html and power.json.")] = None,
    json: Json = False,
) -> None:
    """Show how the planned trial would behave: power, type I error, bias and coverage."""
    from speciosa.trial.study import load_study
    from speciosa.verdict.power import power as behave
    from speciosa.verdict.power import read_sizes
    from speciosa.view.place import must_take
    from speciosa.view.power import print_power, write_power
    from speciosa.view.progress import people_progress

    asked = load_study(study).resized(seed=seed)
    if out:
        must_take(out)
    with people_progress() as bar:
        found = behave(
            asked, sizes=read_sizes(n), trials=trials, target=target, draws=draws, people=people,
            on_progress=bar.follow,
        )  # fmt: skip
    page = write_power(found, out) if out else None
    if json:
        _emit(found)
        return
    print_power(found, page)


@app.command(epilog=_examples(
    "sensitivity combination-opioid --out deciding", "sensitivity kratom_eases_withdrawal --json"
))  # fmt: skip
def sensitivity(
    target: Annotated[str, typer.Argument(
        metavar="STUDY|CLAIM", help="A study, or the id of a claim, which is put to its study."
    )],
    claim: Annotated[str | None, typer.Option(help="A claim of the study; default: headline.")]
    = None,
    seed: Seed = None,
    draws: Annotated[int, typer.Option(min=20, help="Worlds of the ordinary run.")] = 100,
    people: Annotated[int, typer.Option(min=1, help="People of a world, at least 20.")] = 20,
    screened: Annotated[int, typer.Option(min=0, help="Numbers that are screened.")] = 12,
    shared: Annotated[int, typer.Option(min=0, help="Numbers that get Sobol indices.")] = 5,
    base: Annotated[int, typer.Option(min=2, help="Points of the sample, a power of 2.")] = 64,
    out: Annotated[Path | None, typer.Option(help="Folder for page and document.")] = None,
    json: Json = False,
) -> None:  # fmt: skip
    """Show which numbers decide a verdict, what to measure next and what would turn it."""
    from speciosa.view.sensitivity import ask_what_decides

    size = dict(draws=draws, people=people, screened=screened, shared=shared, base=base)
    shown = ask_what_decides(target, claim, seed, size, out, quiet=json)
    if json:
        _emit(shown)


@app.command(epilog=_examples(
    "fit examples/fit/lofexidine.csv --parameters lofexidine.clearance --out fitted.toml"
))  # fmt: skip
def fit(
    data: Annotated[Path, typer.Argument(help="A CSV file: individual data, or summaries.")],
    parameters: Annotated[str, typer.Option(help="Records to learn, joined by commas.")],
    out: Annotated[Path | None, typer.Option(help="The evidence set to write, a .toml.")] = None,
    samples: Annotated[int, typer.Option(min=50, help="Draws kept per chain.")] = 800,
    warmup: Annotated[int, typer.Option(min=50, help="Draws before them.")] = 400,
    chains: Annotated[int, typer.Option(min=2, help="Chains.")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="Of the sampler.")] = 1,
    json: Json = False,
) -> None:
    """Learn numbers from data: prior and posterior side by side, and a new evidence set."""
    from speciosa.view.sensitivity import learn

    size = dict(chains=chains, warmup=warmup, samples=samples, seed=seed)
    shown = learn(data, parameters, out, size, quiet=json)
    if json:
        _emit(shown)


@app.command(epilog=_examples("credibility combination-opioid", "credibility mine.toml --check"))
def credibility(
    study: StudyFile,
    check: Annotated[
        bool, typer.Option("--check", help="Also solve a small cohort more finely.")
    ] = False,
    people: Annotated[int, typer.Option(min=1, help="People of the check.")] = 20,
    json: Json = False,
) -> None:
    """Show why, and how far, a study's answer may be believed, and what is missing."""
    from speciosa.view.sensitivity import assess

    shown = assess(study, people if check else 0, quiet=json)
    if json:
        _emit(shown)


@app.command(epilog=_examples("new mine.toml", "trial mine.toml"))
def new(
    study: Annotated[Path, typer.Argument(help="The file to write.")], json: Json = False
) -> None:
    """Write a commented template of a study."""
    from speciosa.trial.template import write_template

    written = write_template(study)
    if json:
        _emit({"study": str(written)})
    else:
        typer.echo(f"Wrote {written}\nNext     {shlex.join(['speciosa', 'trial', str(written)])}")


@app.command(epilog=_examples(
    "export combination-opioid --to sbml", "export combination-opioid --to mrgsolve --people 40",
    "export runs/combination-opioid-1 --to adam",
))  # fmt: skip
def export(
    what: Annotated[str, typer.Argument(help="A study, or the folder of a finished run.")],
    to: Annotated[str, typer.Option(
        help="sbml, antimony, mrgsolve, rxode2, desolve, latex, graph, nonmem, petab, adam (runs)."
    )] = "sbml",
    people: Annotated[int, typer.Option(help="0 for the model alone, else 20 or more.")] = 20,
    out: Annotated[Path | None, typer.Option(help="The folder to write.")] = None,
    json: Json = False,
) -> None:  # fmt: skip
    """Write the model, its people and its data in another tool's format."""
    from speciosa.view.export.folder import export_any

    folder = export_any(what, to, people=people, out=out)
    if json:
        _emit({"folder": str(folder), "files": sorted(p.name for p in folder.iterdir())})
    else:
        typer.echo(f"Wrote    {folder}")


@app.command(epilog=_examples("compare runs/mine-1 runs/mine-2"))
def compare(
    first: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    second: Annotated[Path, typer.Argument(help="Folder of another.")],
    json: Json = False,
) -> None:
    """Put two finished runs side by side."""
    from speciosa.trial.summary import compare as put_together

    found = put_together(first, second)
    if json:
        _emit(found.document())
        return
    from speciosa.view.runs import print_comparison

    print_comparison(found)


@app.command(epilog=_examples("serve", "serve --folder runs --port 8765"))
def serve(
    folder: Annotated[Path, typer.Option(help="The folder that holds run folders.")] = Path("runs"),
    port: Annotated[int, typer.Option(min=0, max=65535, help="A port of this machine.")] = 8765,
) -> None:
    """Open the explorer for a browser on this machine: ask, run, see and compare."""
    from speciosa.view.explorer.server import server

    served = server(folder, port)
    typer.echo(f"Open     {served.address}", err=True)
    served.run()


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code; every fault is one line, never a traceback."""
    sys.exit(_code(arguments))


def _code(arguments: list[str] | None) -> int:
    fault = partial(_fault, words=arguments)
    try:
        left = typer.main.get_command(app).main(
            args=arguments, prog_name="speciosa", standalone_mode=False
        )
    except SpeciosaError as error:
        return fault(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return fault("interrupted.", INTERRUPTED)
    except OSError as error:
        from speciosa.view.fault import of_system

        return fault(*of_system(error))
    except Exception as error:
        if hasattr(error, "format_message"):
            from speciosa.view.fault import usage

            return fault(usage(error), 2)
        if os.environ.get("SPECIOSA_DEBUG"):
            raise
        return fault(
            f"a fault of the program, {type(error).__name__} ({error}). "
            "Set SPECIOSA_DEBUG=1 to see where.", 1,
        )  # fmt: skip
    if left == INTERRUPTED:
        return fault("interrupted.", INTERRUPTED)
    return left if isinstance(left, int) else 0


def _fault(line: str, code: int, words: list[str] | None) -> int:
    from speciosa.view.fault import report

    return report(line, code, words)


def _emit(document: dict[str, Any]) -> None:
    import json

    print(json.dumps(document, ensure_ascii=False, allow_nan=False))


if __name__ == "__main__":
    main()
