"""The book: pages made from the code that runs, the records and the scorecard."""
