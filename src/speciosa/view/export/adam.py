"""A finished run as CDISC ADaM tables: one record per subject, parameter and visit.

A virtual person stands in every arm; each of the twins is a subject of their own, and ``TWINID``
says who belongs together. Endpoints as the protocol defines them are derived records of ADQS, so
that the trial's analysis can be run from the tables alone. Concentrations of the run's first people
are sampled anew for ADPC, with their non-compartmental analysis in ADPP.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from speciosa.core.files import write_whole
from speciosa.trial.study import Endpoint, Study
from speciosa.trial.summary import finished
from speciosa.view.export.define import define
from speciosa.view.export.pharmacokinetics import concentrations, readings
from speciosa.view.export.profiles import Profiles, profiles
from speciosa.view.export.xpt import Dataset, write_parquet, write_xpt

MARK = " (simulated)"
SCORES = {  # column of the daily table -> (PARAMCD, PARAM)
    "cows": ("COWS", "COWS, points"),
    "sows_gossop": ("SOWS", "SOWS-Gossop, points"),
    "ciwa": ("CIWA", "CIWA-Ar, points"),
    "psqi": ("PSQI", "PSQI, points"),
    "craving": ("CRAVING", "Craving, points of 10"),
    "total_sleep_time": ("TST", "Total sleep time, min"),
    "sleep_onset_latency": ("SOL", "Sleep onset latency, min"),
}
ADVERSE = {
    "overdose": "Overdose",
    "seizure": "Seizure",
    "delirium": "Delirium",
    "precipitated_withdrawal": "Precipitated withdrawal",
}
TIMES = {
    "dropout": ("TTDROP", "Time to leaving, d"),
    "relapse": ("TTRELAP", "Time to relapse, d"),
    "use": ("TTUSE", "Time to first use, d"),
    "overdose": ("TTOVER", "Time to overdose, d"),
}
KEY = ["draw", "person", "arm"]
COMMON = {
    "STUDYID": "Study identifier",
    "USUBJID": "Unique subject identifier",
    "TRT01P": "Planned treatment",
    "TRT01PN": "Planned treatment (N)",
    "PARAMCD": "Parameter code",
    "PARAM": "Parameter",
    "AVAL": "Analysis value",
    "ADY": "Analysis day",
    "AVISIT": "Analysis visit",
    "AVISITN": "Analysis visit (N)",
    "DTYPE": "Derivation type",
    "AVALU": "Unit of the analysis value",
    "ATPT": "Time after the start",
    "ATPTN": "Hours after the start",
    "PPCAT": "Analyte",
    "CNSR": "Censor: 0 event, 1 censored",
    "EVNTDESC": "Event or censoring",
    "AETERM": "Adverse event",
    "AESEQ": "Sequence number",
    "ASTDY": "Analysis start day",
    "TRTEMFL": "Treatment emergent flag",
    "SUBJID": "Subject identifier",
    "TWINID": "Same virtual person",
    "DRAWN": "Draw of what is unknown",
    "PERSONN": "Person within the draw",
    "AGE": "Age",
    "AGEU": "Age units",
    "SEX": "Sex",
    "WEIGHTBL": "Weight at start, kg",
    "SMOKEFL": "Smoker flag",
    "CYP2D6AS": "CYP2D6 activity score",
    "DRUGUSED": "Drug of habit",
    "LASTUSEH": "Hours since last use",
    "ITTFL": "Intent-to-treat flag",
    "FAILFL": "Failed simulation flag",
    "DROPDY": "Day of leaving",
}


def adam(run: str | Path, out: str | Path | None = None, *, people: int = 0) -> Path:
    """Write the ADaM tables of a finished run as XPT and Parquet with define.xml.

    Args:
        run: the run folder.
        out: folder to write; by default ``RUN/adam``.
        people: how many of its first people are solved again for ADPC and ADPP; 0 leaves them out.

    Raises:
        InputError: there is no finished run, or fewer people than a cohort has.
    """
    study = finished(run).study
    folder = Path(out) if out is not None else Path(run) / "adam"
    tables = datasets(study, Path(run), profiles(study, people) if people else None)
    folder.mkdir(parents=True, exist_ok=True)
    for table in tables:
        write_xpt(table, folder)
        write_parquet(table, folder)
    write_whole(folder / "define.xml", define(study.id, tables))
    return folder


def datasets(study: Study, run: Path, taken: Profiles | None = None) -> list[Dataset]:
    """Return ADSL, ADQS, ADTTE and ADAE of a run; of sampled people ADPC and ADPP as well."""
    read = lambda name: pl.read_parquet(sorted((run / name).glob("part-*.parquet")))  # noqa: E731
    subjects, events = read("subjects"), read("events")
    who = _who(study, subjects)
    found = [
        _adsl(subjects, who),
        _adqs(study, subjects, read("daily"), who),
        _adtte(study, events, who),
        _adae(events, who),
    ]
    if taken is not None:
        rows = _identified(concentrations(taken), who)
        found.append(_dataset("ADPC", "Concentrations", rows, ("USUBJID", "PARAMCD", "ATPTN")))
        rows = _identified(readings(taken), who)
        found.append(_dataset("ADPP", "Pharmacokinetic parameters", rows, ("USUBJID", "PARAMCD")))
    return found


def subjects_from(adsl: pl.DataFrame, adqs: pl.DataFrame, study: Study) -> pl.DataFrame:
    """Return the table that the trial's analysis takes, from ADSL and ADQS.

    Args:
        adsl, adqs: the tables, read back from XPT or Parquet.
        study: the protocol; its endpoints are the derived records of ADQS.
    """
    names = {code(number): endpoint.id for number, endpoint in enumerate(study.endpoints, start=1)}
    derived = adqs.filter(pl.col("PARAMCD").is_in(list(names))).pivot(
        "PARAMCD", index="USUBJID", values="AVAL"
    )
    arms = {number: arm.name for number, arm in enumerate(study.arms, start=1)}
    place = pl.col("TRT01PN").cast(pl.Int64)
    return (
        adsl.select("USUBJID", "DRAWN", "PERSONN", "TRT01PN")
        .join(derived, on="USUBJID", how="left")
        .rename({"DRAWN": "draw", "PERSONN": "person", **names})
        .with_columns(
            pl.col("draw").cast(pl.Int64),
            pl.col("person").cast(pl.Int64),
            place.replace_strict(arms, return_dtype=pl.String).alias("arm"),
        )
        .drop("USUBJID", "TRT01PN")
    )  # fmt: skip


def code(number: int) -> str:
    """Return the PARAMCD of a study's ``number``-th endpoint, counted from 1."""
    return f"ENDPT{number:02d}"


