"""The command line: parse, call, show."""

from time import perf_counter

STARTED = perf_counter()
"""When the program began: a budget counts from here."""
