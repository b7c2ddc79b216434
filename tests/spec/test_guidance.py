"""Guidance

ActionGuidance says what staff can do about a topic and its light: pieces of advice, and local offers. Conditions on
answers (`if dog = yes`) or scores (`#total`) may narrow it. National guidance and the organisation's own stand side by
side; local guidance names what it replaces.
"""

from datetime import date

from tests.spec.advice import advised
from tests.spec.tables import table

RULES = "; red >= 7; yellow >= 4 and <= 6; green <= 3"
ASKED = f"pain: integer{RULES}\nsleep: integer{RULES}\ndog: boolean\nwhere: choice; repeats; of knee/back\nnote: text"
TOPICS = "score total: sum of pain, sleep\ntopic pain: pain\ntopic sleep: sleep\ntopic words: note"


def given_for(text, given, local=None, **more):
    return ", ".join(each.id for each in advised(ASKED, TOPICS, given, text, local, **more)) or "–"


@table(
    """
    advice                           | answers           | applies
    advice walk: pain; red           | pain: 8           | walk
    advice walk: pain; red           | pain: 5           | –
    advice walk: pain; red           | pain: 1, sleep: 8 | –
    advice walk: pain; red, yellow   | pain: 5           | walk
    advice walk: pain; green         | pain: 1           | walk
    advice walk: pain; not assessed  | –                 | walk
    advice walk: words; not assessed | note: Træt        | walk
    advice walk: diet; red           | pain: 8           | –
    offer course: pain, sleep; red   | pain: 8, sleep: 1 | course
    offer course: pain, sleep; red   | pain: 1, sleep: 1 | –
""",
    form=f"{ASKED}\n\n{TOPICS}",
)
def test_advice_applies_by_topic_and_light(advice, answers, applies):
    assert given_for(advice, answers) == applies


@table("""
    condition                  | answers               | applies
    dog = yes                  | dog: yes              | yes
    dog = yes                  | dog: no               | no
    dog = yes                  | –                     | no
    dog != yes                 | dog: no               | yes
    dog != yes                 | –                     | no
    dog exists yes             | dog: no               | yes
    dog exists yes             | –                     | no
    dog exists no              | –                     | yes
    dog exists no              | dog: yes              | no
    where = knee               | where: knee + back    | yes
    where = knee               | where: back           | no
    where != knee              | where: knee + back    | no
    where != knee              | where: back           | yes
    sleep >= 7                 | sleep: 7              | yes
    sleep >= 7                 | sleep: 6              | no
    sleep < 7                  | sleep: 6              | yes
    dog = yes and where = knee | dog: yes, where: knee | yes
    dog = yes and where = knee | dog: yes, where: back | no
    #total >= 10               | sleep: 2              | yes
    #total >= 10               | sleep: 1              | no
    #total >= 10               | –                     | no
    #total != 10               | sleep: 3              | yes
    #total != 10               | sleep: 2              | no
    #total != 10               | –                     | no
    #total exists yes          | sleep: 1              | yes
    #total exists no           | –                     | yes
    #total exists no           | sleep: 1              | no
    #other exists no           | sleep: 1              | yes
    #other >= 1                | sleep: 1              | no
    #total = many              | sleep: 1              | no
    dog = 7                    | dog: yes              | no
    note = Træt                | note: Træt            | yes
""")
def test_all_conditions_must_hold_beside_the_light(condition, answers, applies):
    """`!=` and its like need an answer. The pain is 8 throughout, and red."""
    given = f"pain: 8, {answers}"
    assert (given_for(f"advice walk: pain; red; if {condition}", given) == "walk") == (applies == "yes")


@table("""
    guidance                                                      | order
    advice a: pain; red; advice b: sleep; yellow                  | a, b
    advice a: sleep; yellow; advice b: pain; red                  | b, a
    advice a: pain; red; rank 20; advice b: pain; red; rank 10    | b, a
    advice a: pain; red; advice b: pain; red; rank 10             | b, a
    advice a: sleep; yellow; rank 1; advice b: pain; red; rank 99 | b, a
    advice b: pain; red; advice a: pain; red                      | a, b
""")
def test_the_most_pressing_light_comes_first_then_the_rank_then_the_order_of_topics(guidance, order):
    """Without a rank it is 100. Pain is red here, and sleep yellow."""
    text = guidance.replace("; advice", "\nadvice")
    assert given_for(text, "pain: 8, sleep: 5") == order


def test_advice_on_equal_lights_comes_in_the_order_of_the_topics():
    assert given_for("advice a: sleep; red\nadvice b: pain; red", "pain: 8, sleep: 8") == "b, a"


def test_an_offer_for_several_topics_stands_there_once_with_those_it_applies_to():
    (offer,) = advised(ASKED, TOPICS, "pain: 5, sleep: 8", "offer course: pain, sleep, words; red, yellow")
    assert (offer.kind, offer.topics, offer.light.code) == ("offer", ("sleep", "pain"), "red")
    assert offer.because.da == "Fordi Sleep er rød og Pain er gul"
    assert offer.because.en == "Because Sleep is red and Pain is yellow"


@table("""
    starts     | today      | offered
    2026-12-01 | 2026-11-23 | yes
    2026-11-23 | 2026-11-23 | yes
    2026-11-22 | 2026-11-23 | no
""")
def test_an_offer_that_has_begun_is_not_offered(starts, today, offered):
    found = given_for(f"offer course: pain; red; starts {starts}", "pain: 8", today=date.fromisoformat(today))
    assert (found == "course") == (offered == "yes")


def test_an_offer_without_a_first_day_is_always_offered_and_keeps_its_places():
    (offer,) = advised(ASKED, TOPICS, "pain: 8", "offer course: pain; red; places 12; contact Sundhedshuset")
    assert offer.offer is not None
    assert (offer.offer.starts, offer.offer.places, offer.offer.contact) == (None, 12, "Sundhedshuset")


@table("""
    national            | local                              | given
    advice a: pain; red | –                                  | a national
    –                   | advice b: pain; red                | b local
    advice a: pain; red | advice b: pain; red                | a national, b local
    advice a: pain; red | advice b: pain; red; replaces a    | b local
    advice a: pain; red | advice b: pain; yellow; replaces a | –
    advice a: pain; red | advice a: pain; red; replaces a    | a local
    advice a: pain; red | replaces a                         | –
    advice a: pain; red | replaces other                     | a national
    –                   | –                                  | –
""")
def test_local_guidance_stands_beside_national_and_for_what_it_replaces(national, local, given):
    """What is replaced is gone, also where its replacement does not apply."""
    own = None if local == "–" else local.replace("; replaces", "\nreplaces")
    found = advised(ASKED, TOPICS, "pain: 8", None if national == "–" else national, own)
    assert (", ".join(f"{each.id} {each.level}" for each in found) or "–") == given


@table("""
    guidance                          | because
    advice a: pain; red               | Fordi Pain er rød
    advice a: pain; red; if dog = yes | Fordi Pain er rød, og på grund af det, der er svaret
    advice a: words; not assessed     | Fordi Words er ikke vurderet
""")
def test_advice_says_why_it_is_given(guidance, because):
    (found,) = advised(ASKED, TOPICS, "pain: 8, dog: yes", guidance)
    assert found.because.da == because
