"""The brain's state to what is felt, and the scale that scores it."""
