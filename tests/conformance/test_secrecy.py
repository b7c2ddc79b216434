"""A CPR number that is sent where none belongs is in no answer, whatever is wrong with it there."""

import pytest

from tests.people import NANCY

NUMBER = NANCY.cpr


def entry(**request):
    return {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": request}]}


@pytest.mark.parametrize(
    ("method", "path", "body", "headers"),
    [
        ("GET", f"/Patient/_history?{NUMBER}=1", None, {}),
        ("GET", f"/Patient/x?{NUMBER}=1", None, {}),
        ("GET", f"/Patient?_sort={NUMBER}", None, {}),
        ("GET", f"/Patient?_include=Patient:{NUMBER}", None, {}),
        ("GET", f"/Patient?name:{NUMBER}=x", None, {}),
        ("GET", f"/Patient?organization.{NUMBER}=x", None, {}),
        ("GET", f"/Patient?_sort={'x' * 195}{NUMBER}", None, {}),
        ("GET", "/Patient", None, {"Accept": f"text/{NUMBER}"}),
        ("GET", f"/Patient?_format={NUMBER}", None, {}),
        ("GET", f"/$export?{NUMBER}=1", None, {"Prefer": "respond-async"}),
        ("GET", f"/$export?_type={NUMBER}&_outputFormat={NUMBER}", None, {"Prefer": "respond-async"}),
        ("POST", f"/Practitioner/$validate?{NUMBER}=1", {"resourceType": "Practitioner"}, {}),
        ("POST", "/Patient/_search", f"identifier={NUMBER}".encode(), {"Content_Type": f"text/{NUMBER}"}),
        ("POST", "", entry(method=NUMBER, url="Patient/7"), {}),
        ("POST", "", entry(method="GET", url=f"Patient?identifier={NUMBER}&{NUMBER}=1"), {}),
        ("POST", "/$meta", {"resourceType": "Parameters", "parameter": [{"name": NUMBER, "valueString": "x"}]}, {}),
    ],
)
def test_a_refusal_does_not_repeat_it(system, method, path, body, headers):
    answer = system(method, path, body, **headers)
    assert 400 <= answer.status < 500
    assert NUMBER[:8].encode() not in answer.body
