"""Views and guidance that are refused

What editors write beside a questionnaire is JSON with a `schemaVersion`. Content of another form, or that cannot mean
what it says, is refused with all that is wrong, each with its place.
"""

import json
from pathlib import Path

import pytest

from kommunalpro.fhir.json import Json, loads
from kommunalpro.pro.guidance import GuidanceError, read_guidance
from kommunalpro.pro.guidance_schema import GUIDANCE_SCHEMAS
from kommunalpro.pro.record import read_record, write_record
from kommunalpro.pro.view import ViewError, read_view
from kommunalpro.pro.view_schema import VIEW_SCHEMAS
from tests.spec import advice, views
from tests.spec.tables import table

KEPT = Path(__file__).parent / "kept"
GOOD = "score total: sum of a, b; red 13 to 20; yellow 7 to 12; green 0 to 6"


def refusals(text, **more):
    try:
        views.view(text, **more)
    except ViewError as wrong:
        return str(wrong)
    return "–"


@table("""
    score                                               | refused
    sum of a, b; red 13 to 20; yellow 7 to 12; green 0 to 6 | –
    sum of a, b                                         | –
    sum of a, b; red 13 to 20; yellow 6 to 12; green 0 to 6 | the bands overlap at 6
    sum of a, b; red 13 to 20; yellow 8 to 12; green 0 to 6 | there is a gap between 6 and 8
    sum of a, b; red 13 to 20; green 0 to 12; scale 0 to 21 | the bands do not cover the scale
    sum of a, b; red 13 to 13; green 0 to 12; scale 0 to 13 | –
    sum of a, b; red 14 to 13; green 0 to 13; scale 0 to 13 | the band from 14 to 13 is upside down
    sum of a, b; scale 5 to 5                           | the scale has no width
    sum of a, b; red 0 to 6; green 7 to 20              | with high-is-worse, a better score would give a worse light
    sum of a, b; red 0 to 6; green 7 to 20; high is better | –
    sum of a, b; missing at least 3                     | more answers are asked for than the score has items
    sum of a, b; by 0                                   | the divisor is 0
    sum of a, b; times 0                                | the factor is 0: all answers would give the same score
    mean of a, b; missing half; prorated                | a mean cannot be prorated: it is one already
    sum of a, b; missing half; green 0 to 6; red 7 to 20; prorated | –
    mean of a, b; missing half; green 0 to 6; red 7 to 20 | –
""")
def test_a_scores_bands_cover_its_scale_without_gap_or_overlap(score, refused):
    """From the worst to the best the lights only get better. Gaps of up to 1 are for whole numbers."""
    found = refusals(f"score total: {score}")
    assert found.removeprefix("scores.total: ").replace("; scores.total: ", "; ") == refused


def test_a_sum_over_fewer_answers_than_all_has_lights_only_when_it_is_prorated():
    """What is missing would count as 0: where high is worse, it would hide a red."""
    found = refusals("score total: sum of a, b; missing half; green 0 to 6; red 7 to 20")
    assert found.startswith("scores.total: a sum over fewer items than all has lights only when it is prorated")


@table("""
    View                                  | refused
    topic a: x / topic a: y               | topics: 'a' stands there twice
    topic a: x / topic b: x               | topics.items: 'x' stands there twice
    topic a: x; total                     | topics.a: there is no score 'total'
    score s: sum of a / score s: sum of b | scores: 's' stands there twice
    acute s: a = 1 / acute s: b = 1       | acute: 's' stands there twice
    score s: sum of a; values b x=1       | scores.s: there are values for an item that the score does not have
""")
def test_what_a_view_names_is_named_once_and_is_there(view, refused):
    assert refusals(view.replace(" / ", "\n")) == refused


def test_a_reversed_item_is_one_of_the_scores():
    content = views.content(GOOD)
    content["scores"][0]["reversed"] = ["c"]
    with pytest.raises(ViewError, match="an item is reversed that the score does not have"):
        read_view(content)


@table("""
    content                     | place
    {"level": "regional"}       | level
    {"title": {"en": "Topics"}} | title
    {"title": {"da": ""}}       | title.da
    {"topics": []}              | topics
    {"extra": 1}                | content
    {"scores": [{"id": "s"}]}   | scores.0
    {"acute": [{"id": "s"}]}    | acute.0
""")
def test_content_has_the_form_that_its_schema_gives(content, place):
    with pytest.raises(ViewError) as wrong:
        read_view({**views.content(GOOD), **loads(content)})
    assert place in [fault.place for fault in wrong.value.faults]


@table("""
    schema version | read
    1              | yes
    0              | no
    2              | no
    "1"            | no
    true           | no
    null           | no
    [1]            | no
    {"a": 1}       | no
""")
def test_an_unknown_schema_version_is_refused(schema_version, read):
    version = loads(schema_version)
    readers = ((read_view, ViewError, views.content(GOOD)), (read_guidance, GuidanceError, advice.content("")))
    for reader, error, content in readers:
        made = {**content, "schemaVersion": version}
        if read == "yes":
            assert reader(made).version == content["version"]
        else:
            with pytest.raises(error, match="schemaVersion"):
                reader(made)


