"""One questionnaire with every kind of question, and answers to it, for the tests of expressions."""

from decimal import Decimal

from tests.unit.pro.formulas import form, group, where
from tests.unit.pro.scores import choice, given, integer, number

ASKED = form(
    integer("et", 0, 10),
    integer("to", 0, 10),
    number("brøk", "-9", "9"),
    {"linkId": "ja", "type": "boolean"},
    {"linkId": "ord", "type": "string"},
    {"linkId": "dag", "type": "date"},
    {"linkId": "mål", "type": "quantity"},
    choice("valg", a=0, b=1, c=2),
    {**choice("flere", a=1, b=2, c=4, nul=None), "repeats": True},
    choice("ubenævnt", a=None),
    {**choice("frit", a=1), "type": "open-choice"},
    group("gruppe", integer("inde", 0, 10), group("indre", integer("inderst", 0, 10))),
    group("medicin", integer("dosis", 0, 100), repeats=True),
)
ANSWERS = {
    **given(et=3, to=4, brøk=Decimal("0.10"), ja=True, valg="c", inde=5, inderst=6, ubenævnt="a"),
    "ord": ({"valueString": "otte"},),
    "dag": ({"valueDate": "2026-11-26"},),
    "mål": ({"valueQuantity": {"value": Decimal("1.5"), "unit": "kg"}},),
    "flere": ({"valueCoding": {"code": "a"}}, {"valueCoding": {"code": "c"}}, {"valueCoding": {"code": "nul"}}),
    "medicin[0]/dosis": ({"valueInteger": 10},),
    "medicin[2]/dosis": ({"valueInteger": 10},),
}
A, B, TENTH, C, MANY = where("et"), where("to"), where("brøk"), where("valg"), where("flere")
