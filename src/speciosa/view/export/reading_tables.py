"""A cohort's courses as a table or a labelled array, with units in the metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from speciosa.core.errors import SpeciosaError
from speciosa.core.notice import SIMULATED
from speciosa.trial.simulate import Simulation

EXTRA = "Install it with: pip install speciosa[exchange]"


def course_table(look: Simulation) -> pl.DataFrame:
    """Return one row per person and moment, a column per quantity."""
    people, moments = look.people, look.hours.size
    return pl.DataFrame(
        {
            "person": np.tile(np.arange(people), moments),
            "hours": np.repeat(look.hours, people),
            **{name: course.ravel() for name, course in look.courses.items()},
        }
    )


def write_courses(look: Simulation, path: str | Path) -> Path:
    """Write :func:`course_table` as Parquet with the unit of each column in its metadata."""
    import pyarrow as arrow
    import pyarrow.parquet

    table = course_table(look).to_arrow()
    units = {"hours": "h", "person": "1", **look.units}
    fields = [f.with_metadata({"unit": units[f.name]}) for f in table.schema]
    schema = arrow.schema(fields, metadata={"note": SIMULATED})
    pyarrow.parquet.write_table(table.cast(schema), path, compression="zstd")
    return Path(path)


def course_array(look: Simulation) -> Any:
    """Return the courses as an ``xarray.Dataset`` over hours and people, with units.

    Raises:
        SpeciosaError: xarray is not there.
    """
    try:
        import xarray
    except ImportError as error:
        raise SpeciosaError('the package "xarray" is missing', "export", EXTRA) from error
    return xarray.Dataset(
        {
            name: (("hours", "person"), course, {"units": look.units[name], "note": SIMULATED})
            for name, course in look.courses.items()
        },
        coords={
            "hours": ("hours", look.hours, {"units": "h"}),
            "person": np.arange(look.people),
        },
        attrs={"note": SIMULATED},
    )
