"""What a citizen answered, read again by themselves and by staff."""

from decimal import Decimal

import pytest

from kommunalpro.care.answers import in_words
from kommunalpro.pro.form import compile_form

ITEMS = [
    {"linkId": "amount", "type": "quantity"},
    {"linkId": "file", "type": "attachment"},
    {"linkId": "yes", "type": "boolean"},
    {"linkId": "day", "type": "date"},
    {"linkId": "pain", "type": "choice", "answerOption": [{"valueCoding": {"code": "a", "display": "Lidt"}}]},
]
ITEMS = [{**each, "text": each["linkId"]} for each in ITEMS]


@pytest.mark.parametrize(
    ("question", "answer", "words"),
    [
        ("amount", {"valueQuantity": {"value": Decimal("5.0"), "unit": "mg"}}, "5,0 mg"),
        ("amount", {"valueQuantity": {"value": 5, "comparator": "<", "unit": "mg"}}, "< 5 mg"),
        ("file", {"valueAttachment": {"title": "Sår.png", "data": "aaaa"}}, "Sår.png"),
        ("yes", {"valueBoolean": False}, "nej"),
        ("day", {"valueDate": "2026-11-05"}, "5.11.2026"),
        ("pain", {"valueCoding": {"code": "a"}}, "Lidt"),
    ],
)
def test_an_answer_reads_as_a_person_would_say_it(question, answer, words):
    form = compile_form({"resourceType": "Questionnaire", "item": ITEMS})
    assert in_words(form.item(question), answer, "da") == words
