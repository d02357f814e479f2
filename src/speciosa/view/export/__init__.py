"""The wired model and its data in the formats that other tools read, one module per format."""
