"""A QFDD document becomes a Questionnaire, and what cannot come along is said item by item."""

import os
from decimal import Decimal
from pathlib import Path

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.structure import validate
from kommunalpro.integrations.cda.document import CdaError
from kommunalpro.integrations.cda.qfdd import read_qfdd
from tests.unit.integrations.cda.documents import (
    criterion,
    document,
    errors,
    information,
    is_option,
    items,
    limits,
    options,
    precondition,
    question,
    read,
    section,
)

SHARED = Path(__file__).parents[4].parent / "shared" / "data" / "cda"


@pytest.mark.skipif(not SHARED.exists() and os.environ.get("CI") != "true", reason="the national samples are not here")
def test_every_sample_document_imports_as_a_valid_questionnaire():
    documents = sorted(SHARED.glob("QF*.xml"))
    assert len(documents) >= 8
    for path in documents:
        imported = read_qfdd(path.read_bytes())
        assert not validate(imported.questionnaire), path.name
        assert any(item["type"] not in ("group", "display") for item in items(imported).values()), path.name


@pytest.mark.skipif(not SHARED.exists() and os.environ.get("CI") != "true", reason="the national samples are not here")
def test_the_sample_with_all_question_types_keeps_them_all():
    imported = read_qfdd((SHARED / "QFDD_all_question_types_FUT.xml").read_bytes())
    found = items(imported)
    assert not errors(imported)
    assert [extension_value(found["Q.NUM.01"], url) for url in (ehealth.MIN_VALUE, ehealth.MAX_VALUE)] == [1, 10]
    assert [each["operator"] for each in found["Q.NUM.02"]["enableWhen"]] == [">=", "<="]
    assert found["Q.MC.02.TE.01"]["enableWhen"][0]["answerCoding"]["code"] == "A.MC.02.02"
    assert imported.questionnaire["contained"][0]["contentType"] == "image/png"


def test_the_header_says_which_document_and_which_version():
    questionnaire = read_qfdd(document(section(question("q1", 9)))).questionnaire
    assert questionnaire["identifier"] == [
        {"system": "urn:oid:1.2.208.184", "value": "0d1c1f3e-8d6d-4f2b-9b2e-3f1f0a6c1a11"}
    ]
    assert (questionnaire["version"], questionnaire["title"], questionnaire["date"], questionnaire["status"]) == (
        "6",
        "Om din hverdag",
        "2026-02-03",
        "draft",
    )


def test_sections_organizers_and_questions_are_groups_in_groups_with_their_cda_ids():
    imported, found = read(question("q1", 9))
    (group,) = imported.questionnaire["item"]
    assert (group["type"], group["text"]) == ("group", "Smerte")
    assert extension_value(group["item"][0], ehealth.EXTERNAL_IDENTIFIER)["value"] == "g-1"
    assert extension_value(found["q1"], ehealth.EXTERNAL_IDENTIFIER) == {
        "system": "urn:oid:1.2.208.184.12.2",
        "value": "q1-id",
    }


def test_a_multiple_choice_with_room_for_three_repeats():
    _, found = read(question("q1", 8, values=options("A1", "A2", "A3"), inner=limits(1, 3)))
    assert found["q1"]["required"]
    assert found["q1"]["repeats"]
    assert extension_value(found["q1"], ehealth.MAX_OCCURS) == 3
    assert [option["valueCoding"]["code"] for option in found["q1"]["answerOption"]] == ["A1", "A2", "A3"]


def test_a_lowest_number_of_none_makes_the_question_voluntary():
    _, found = read(question("q1", 8, values=options("A1"), inner=limits(0, 1)))
    assert "required" not in found["q1"]
    assert "repeats" not in found["q1"]


def test_an_analog_slider_keeps_its_ends_and_its_step():
    slider = """<referenceRange><observationRange><value xsi:type="GLIST_PQ" denominator="10.5"><head value="0"/>
    <increment value="0.10"/></value></observationRange></referenceRange>"""
    _, found = read(question("q1", 7, 10, inner=slider))
    assert found["q1"]["type"] == "decimal"
    urls = (ehealth.MIN_VALUE, ehealth.MAX_VALUE, ehealth.SLIDER_STEP_VALUE_DECIMAL)
    assert [extension_value(found["q1"], url) for url in urls] == [Decimal(0), Decimal("10.5"), Decimal("0.10")]


def test_a_discrete_slider_is_a_choice_on_a_slider():
    _, found = read(question("q1", 8, 11, values=options("A1", "A2")))
    assert found["q1"]["type"] == "choice"
    assert extension_value(found["q1"], ehealth.ITEM_CONTROL)["coding"][0]["code"] == "slider"


@pytest.mark.parametrize(("kind", "type"), [("IVL_INT", "integer"), ("IVL_REAL", "decimal"), ("IVL_TS", "dateTime")])
def test_the_range_says_what_kind_of_number_is_asked_for(kind, type):
    inner = f'<referenceRange><observationRange><value xsi:type="{kind}"/></observationRange></referenceRange>'
    _, found = read(question("q1", 7, inner=inner))
    assert found["q1"]["type"] == type


