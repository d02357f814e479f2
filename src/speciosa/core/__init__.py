"""Units, records of a run, random streams, wiring, errors and the one solver door."""
