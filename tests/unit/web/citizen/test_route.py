"""The way through a questionnaire: topics, single questions, and where one left off."""

from kommunalpro.web.citizen.presenters.route import after, before, find_stop, route, where_left
from tests.unit.web.citizen.forms import HIDDEN, definition, opened

YES = ({"valueBoolean": True},)
NO = ({"valueBoolean": False},)


def text(link_id):
    return {"linkId": link_id, "type": "display", "text": f"Læs {link_id}"}


def yes_no(link_id, **more):
    return {"linkId": link_id, "type": "boolean", "text": f"{link_id}?", **more}


def group(link_id, *items, **more):
    return {"linkId": link_id, "type": "group", "text": link_id.capitalize(), "item": list(items), **more}


def when(question):
    return {"enableWhen": [{"question": question, "operator": "=", "answerBoolean": True}]}


PAIN = group(
    "smerte", yes_no("ondt", required=True), yes_no("meget", **when("ondt")), {"linkId": "mere", "type": "text"}
)
SLEEP = group("soevn", yes_no("sover"))
ONLY_IF = group("kun-hvis", yes_no("dybere"), **when("ondt"))
FORM = definition(text("velkommen"), PAIN, ONLY_IF, SLEEP, group("tak", text("farvel")))


def numbers(answers=None):
    return [stop.number for stop in route(opened(FORM, answers))]


def test_a_topic_has_the_number_of_its_place_and_texts_are_read_with_the_next():
    first, last = route(opened(FORM))
    assert (first.number, first.title.da) == (2, "Smerte")
    assert [item.link_id for item in first.content] == ["velkommen", "ondt", "meget", "mere"]
    assert [item.link_id for item in last.content] == ["sover", "tak"]


def test_a_topic_is_passed_over_while_nothing_is_asked_in_it():
    assert numbers() == [2, 4]
    assert numbers({"ondt": YES}) == [2, 3, 4]
    assert numbers({"ondt": NO, "dybere": YES}) == [2, 4]


def test_one_goes_from_topic_to_topic():
    stops = route(opened(FORM))
    assert after(stops, 2) == find_stop(stops, 4)
    assert after(stops, 4) is None
    assert before(stops, 4) == find_stop(stops, 2)
    assert before(stops, 2) is None
    assert after(stops, 3) == find_stop(stops, 4)


def test_hidden_things_are_nowhere():
    hidden = {"extension": [{"url": HIDDEN, "valueBoolean": True}]}
    form = definition(group("skjult", yes_no("a"), **hidden), group("vist", yes_no("b"), yes_no("c", **hidden)))
    (stop,) = route(opened(form))
    assert (stop.number, stop.paths) == (2, ("b",))


def test_a_topic_of_what_a_page_cannot_ask_is_still_met():
    form = definition(group("fil", {"linkId": "foto", "type": "attachment", "text": "Foto"}), SLEEP)
    stops = route(opened(form))
    assert [stop.number for stop in stops] == [1, 2]
    assert stops[0].paths == ()


def test_states():
    def states(answers):
        return [stop.state for stop in route(opened(FORM, answers))]

    assert states({}) == ["new", "new"]
    assert states({"ondt": NO}) == ["answered", "new"]
    assert states({"ondt": YES}) == ["begun", "new", "new"]


def test_a_citizen_comes_back_to_where_they_left():
    def left(answers):
        found = where_left(route(opened(FORM, answers)))
        return found and (found[0].link_id, found[1].number)

    assert left({}) == ("smerte", 2)
    assert left({"ondt": YES}) == ("smerte", 3)
    assert left({"ondt": NO}) == ("soevn", 1)
    assert left({"sover": YES}) is None


def test_single_questions_take_their_texts_with_them_and_pass_over_what_is_not_asked():
    (first, _) = route(opened(FORM))
    assert [(part.number, part.paths, [item.link_id for item in part.items]) for part in first.parts] == [
        (2, ("ondt",), ["velkommen", "ondt"]),
        (4, ("mere",), ["meget", "mere"]),
    ]


def test_a_question_at_the_top_is_a_topic_by_itself():
    stops = route(opened(definition(yes_no("a"), yes_no("b"))))
    assert [(stop.number, stop.title.da) for stop in stops] == [(1, "a?"), (2, "b?")]
