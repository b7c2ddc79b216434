"""Why a test is not run through the remote gateway: it is about what FUT does not offer."""

import pytest

R4_FIRST = pytest.mark.embedded("over HTTP what is no R4 is refused before the operation sees it")
NOT_CREATED = pytest.mark.embedded("FUT lets no client create it by itself")
NOT_CHANGED = pytest.mark.embedded("FUT lets no client change or delete it by itself")
NO_RECORD = pytest.mark.embedded("FUT keeps no record with the light")
NO_TRANSACTION = pytest.mark.embedded("FUT takes transactions of a course of care's types alone")
LOOKED_UP = pytest.mark.embedded("a submission is looked up first, which the log says as well")
AT_ONCE = pytest.mark.embedded("FUT assesses after it has answered")
