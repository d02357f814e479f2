"""Dose to concentration: one stage for each substance, and the enzymes."""
