"""What an answer may be

Every answer is checked when a response is submitted, and all that is wrong is told at once. On the way (`draft`) only
what can be no answer at all is told: another type, an option that the question does not have. Everything else may be
on its way to becoming right, and is kept.
"""

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import loads
from kommunalpro.pro.form import compile_form
from kommunalpro.pro.response import check_answers
from tests.spec.forms import answers, form, questionnaire
from tests.spec.tables import table

RIGHT = "–"


def faults(question, given, strictness="submit"):
    """Give the codes of what is wrong with the answers to a question `a`."""
    asked = form(f"a: {question}")
    issues = check_answers(asked, answers(asked, f"a: {given}"), strictness=strictness)
    return ", ".join(issue.code for issue in issues) or RIGHT


def advice(question, given):
    asked = form(f"a: {question}")
    return [(each.text.da, each.text.en) for each in check_answers(asked, answers(asked, given), strictness="submit")]


@table("""
    type        | answer                                                               | wrong
    boolean     | {"valueBoolean": true}                                               | –
    boolean     | {"valueBoolean": "true"}                                             | type
    boolean     | {"valueBoolean": 1}                                                  | type
    boolean     | {"valueString": "ja"}                                                | type
    integer     | {"valueInteger": 7}                                                  | –
    integer     | {"valueInteger": 7.0}                                                | type
    integer     | {"valueInteger": true}                                               | type
    integer     | {"valueInteger": "7"}                                                | type
    integer     | {"valueInteger": 2147483648}                                         | type
    integer     | {"valueDecimal": 7}                                                  | type
    decimal     | {"valueDecimal": 36.9}                                               | –
    decimal     | {"valueDecimal": 37}                                                 | –
    decimal     | {"valueDecimal": "36.9"}                                             | type
    decimal     | {"valueDecimal": 1e400}                                              | type
    decimal     | {"valueInteger": 37}                                                 | type
    date        | {"valueDate": "2026-03-10"}                                          | –
    date        | {"valueDate": "2026"}                                                | –
    date        | {"valueDate": "2026-02-30"}                                          | type
    date        | {"valueDate": "10.03.2026"}                                          | type
    date        | {"valueDateTime": "2026-03-10"}                                      | type
    dateTime    | {"valueDateTime": "2026-03-10T10:30:00+01:00"}                       | –
    dateTime    | {"valueDateTime": "2026-03-10"}                                      | –
    dateTime    | {"valueDateTime": "2026-03-10T10:30:00"}                             | type
    time        | {"valueTime": "10:30:00"}                                            | –
    time        | {"valueTime": "10:30"}                                               | type
    time        | {"valueTime": "24:00:00"}                                            | type
    string      | {"valueString": "Knæet"}                                             | –
    string      | {"valueString": ""}                                                  | type
    string      | {"valueString": "   "}                                               | type
    string      | {"valueString": 7}                                                   | type
    text        | {"valueString": "Knæet\\nog hoften"}                                 | –
    url         | {"valueUri": "https://example.org"}                                  | –
    url         | {"valueUri": "https://example.org/with space"}                       | type
    choice      | {"valueCoding": {"system": "urn:spec", "code": "x"}}                 | –
    choice      | {"valueCoding": {"system": "urn:spec", "code": "x", "display": "Y"}} | –
    choice      | {"valueCoding": {"system": "urn:spec", "code": "z"}}                 | type
    choice      | {"valueCoding": {"system": "urn:other", "code": "x"}}                | type
    choice      | {"valueCoding": {"code": "x"}}                                       | type
    choice      | {"valueCoding": {"system": "urn:spec", "code": ["x"]}}               | type
    choice      | {"valueCoding": "x"}                                                 | type
    choice      | {"valueString": "x"}                                                 | type
    open-choice | {"valueCoding": {"system": "urn:spec", "code": "x"}}                 | –
    open-choice | {"valueString": "noget andet"}                                       | –
    open-choice | {"valueCoding": {"system": "urn:spec", "code": "z"}}                 | type
    quantity    | {"valueQuantity": {"value": 70, "unit": "kg"}}                       | –
    quantity    | {"valueQuantity": {"unit": "kg"}}                                    | type
    quantity    | {"valueQuantity": {"value": "70", "unit": "kg"}}                     | type
    quantity    | {"valueQuantity": 70}                                                | type
    quantity    | {"valueDecimal": 70}                                                 | type
    attachment  | {"valueAttachment": {"contentType": "image/png", "data": "aGVq"}}    | –
    attachment  | {"valueAttachment": "hej"}                                           | type
    reference   | {"valueReference": {"reference": "Patient/1"}}                       | –
    reference   | {"valueReference": {"reference": 1}}                                 | type
    integer     | {"valueInteger": 7, "valueString": "7"}                              | type
    integer     | {"extension": []}                                                    | type
""")
def test_an_answer_has_the_type_of_its_question(type, answer, wrong):
    """Answers as FHIR writes them. A wrong type is told on the way too. `x` and `y` are the options of choices."""
    asked = form(f"a: {type}" + ("; of x/y" if type.endswith("choice") else ""))
    for strictness in ("draft", "submit"):
        issues = check_answers(asked, {"a": (loads(answer),)}, strictness=strictness)
        assert (", ".join(issue.code for issue in issues) or RIGHT) == wrong


