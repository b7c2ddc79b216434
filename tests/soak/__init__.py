"""Killed at random moments under load: a few times in the conformance suite, fifty times with `make soak`.

load.py: who writes, and what they were told. checking.py: that what they were told is so. rounds.py: the killing.
"""
