"""Whatever goes wrong is said in Danish, with the right status, all at once, and with nothing lost or given away."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import override_settings

from kommunalpro.config import wiring
from tests.unit.web.shared.conftest import words

pytestmark = pytest.mark.usefixtures("wrong_pages")
WRITTEN = "Talte med borgeren i telefon, vi ses torsdag."


@pytest.fixture
def wrong_pages():
    with override_settings(ROOT_URLCONF="tests.unit.web.shared.addresses"):
        yield


def test_all_issues_of_an_error_stand_on_the_page(visit):
    response = visit().get("/galt/to/")
    assert response.status_code == 422
    assert "Datoen mangler." in words(response)
    assert "Navnet er for langt." in words(response)


def test_what_somebody_wrote_is_shown_again(visit):
    response = visit().post("/galt/aendret/", {"note": WRITTEN, "stamped_name": "Nancy Ann Berggren"})
    assert response.status_code == 412
    assert "En kollega har taget opgaven." in words(response)
    assert WRITTEN in words(response)
    assert "<blockquote" in words(response)
    assert "Nancy" not in words(response)


def test_what_is_written_is_never_run(visit):
    page = words(visit().post("/galt/aendret/", {"note": "<script> alert(1) </script>"}))
    assert "<script> alert" not in page
    assert "&lt;script&gt; alert(1)" in page


def test_developers_words_do_not_reach_people(visit):
    assert "version 2" not in words(visit().get("/galt/aendret/"))


IN_DOUBT = {
    "da": ("Vi ved ikke, om det blev gjort", "se, om det er gjort, før du gør det", "Det er måske ikke gemt."),
    "en": ("We do not know whether it was done", "see whether it has been done before", "It may not have been saved."),
}


@pytest.mark.parametrize("language", IN_DOUBT)
def test_what_may_have_been_done_is_not_said_to_be_undone(visit, language):
    heading, *told = IN_DOUBT[language]
    asta = visit("asta")
    asta.cookies["django_language"] = language
    response = asta.post("/galt/uvist/", {"note": WRITTEN})
    assert response.status_code == 503
    for text in (f"<h1>{heading}</h1>", *told, WRITTEN):
        assert text in words(response)
    assert "Det, du har gemt, er der stadig" not in words(response)


def test_whoever_must_log_in_is_sent_there_is_told_why_and_comes_back(visit):
    client = visit("asta")
    answer = client.get("/galt/ude/")
    assert answer.url == "/log-ind/?ubekraeftet=1&videre=%2Fgalt%2Fude%2F"
    assert "Vi kunne ikke bekræfte dit login. Log ind igen." in words(client.get(answer.url))
    assert "Vi kunne ikke bekræfte" not in words(client.get("/log-ind/"))
    pressed = client.post("/galt/ude/")
    assert pressed.status_code == 403
    assert "Log ind igen, og se, om det er gjort, før du gør det om." in words(pressed)


def test_who_was_logged_out_elsewhere_while_they_wrote_can_copy_it(visit):
    """The page had begun its work: nobody can tell how far it came."""
    answer = visit("asta").post("/galt/ude/", {"note": WRITTEN})
    assert answer.status_code == 403
    for text in ("Vi ved ikke, om det blev gjort", "Du er logget af.", "Det er måske ikke gemt.", WRITTEN):
        assert text in words(answer)
    assert "Intet er gemt" not in words(answer)


@pytest.mark.parametrize(("who", "advice"), [("asta", "tal med din leder"), ("nancy", "kontakt din kommune")])
def test_who_has_no_access_is_told_whom_they_can_ask(visit, who, advice):
    answer = visit(who).get("/galt/adgang/")
    assert answer.status_code == 403
    assert advice in words(answer)


def test_a_page_that_cannot_be_read_is_not_said_not_to_be_saved(visit):
    assert "<h1>Siden kan ikke vises</h1>" in words(visit("asta").get("/galt/laest/"))
    assert "<h1>Det kunne ikke gemmes</h1>" in words(visit("asta").post("/galt/laest/"))


@pytest.mark.parametrize(("how", "said"), [
    ("laest", "It could not be fetched."), ("adgang", "You do not have access to do that."),
    ("kode", "Task.for must be the patient of the EpisodeOfCare."),
    ("ord", "A colleague has changed the task since you opened the page."),
    ("uvist", "We got no answer. It may have been done all the same."),
])  # fmt: skip
def test_what_a_service_says_no_with_is_english_on_an_english_page(visit, how, said):
    asta = visit("asta")
    asta.cookies["django_language"] = "en"
    page = words(asta.get(f"/galt/{how}/"))
    assert said in page
    assert "HAPI" not in page


@pytest.mark.parametrize(("path", "status", "heading"), [
    ("/findes-ikke/", 404, "Siden findes ikke"),
    ("/log-ud/", 405, "Siden kan ikke åbnes på den måde"),
    ("/galt/ukendt/", 500, "Noget gik galt hos os"),
])  # fmt: skip
def test_each_kind_of_trouble_has_its_page(visit, path, status, heading):
    response = visit("asta").get(path)
    assert response.status_code == status
    assert f"<h1>{heading}</h1>" in words(response)
    assert "Asta Holm" in words(response)


def test_a_crash_gives_a_page_and_nothing_of_the_inside(visit):
    response = visit(raise_request_exception=False).post("/galt/styrt/", {"note": WRITTEN})
    assert response.status_code == 500
    assert "Noget gik galt hos os" in words(response)
    assert WRITTEN in words(response)
    for inside in ("secret", "ZeroDivisionError", "Traceback"):
        assert inside not in words(response)


def test_without_a_database_there_is_still_a_page(visit, monkeypatch):
    def away():
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(wiring, "gateway", away)
    response = visit(raise_request_exception=False).get("/medarbejder/")
    assert response.status_code == 500
    assert "Noget gik galt hos os" in words(response)
    assert "closed the connection" not in words(response)


def test_a_lost_csrf_token_is_told_with_what_was_written(visit):
    response = visit(enforce_csrf_checks=True).post(
        "/log-ind/", {"person": "asta", "note": WRITTEN}, headers={"Origin": "http://testserver"}
    )
    assert response.status_code == 403
    for text in ("Det blev ikke gemt eller sendt", "Siden har ligget for længe", WRITTEN):
        assert text in words(response)


def test_what_a_foreign_page_sent_is_not_shown(visit):
    response = visit(enforce_csrf_checks=True).post(
        "/log-ind/", {"note": WRITTEN}, headers={"Origin": "http://example.com"}
    )
    assert response.status_code == 403
    assert WRITTEN not in words(response)


@override_settings(REQUEST_LIMIT=2_000)
def test_a_form_that_is_larger_than_is_taken_in_is_refused_whole(visit):
    response = visit().post("/galt/aendret/", {"fil": SimpleUploadedFile("plan.zip", b"x" * 3_000)})
    assert response.status_code == 413
    assert "Det fylder for meget" in words(response)
