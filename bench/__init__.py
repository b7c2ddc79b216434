"""Measurements. Django is set up as in the tests, on a database and keys of their own."""

import tests.conftest  # noqa: F401  (its import sets Django up, before anything here asks for a model)
