"""Signal to the brain over hours and weeks: adaptation, withdrawal, clock, sleep, breathing."""