@table("""
    question                            | answer               | wrong | on the way
    integer; from 0 to 10               | 0                    | –     | –
    integer; from 0 to 10               | 10                   | –     | –
    integer; from 0 to 10               | -1                   | range | –
    integer; from 0 to 10               | 11                   | range | –
    integer; from 0                     | 1000                 | –     | –
    integer; from 0                     | -1                   | range | –
    integer; to 10                      | 11                   | range | –
    decimal; from 35.0 to 42.0          | 42.0000000000000000000000000000000000001 | range | –
    decimal; from 35.0 to 42.0          | 42.00                | –     | –
    quantity; from 30 to 300; unit kg   | 29.9 kg              | range | –
    quantity; from 30 to 300; unit kg   | 300 kg               | –     | –
    date; from 2026-01-01 to 2026-12-31 | 2026-01-01           | –     | –
    date; from 2026-01-01 to 2026-12-31 | 2026-12-31           | –     | –
    date; from 2026-01-01 to 2026-12-31 | 2025-12-31           | range | –
    date; from 2026-01-01 to 2026-12-31 | 2027-01-01           | range | –
    date; from 2026-01-01               | 2025                 | range | –
    dateTime; from 2026-01-01           | 2026-01-01T00:30:00+01:00 | –     | –
    dateTime; from 2026-01-01T08:00:00+01:00 | 2026-01-01T07:30:00Z | –     | –
    dateTime; to 2026-01-01T08:00:00+01:00 | 2026-01-01T07:30:00Z | range | –
    time; from 08:00:00 to 16:00:00     | 08:00:00             | –     | –
    time; from 08:00:00 to 16:00:00     | 07:59:59             | range | –
    time; from 08:00:00 to 16:00:00     | 16:00:01             | range | –
""")
def test_an_answer_lies_within_the_bounds_both_included(question, answer, wrong, on_the_way):
    assert faults(question, answer) == wrong
    assert faults(question, answer, "draft") == on_the_way


@table("""
    question                         | answer                                     | wrong
    integer; from 0 to 100; step 5   | 95                                         | –
    integer; from 0 to 100; step 5   | 96                                         | step
    integer; from 1 to 10; step 3    | 4                                          | –
    integer; from 1 to 10; step 3    | 3                                          | step
    integer; step 2                  | -4                                         | –
    integer; step 2                  | 5                                          | step
    decimal; from 0 to 1; step 0.1   | 0.3                                        | –
    decimal; from 0 to 1; step 0.1   | 0.30000000000000004                        | step
    decimal; from 0 to 1; step 0.1   | 0.3000000000000000000000000000000000000004 | step
    decimal; from 0.5 to 2; step 0.5 | 1.50                                       | –
    decimal; step 1                  | 100000000000000000000000000000000000000000 | –
    integer; from 0 to 100; step 5   | 101                                        | range
""")
def test_an_answer_lies_on_a_step_counted_from_the_lowest(question, answer, wrong):
    """Numbers are exact, whatever their length: nothing is rounded before it is looked at."""
    assert faults(question, answer) == wrong