def _who(study: Study, subjects: pl.DataFrame) -> pl.DataFrame:
    """Return draw, person and arm with the identifiers of the standard."""
    number = {arm.name: i for i, arm in enumerate(study.arms, start=1)}
    title = {arm.name: arm.title for arm in study.arms}
    twin = pl.format("{}-{}", pl.col("draw"), pl.col("person"))
    place = pl.col("arm").replace_strict(number, return_dtype=pl.Int64)
    subject = pl.concat_str([twin, pl.lit("-"), place.cast(pl.String)])
    return subjects.select(
        *KEY,
        pl.lit(study.id).alias("STUDYID"),
        pl.concat_str([pl.lit(f"{study.id}-"), subject]).alias("USUBJID"),
        subject.alias("SUBJID"),
        twin.alias("TWINID"),
        pl.col("arm").replace_strict(title, return_dtype=pl.String).alias("TRT01P"),
        place.cast(pl.Float64).alias("TRT01PN"),
    )


def _adsl(subjects: pl.DataFrame, who: pl.DataFrame) -> Dataset:
    flag = lambda name: pl.when(pl.col(name)).then(pl.lit("Y")).otherwise(pl.lit("N"))  # noqa: E731
    rows = who.join(subjects, on=KEY, how="left").select(
        "STUDYID", "USUBJID", "SUBJID", "TWINID",
        pl.col("draw").cast(pl.Float64).alias("DRAWN"),
        pl.col("person").cast(pl.Float64).alias("PERSONN"),
        "TRT01P", "TRT01PN",
        pl.col("age").alias("AGE"), pl.lit("YEARS").alias("AGEU"),
        pl.when(pl.col("male")).then(pl.lit("M")).otherwise(pl.lit("F")).alias("SEX"),
        pl.col("weight").alias("WEIGHTBL"), flag("smoker").alias("SMOKEFL"),
        pl.col("cyp2d6_activity_score").alias("CYP2D6AS"), pl.col("drug").alias("DRUGUSED"),
        pl.col("hours_since_last_use").alias("LASTUSEH"), pl.lit("Y").alias("ITTFL"),
        flag("failed").alias("FAILFL"), pl.col("dropout_day").fill_nan(None).alias("DROPDY"),
    )  # fmt: skip
    return _dataset("ADSL", "Subjects", rows, ("STUDYID", "USUBJID"))


