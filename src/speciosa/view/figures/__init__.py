"""Figures as plain Plotly descriptions, one file per kind; the page draws them."""
