"""Who sees what: another team sees nothing, two tabs are never mixed up, and roles keep to their rooms."""

from tests.people import ASTA, BO, EVA, KIM, LIS, NANCY, TJOERN
from tests.system.browser import Tab, Visitor
from tests.system.stories import Visits, everywhere, is_at, is_chosen, logs_in, write


@everywhere
def test_a_nurse_of_another_team_sees_nothing_of_the_citizen(visitor: Visits):
    asta = logs_in(visitor(), ASTA).open("/medarbejder/")
    asta.follow(given_a_citizen_on_the_list(asta))
    address = asta.page.url
    for outsider in (BO, KIM):
        tab = logs_in(visitor(), outsider)
        assert NANCY.name not in tab.page.content()
        tab.open(address)
        assert tab.status == 404
        tab.does_not_read(NANCY.name, NANCY.cpr, "Smerte")


@everywhere
def test_who_is_in_two_teams_chooses_one_and_sees_that_teams_citizens_alone(visitor: Visits):
    eva = logs_in(visitor(), EVA)
    assert eva.heading() == "Hvilket team arbejder du i nu?"
    eva.follow("Sundhedscenter Syd")
    in_syd = given_the_citizens_on_the_list(eva)
    eva.follow("Sundhedscenter Syd").follow("Sundhedscenter Nord")
    in_nord = given_the_citizens_on_the_list(eva)
    assert NANCY.name in in_nord
    assert in_syd
    assert in_syd.isdisjoint(in_nord)


@everywhere
def test_what_a_nurse_wrote_when_she_was_logged_out_can_be_copied(visitor: Visits):
    browser = visitor()
    asta = given_a_nurse_is_logged_out_while_she_writes(browser)
    asta.follow("Afslut opgave", within="Den automatiske vurdering bevares")
    assert (asta.status, asta.heading()) == (403, "Det blev ikke gemt eller sendt")
    asta.reads("Du er logget af.", "Talt i telefon. Vi ses torsdag.")
    is_chosen(browser, asta.follow("Gå til forsiden"), ASTA)
    assert asta.heading() == "Arbejdsliste"


@everywhere
def test_what_one_nurse_wrote_is_not_stored_under_the_name_of_the_next_at_the_computer(visitor: Visits):
    browser = visitor()
    asta = given_a_nurse_is_logged_out_while_she_writes(browser)
    eva = logs_in(browser, EVA).follow("Sundhedscenter Nord")
    asta.follow("Afslut opgave", within="Den automatiske vurdering bevares")
    assert (asta.status, asta.heading()) == (409, "Nu er en anden logget ind")
    asta.reads("åbnet af Asta Holm", "Talt i telefon. Vi ses torsdag.")
    eva.follow(given_a_citizen_on_the_list(eva)).does_not_read("Talt i telefon")


def test_a_nurse_who_finds_another_teams_citizen_is_shown_the_name_and_no_answers(visitor: Visits):
    bo = logs_in(visitor(), BO).open("/medarbejder/borgere/find/")
    write(bo, "CPR-nummer", "251248-9996")
    bo.follow("Find borger")
    bo.reads(NANCY.name).does_not_read("Smerte", "Hverdagen med kronisk sygdom")


def test_a_form_made_for_one_citizen_is_refused_at_the_other(visitor: Visits):
    asta = visitor()
    nancy, tjoern = given_two_tabs(asta)
    when_the_form_of_one_tab_is_posted_at_the_address_of_the_other(nancy, tjoern)
    assert nancy.status == 409
    nancy.reads(NANCY.name, TJOERN.name, "Intet er gemt.")


def test_two_tabs_each_keep_their_citizen(visitor: Visits):
    asta = visitor()
    nancy, tjoern = given_two_tabs(asta)
    nancy.page.reload()
    for tab, name, other in ((nancy, NANCY.name, TJOERN.name), (tjoern, TJOERN.name, NANCY.name)):
        header = " ".join(tab.page.locator("header").all_inner_texts())
        assert name in header
        assert other not in header


def test_a_citizen_does_not_come_into_the_rooms_of_staff(visitor: Visits):
    nancy = logs_in(visitor(), NANCY)
    for path in ("/medarbejder/", "/administration/spoergeskemaer/", "/kam/planer/"):
        nancy.open(path)
        assert nancy.status == 403
        nancy.reads("Siden er for medarbejdere.")


def test_staff_do_not_come_into_the_citizens_room(visitor: Visits):
    asta = logs_in(visitor(), ASTA).open("/borger/")
    assert asta.status == 403


@everywhere
def test_whoever_is_not_logged_in_is_asked_to_and_then_comes_where_they_were_going(visitor: Visits):
    asta = visitor()
    tab = asta.tab().open("/medarbejder/borgere/find/")
    is_at(tab, "/log-ind/")
    is_chosen(asta, tab, ASTA)
    is_at(tab, "/medarbejder/borgere/find/")


def test_the_editor_reads_questionnaires_and_plans(visitor: Visits):
    lis = logs_in(visitor(), LIS).open("/administration/spoergeskemaer/")
    lis.follow("Hverdagen med kronisk sygdom – bredt samtaleskema")
    lis.reads("Smerte", "Vises, når")
    for path in ("/administration/visninger/", "/administration/vejledninger/", "/kam/", "/kam/team/"):
        lis.open(path)
        assert lis.status == 200


def given_a_nurse_is_logged_out_while_she_writes(browser: Visitor) -> Tab:
    asta = logs_in(browser, ASTA).open("/medarbejder/")
    asta.follow(given_a_citizen_on_the_list(asta))
    write(asta, "Note", "Talt i telefon. Vi ses torsdag.")
    browser.tab().open("/medarbejder/").follow("Log af")
    return asta


def given_a_citizen_on_the_list(asta: Tab) -> str:
    return asta.page.locator(".staff-row a").first.inner_text()


def given_two_tabs(asta) -> tuple[Tab, Tab]:  # type: ignore[no-untyped-def]
    """Asta has Nancy's send page in one tab and Tjørn's in another."""
    tabs = []
    logs_in(asta, ASTA)
    for cpr in ("251248-9996", "291053-4703"):
        tab = asta.tab().open("/medarbejder/borgere/find/")
        write(tab, "CPR-nummer", cpr)
        tab.follow("Find borger")
        tabs.append(tab.follow("Send spørgeskema"))
    return tabs[0], tabs[1]


def when_the_form_of_one_tab_is_posted_at_the_address_of_the_other(one: Tab, other: Tab) -> None:
    address = other.page.url
    with one.page.expect_navigation() as arrival:
        one.page.evaluate(
            """(address) => {
                 const form = document.querySelector("main form");
                 form.setAttribute("action", address);
                 HTMLFormElement.prototype.submit.call(form);
               }""",
            address,
        )
    response = arrival.value
    one.status = response.status if response else 0


def given_the_citizens_on_the_list(tab: Tab) -> set[str]:
    assert tab.heading() == "Arbejdsliste"
    return set(tab.open("/medarbejder/?fane=alle").page.locator(".staff-row a").all_inner_texts())