@table("""
    question             | answer                                     | wrong
    decimal; decimals 1  | 36.9                                       | –
    decimal; decimals 1  | 36.90                                      | –
    decimal; decimals 1  | 36.95                                      | decimals
    decimal; decimals 1  | 36.900000000000000000000000000000000000001 | decimals
    decimal; decimals 0  | 37                                         | –
    decimal; decimals 0  | 37.0                                       | –
    decimal; decimals 0  | 37.5                                       | decimals
    quantity; decimals 1 | 70.25 kg                                   | decimals
""")
def test_a_number_has_as_many_decimals_as_it_may_and_zeros_at_the_end_do_not_count(question, answer, wrong):
    assert faults(question, answer) == wrong


@table("""
    question                 | answer                                                     | wrong
    string; length 4         | knee                                                       | –
    string; length 4         | knees                                                      | length
    text; length 4           | knæe                                                       | –
    string; pattern [0-9]{4} | 8000                                                       | –
    string; pattern [0-9]{4} | 80000                                                      | pattern
    string; pattern [0-9]{4} | x8000                                                      | pattern
    string; pattern (a+)+b   | aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | pattern
    url; length 12           | https://a.dk/                                              | length
""")
def test_words_have_the_length_and_the_pattern_that_they_must(question, answer, wrong):
    """The whole answer must match the pattern. Patterns take time in proportion to the answer's length, never more."""
    assert faults(question, answer) == wrong


@table("""
    question            | answer  | wrong
    quantity; unit kg   | 70 kg   | –
    quantity; unit kg   | 70 g    | unit
    quantity; unit kg   | 70      | unit
    quantity; unit kg/g | 70000 g | –
    quantity; unit kg/g | 150 lb  | unit
    quantity            | 70 kg   | –
""")
def test_an_amount_is_in_a_unit_of_the_question(question, answer, wrong):
    assert faults(question, answer) == wrong


def test_a_unit_without_a_code_is_known_by_its_name():
    asked = questionnaire("a: quantity")
    asked["item"][0]["extension"] = [{"url": ehealth.UNIT_OPTION, "valueCoding": {"display": "skridt"}}]
    for unit, codes in (("skridt", []), ("etager", ["unit"])):
        given = {"a": ({"valueQuantity": {"value": 5, "unit": unit}},)}
        found = check_answers(compile_form(asked), given, strictness="submit")
        assert [each.code for each in found] == codes


@table("""
    question                                          | answer              | wrong
    choice; of pain/sleep/none!                       | pain                | –
    choice; of pain/sleep/none!                       | pain + sleep        | too-many
    choice; repeats; of pain/sleep/none!              | pain + sleep        | –
    choice; repeats; of pain/sleep/none!              | pain + pain         | twice
    choice; repeats; of pain/sleep/none!              | none                | –
    choice; repeats; of pain/sleep/none!              | pain + none         | exclusive
    choice; repeats; of pain/sleep/none!              | none + pain + sleep | exclusive
    choice; repeats; most 2; of pain/sleep/diet       | pain + sleep + diet | too-many
    choice; repeats; least 2; of pain/sleep/diet      | pain                | too-few
    choice; repeats; least 2; of pain/sleep/diet      | pain + sleep        | –
    choice; repeats; least 2; of pain/sleep/diet      | –                   | –
    choice; required; repeats; least 2; of pain/sleep | –                   | required
    string; repeats                                   | A + A               | –
    string                                            | A + B               | too-many
    open-choice; repeats; of pain/none!               | "x" + "x"           | twice
    open-choice; repeats; of pain/none!               | none + "x"          | exclusive
""")
def test_there_are_as_many_answers_as_there_may_be(question, answer, wrong):
    """A question that is not required may be left out; when it is answered, it has at least so many answers."""
    assert faults(question, answer) == wrong