def _adqs(study: Study, subjects: pl.DataFrame, daily: pl.DataFrame, who: pl.DataFrame) -> Dataset:
    parts = []
    for column, (short, long) in SCORES.items():
        if column in daily.columns:
            parts.append(
                daily.select(
                    *KEY, _named(short, long), pl.col(column).cast(pl.Float64).alias("AVAL"),
                    pl.col("day").cast(pl.Float64).alias("ADY"),
                    pl.format("Day {}", pl.col("day")).alias("AVISIT"),
                    pl.col("day").cast(pl.Float64).alias("AVISITN"), pl.lit("").alias("DTYPE"),
                ).unnest("named")
            )  # fmt: skip
    for number, endpoint in enumerate(study.endpoints, start=1):
        parts.append(
            subjects.select(
                *KEY, _named(code(number), _title(endpoint)),
                pl.col(endpoint.id).cast(pl.Float64).fill_nan(None).alias("AVAL"),
                pl.lit(float(endpoint.days[1])).alias("ADY"),
                pl.lit(f"Days {endpoint.days[0]}-{endpoint.days[1]}").alias("AVISIT"),
                pl.lit(1000.0 + number).alias("AVISITN"), pl.lit("DERIVED").alias("DTYPE"),
            ).unnest("named")
        )  # fmt: skip
    rows = _identified(pl.concat(parts), who)
    return _dataset("ADQS", "Questionnaires and endpoints", rows, ("USUBJID", "PARAMCD", "AVISITN"))


def _adtte(study: Study, events: pl.DataFrame, who: pl.DataFrame) -> Dataset:
    parts = []
    for event, (short, long) in TIMES.items():
        first = events.filter(pl.col("event") == event).group_by(KEY).agg(pl.col("day").min())
        parts.append(
            who.select(KEY).join(first, on=KEY, how="left").select(
                *KEY, _named(short, long),
                pl.col("day").fill_null(study.length).cast(pl.Float64).alias("AVAL"),
                pl.col("day").is_null().cast(pl.Float64).alias("CNSR"),
                pl.when(pl.col("day").is_null()).then(pl.lit("End of the study"))
                .otherwise(pl.lit(event)).alias("EVNTDESC"),
            ).unnest("named")
        )  # fmt: skip
    return _dataset("ADTTE", "Times to events", _identified(pl.concat(parts), who),
                    ("USUBJID", "PARAMCD"))  # fmt: skip


def _adae(events: pl.DataFrame, who: pl.DataFrame) -> Dataset:
    rows = (
        events.filter(pl.col("event").is_in(list(ADVERSE)))
        .sort(*KEY, "day", "event")
        .select(
            *KEY,
            pl.col("event").replace_strict(ADVERSE, return_dtype=pl.String).alias("AETERM"),
            pl.col("day").cast(pl.Float64).alias("ASTDY"),
            (pl.int_range(pl.len()).over(KEY) + 1).cast(pl.Float64).alias("AESEQ"),
            pl.lit("Y").alias("TRTEMFL"),
        )
    )
    return _dataset("ADAE", "Adverse events", _identified(rows, who), ("USUBJID", "AESEQ"))


def _identified(rows: pl.DataFrame, who: pl.DataFrame) -> pl.DataFrame:
    named = who.select(*KEY, "STUDYID", "USUBJID", "TRT01P", "TRT01PN")
    return named.join(rows, on=KEY, how="inner").drop(KEY)


def _named(short: str, long: str) -> pl.Expr:
    return pl.struct(pl.lit(short).alias("PARAMCD"), pl.lit(long).alias("PARAM")).alias("named")


def _title(endpoint: Endpoint) -> str:
    return endpoint.label or endpoint.id


def _dataset(name: str, label: str, rows: pl.DataFrame, keys: tuple[str, ...]) -> Dataset:
    labels = {column: COMMON[column] + MARK for column in rows.columns}
    return Dataset(name, label + MARK, rows.sort(keys), labels, keys)
