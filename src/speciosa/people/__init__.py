"""Who: covariates, history and the values that differ between people and between draws."""
