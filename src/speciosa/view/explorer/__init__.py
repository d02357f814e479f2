"""The explorer: ask a question, run it and see the whole chain move, in a browser on this machine.

One noun per file. Nothing here simulates: a run is a process of its own (:mod:`.worker`).
"""
