"""A value that somebody else wrote goes into a search as one value, whatever it holds."""

from hypothesis import given
from hypothesis import strategies as st

from kommunalpro.fhirserver.search.matching import escaped, values_of


@given(st.text(alphabet="ab,|$\\ ", min_size=1))
def test_what_is_escaped_is_read_as_it_was(text):
    assert values_of("identifier", escaped(text)) == [text]
    assert values_of("identifier", f"a,{escaped(text)}")[-1] == text
