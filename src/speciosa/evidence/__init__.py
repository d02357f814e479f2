"""Numbers with sources: records, grades, claims and published results."""