@table("""
    question                 | answers     | Danish                     | English
    integer; from 0 to 10    | a: 11       | Vælg et tal mellem 0 og 10. | Choose a number between 0 and 10.
    integer; from 5          | a: 4        | Skriv et tal, der er 5 eller større. | Write a number that is 5 or more.
    integer; to 5            | a: 6        | Skriv et tal, der er 5 eller mindre. | Write a number that is 5 or less.
    decimal; from 0.5 to 2.5 | a: 3        | Vælg et tal mellem 0,5 og 2,5. | Choose a number between 0.5 and 2.5.
    decimal; step 0.5        | a: 0.7      | Vælg et tal i trin på 0,5. | Choose a number in steps of 0.5.
    decimal; decimals 1      | a: 0.75     | Skriv højst én decimal.    | Write at most one decimal.
    decimal; decimals 2      | a: 0.125    | Skriv højst 2 decimaler.   | Write at most 2 decimals.
    decimal; decimals 0      | a: 0.7      | Skriv et helt tal.         | Write a whole number.
    date; from 2026-01-01    | a: 2025     | Det kan ikke være før 1.1.2026. | It cannot be before 2026-01-01.
    date; to 2026-01-01      | a: 2027     | Det kan ikke være efter 1.1.2026. | It cannot be after 2026-01-01.
    time; from 08:30:00      | a: 08:00:00 | Det kan ikke være før 8.30. | It cannot be before 08:30.
    string; length 3         | a: knee     | Skriv højst 3 tegn.        | Write at most 3 characters.
    choice; required; of x/y | –           | Vælg et svar.              | Choose an answer.
    integer; required        | –           | Vælg eller skriv et tal.   | Choose or write a number.
    text; required           | –           | Svar på spørgsmålet.       | Answer the question.
    choice; of x/y           | a: z        | Vælg et af svarene.        | Choose one of the answers.
    choice; of x/y           | a: x + y    | Vælg kun ét svar.          | Choose only one answer.
    choice; repeats; most 2; of x/y/z | a: x + y + z | Vælg højst 2 svar.         | Choose at most 2 answers.
    choice; repeats; least 2; of x/y | a: x        | Vælg mindst 2 svar.        | Choose at least 2 answers.
""")
def test_what_is_wrong_is_said_as_what_to_do_in_both_languages(question, answers, danish, english):
    assert advice(question, answers) == [(danish, english)]


def test_a_moment_is_said_in_danish_time():
    said = advice("dateTime; from 2026-01-01T08:30:00Z", "a: 2025-12-31T10:00:00Z")
    assert said == [("Det kan ikke være før 1.1.2026 kl. 9.30.", "It cannot be before 2026-01-01 09:30.")]


def test_all_that_is_wrong_is_told_at_once_each_with_its_place():
    asked = form("""
pain: integer; from 0 to 10; required
weight: decimal; from 30 to 300; decimals 1; step 0.5
knees: group; repeats; most 1
  side: choice; of left/right; required
""")
    given = answers(asked, "weight: 20.25, knees[0]/side: up, knees[3]/side: left")
    found = [(each.path, each.code) for each in check_answers(asked, given, strictness="submit")]
    assert found == [
        ("pain", "required"),
        ("weight", "range"),
        ("weight", "decimals"),
        ("knees", "too-many"),
        ("knees[0]/side", "type"),
    ]


def test_an_answer_that_is_wrong_opens_no_question():
    asked = form("a: integer\nb: text; required; if a > 3")
    issues = check_answers(asked, {"a": ({"valueInteger": "many"},)}, strictness="submit")
    assert [(each.path, each.code) for each in issues] == [("a", "type")]
