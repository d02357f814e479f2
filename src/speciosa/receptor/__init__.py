"""Concentration to occupancy and signal."""