@pytest.mark.parametrize("content", [None, [], "x", 1, {}], ids=str)
def test_what_is_no_content_at_all_is_refused(content):
    for reader, error in ((read_view, ViewError), (read_guidance, GuidanceError)):
        with pytest.raises(error, match="schemaVersion"):
            reader(content)


@table("""
    guidance                                   | problem
    advice a: pain; red / advice a: sleep; red | ids: 'a' stands there twice
    advice a: pain; red / offer a: sleep; red  | ids: 'a' stands there twice
    offer o: sleep; red; starts 2026-02-30     | offers.o.starts: no such day
    offer o: sleep; red; starts soon           | offers.0.starts: 'soon' does not match
    advice a: pain; purple                     | advice.0.lights.0: 'purple' is not one of
""")
def test_guidance_that_cannot_be_meant_so_is_refused(guidance, problem):
    with pytest.raises(GuidanceError, match=problem.replace("(", r"\\(")):
        advice.guidance(guidance.replace(" / ", "\n"))


def test_a_condition_asks_about_an_answer_or_a_score_and_not_both():
    content = advice.content("advice a: pain; red; if dog = yes")
    content["advice"][0]["conditions"][0]["score"] = "total"
    with pytest.raises(GuidanceError, match=r"advice\.0\.conditions\.0"):
        read_guidance(content)


def test_a_link_leads_to_a_safe_page():
    content = advice.content("advice a: pain; red")
    content["advice"][0]["links"] = [{"title": {"da": "Læs"}, "url": "javascript:alert(1)"}]
    with pytest.raises(GuidanceError, match=r"advice\.0\.links\.0\.url"):
        read_guidance(content)


@pytest.mark.parametrize("version", sorted(VIEW_SCHEMAS))
def test_a_view_of_every_earlier_version_is_still_read(version):
    kept = read_view(loads((KEPT / f"view-{version}.json").read_bytes()))
    assert (kept.identifier, [score.id for score in kept.scores], [rule.id for rule in kept.acute]) == (
        "skema",
        ["total", "mean"],
        ["much"],
    )


@pytest.mark.parametrize("version", sorted(GUIDANCE_SCHEMAS))
def test_guidance_of_every_earlier_version_is_still_read(version):
    kept = read_guidance(loads((KEPT / f"guidance-{version}.json").read_bytes()))
    assert [entry.id for entry in kept.entries] == ["walk", "course"]
    assert kept.replaces == {"rest"}


@pytest.mark.parametrize("version", [1, 2])
def test_a_record_of_every_version_is_read(version):
    """As it was written then: the files are never made anew."""
    kept = read_record(kept_record(version))
    assert (kept.light.code, [topic.light.code for topic in kept.topics]) == ("red", ["red", "red"])
    assert {id: str(score.value) for id, score in kept.scores.items()} == {"mean": "7.375", "total": "44.25"}
    assert [(each.path, each.code) for each in kept.findings][:2] == [
        ("pain", "yellow-question-answer"),
        ("fever", "red-question-answer"),
    ]
    assert [hit.path for hit in kept.acute] == ["m[0]/dose", "m[1]/dose"]
    assert write_record(kept) == kept_record(2)


def test_the_first_records_say_which_rule_was_met():
    rules = [each.rule is not None for each in read_record(kept_record(1)).findings]
    assert any(rules)
    assert not any(each.rule for each in read_record(kept_record(2)).findings)


def kept_record(version: int) -> Json:
    text = (KEPT / f"record-{version}.json").read_text(encoding="utf-8")
    return json.loads(text, parse_float=loads)


@table("""
    wrong                                   | said in Danish
    {"title": {"en": "Topics"}}             | title: ”da” mangler.
    {"title": "Emner"}                      | title: Det skal være et objekt.
    {"level": "regional"}                   | level: Det skal være en af national, local.
    {"colour": "red"}                       | content: Her står noget, som formatet ikke har.
    {"title": {"da": ""}}                   | title.da: Her må ikke være tomt.
    {"schemaVersion": 9}                    | schemaVersion: Formatets version skal være 1.
""")
def test_what_is_wrong_is_said_in_danish_too(wrong, said_in_danish):
    with pytest.raises(ViewError) as refused:
        read_view({**views.content(GOOD), **json.loads(wrong)})
    assert [fault.say("da") for fault in refused.value.faults] == [said_in_danish]


def test_what_does_not_belong_together_is_said_in_danish_too():
    with pytest.raises(ViewError) as refused:
        views.view("score total: sum of a, b; red 13 to 20; yellow 8 to 12; green 0 to 6")
    assert [fault.say("da") for fault in refused.value.faults] == ["scores.total: Der er et hul mellem 6 og 8."]
