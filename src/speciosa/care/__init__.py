"""What is given: product, regimen, adherence and the care beside it."""