def test_help_comes_along():
    text = """<entryRelationship typeCode="SUBJ"><observation><templateId root="2.16.840.1.113883.10.20.32.4.19"/>
    <value xsi:type="ST">Tænk på den sidste uge.</value></observation></entryRelationship>"""
    _, found = read(question("q1", 9, inner=text))
    assert extension_value(extension(found["q1"], ehealth.QUESTIONNAIRE_HELP_TEXT), "text") == "Tænk på den sidste uge."


def test_a_picture_without_its_padding_is_still_a_picture():
    media = """<entryRelationship typeCode="REFR"><observationMedia><value mediaType="image/png">iVBORw0
    KGgo</value></observationMedia></entryRelationship>"""
    imported, found = read(question("q1", 9, inner=media))
    assert imported.questionnaire["contained"] == [
        {"resourceType": "Binary", "id": "billede-1", "contentType": "image/png", "data": "iVBORw0KGgo="}
    ]
    assert (
        extension(found["q1"], ehealth.QUESTIONNAIRE_IMAGE)["extension"][0]["valueReference"]["reference"]
        == "#billede-1"
    )


@pytest.mark.parametrize(
    "media", ['mediaType="image/tiff">aWNv', 'mediaType="image/png">ikke base64!', 'mediaType="image/png">']
)
def test_a_picture_that_cannot_be_shown_is_reported(media):
    imported, _ = read(
        question(
            "q1",
            9,
            inner=f"<entryRelationship><observationMedia><value {media}</value></observationMedia></entryRelationship>",
        )
    )
    assert [problem.where for problem in errors(imported)] == ["q1"]


def test_an_associated_text_stands_beside_its_question():
    text = question("q1t", 9, inner=precondition(criterion("q1", is_option("A2"))))
    imported, found = read(
        question(
            "q1", 8, values=options("A1", "A2"), inner=f'<entryRelationship typeCode="REFR">{text}</entryRelationship>'
        )
    )
    assert not imported.problems
    assert found["q1t"]["enableWhen"] == [
        {"question": "q1", "operator": "=", "answerCoding": {"system": "urn:oid:1.2.3", "code": "A2"}}
    ]


def test_the_same_code_twice_gets_a_link_id_of_its_own():
    _, found = read(question("q1", 9), question("q1", 9))
    assert {"q1", "q1-2"} <= set(found)


def test_an_option_twice_is_reported():
    imported, found = read(question("q1", 8, values=options("A1", "A1")))
    assert len(found["q1"]["answerOption"]) == 1
    assert errors(imported)


def test_an_information_section_shows_its_text_with_its_markup():
    imported = read_qfdd(document(information("Læs <content styleCode='Bold'>dette</content> først.<p>Tak &lt;3</p>")))
    (display,) = imported.questionnaire["item"][0]["item"]
    assert display["text"] == "Læs dette først.Tak <3"
    xhtml = extension_value(display["_text"], ehealth.RENDERING_XHTML)
    assert "<strong>dette</strong>" in xhtml
    assert "<p>Tak &lt;3</p>" in xhtml


def test_what_a_section_says_before_its_questions_is_kept():
    text = "<title>Afsnit 1</title><text>Hvor meget har du været begrænset i at:<br/>Sæt ét kryds.</text>"
    imported = read_qfdd(document(section(question("q1", text="a. gå i bad"), title=text)))
    introduction, asked = imported.questionnaire["item"][0]["item"]
    assert introduction["type"] == "display"
    assert introduction["text"].startswith("Hvor meget har du været begrænset i at:")
    assert asked["item"][0]["text"] == "a. gå i bad"


def test_a_sections_text_that_only_repeats_its_questions_is_not_read_twice():
    text = "<title>Afsnit 1</title><text><table><tbody><tr><td>Sover du?</td></tr></tbody></table></text>"
    imported = read_qfdd(document(section(question("q1", text="Sover du?"), title=text)))
    assert [item["type"] for item in imported.questionnaire["item"][0]["item"]] == ["group"]
    assert [problem.where for problem in imported.problems if problem.severity == "information"] == ["Afsnit 1"]


def test_a_section_without_title_is_taken():
    assert "text" not in read_qfdd(document(section(question("q1", 9), title=""))).questionnaire["item"][0]


def test_a_question_of_an_unknown_kind_is_reported_and_read_as_text():
    imported, found = read(question("q1", 99))
    assert found["q1"]["type"] == "text"
    assert errors(imported)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"<ClinicalDocument", "ikke gyldig XML"),
        (b"", "ikke gyldig XML"),
        (b"<html/>", "ikke et CDA-dokument"),
        (document(), "ingen afsnit"),
        (document(section(question("q1", 9))).replace(b"74468-0", b"1").replace(b"1.2.208.184.12.1", b"1"), "QFDD"),
    ],
)
def test_what_is_no_questionnaire_is_refused_in_words(text, complaint):
    with pytest.raises(CdaError, match=complaint):
        read_qfdd(text)


def test_an_xml_bomb_is_refused_before_it_goes_off():
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 50}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]>'.encode()
    text = document(information("&e11;")).replace(b"<ClinicalDocument", bomb + b"<ClinicalDocument", 1)
    with pytest.raises(CdaError, match="har en DTD"):
        read_qfdd(text)


def test_an_outside_entity_is_never_fetched(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("hemmeligt")
    entity = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{secret}">]>'.encode()
    text = document(information("&a;")).replace(b"<ClinicalDocument", entity + b"<ClinicalDocument", 1)
    with pytest.raises(CdaError):
        read_qfdd(text)
