"""`$submit-measurement`: a picture comes in without what it tells besides, alone or with what is said of it."""

from base64 import b64decode, b64encode
from dataclasses import replace

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.outcome import RuleBroken
from tests.gateway.answering import LATER, bundle_of
from tests.gateway.deadlines import category
from tests.gateway.looking import all_of, rows
from tests.gateway.marks import R4_FIRST
from tests.gateway.measuring import PHOTO, WEIGHT, asked_to_measure
from tests.resources import PICTURE
from tests.unit.fut.test_pictures import chunk, png


@pytest.fixture
def photo(nancy):
    """Nancy is asked for a photo of her wound."""
    return asked_to_measure(nancy, PHOTO)


def related(full_url):
    return {"url": ehealth.MEDIA_RELATED_TO, "valueReference": {"reference": full_url}}


def refusal(photo, *media):
    before = rows()
    with pytest.raises(RuleBroken) as refused:
        photo.submit(bundle_of(*media))
    assert rows() == before
    return [(each.coding[1], each.expression) for each in refused.value.issues]


def test_it_is_stored_and_somebody_is_asked_to_look(photo):
    [entry] = photo.submit(bundle_of(photo.media()))["entry"]
    stored = photo.read(entry["fullUrl"])
    assert stored["content"]["data"] == PICTURE
    assert stored["identifier"][0]["system"] == ehealth.EHEALTH_IDENTIFIER
    [task] = all_of(photo, "Task")
    assert (category(task), task["focus"]) == ("MeasurementForAssessmentNotTriaged", {"reference": entry["fullUrl"]})


def test_where_it_was_taken_is_not_stored(photo):
    telling = png(chunk(b"tEXt", b"GPS\x0055.68,12.57"), chunk(b"eXIf", b"II*\0"))
    content = {"contentType": "image/png", "data": b64encode(telling).decode(), "hash": "c2hhMQ=="}
    [entry] = photo.submit(bundle_of(photo.media(content=content)))["entry"]
    stored = photo.read(entry["fullUrl"])["content"]
    picture = b64decode(stored["data"])
    assert picture == png()
    assert (stored["size"], "hash" in stored) == (len(picture), False), "of what is stored, not of what was sent"


@R4_FIRST
@pytest.mark.parametrize(
    "content",
    [
        {"contentType": "video/mp4", "data": PICTURE},
        {"data": PICTURE},
        {"contentType": "image/jpeg", "data": PICTURE},
        {"contentType": "image/png", "data": "iVBORw0KGgo="},
    ],
    ids=["video", "untold", "mistaken", "broken-off"],
)
def test_what_nobody_has_looked_into_is_refused(photo, content):
    found = refusal(photo, photo.media(content=content))
    assert found == [("KPRO_MEDIA_CONTENT", "Bundle.entry[0].resource.content")]


def test_a_picture_that_is_kept_elsewhere_is_taken_in_as_an_address(photo):
    content = {"contentType": "video/mp4", "url": "https://film.example/1"}
    [entry] = photo.submit(bundle_of(photo.media(content=content)))["entry"]
    assert photo.read(entry["fullUrl"])["content"] == content


def test_a_picture_answers_only_what_asks_for_one(nancy, asked):
    """Else what waits for an answer would go on, and nobody would be told that it is missing."""
    weight = asked_to_measure(nancy, WEIGHT)
    questionnaire = replace(weight, request=asked.due.service_request)
    for other in (weight, questionnaire):
        assert ("KPRO_SUBMIT_PICTURE", "Bundle.entry[0].resource.basedOn") in refusal(other, other.media())


def test_a_drawing_on_a_picture_refers_to_it_within_the_bundle(photo):
    bundle = bundle_of(photo.media(), photo.media(mode="overlay"))
    bundle["entry"][1]["resource"]["extension"].append(related(bundle["entry"][0]["fullUrl"]))
    raw, overlay = (each["fullUrl"] for each in photo.submit(bundle)["entry"])
    assert extension_value(photo.read(overlay), ehealth.MEDIA_RELATED_TO) == {"reference": raw}


def test_an_original_builds_on_no_other(photo):
    bundle = bundle_of(photo.media(), photo.media())
    second = bundle["entry"][1]["resource"]
    found = refusal(photo, photo.media(), {**second, "extension": [*second["extension"], related("Media/1")]})
    assert found == [("GENERAL_VALIDATION_ERROR", "Bundle.entry[1].resource.extension")]


@pytest.mark.parametrize("mode", ["portrait", ""])
def test_what_it_is_used_for_is_one_of_futs_words(photo, mode):
    assert ("GENERAL_VALIDATION_ERROR", "Bundle.entry[0].resource.extension") in refusal(
        photo, photo.media(mode=mode or "none")
    )


def test_without_what_it_is_used_for_and_when_it_was_taken_it_is_refused_for_both(photo):
    wrong = photo.media()
    del wrong["createdDateTime"]
    wrong["extension"] = wrong["extension"][:2]
    assert refusal(photo, wrong) == [
        ("GENERAL_VALIDATION_ERROR", "Bundle.entry[0].resource.extension"),
        ("GENERAL_VALIDATION_ERROR", "Bundle.entry[0].resource.created"),
    ]


def test_of_a_drawing_the_content_may_be_drawn_anew_and_of_a_photo_not(photo):
    bundle = bundle_of(photo.media(), photo.media(mode="overlay"))
    raw, overlay = (each["fullUrl"] for each in photo.submit(bundle)["entry"])
    gateway, nurse = photo.nancy.world.gateway, photo.nancy.world.asta
    by = nurse.within(patient=photo.nancy.patient, episode_of_care=photo.nancy.episode)
    anew = [{"op": "add", "path": "/content/title", "value": "Kanten"}]
    assert gateway.patch(overlay, anew, if_match="1", by=by, now=LATER)["content"]["title"] == "Kanten"
    with pytest.raises(RuleBroken) as refused:
        gateway.patch(raw, anew, if_match="1", by=by, now=LATER)
    assert [each.coding[1] for each in refused.value.issues] == ["KPRO_MEASUREMENT_IMMUTABLE"]
