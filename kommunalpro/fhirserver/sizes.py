"""How much one answer holds. What is read is text; the answer made of it takes ten times as much while it is made."""

MOST_TEXT = 8_000_000
"""Characters of matches on one page of a search, or bytes of versions on one of a history; the rest comes next."""
