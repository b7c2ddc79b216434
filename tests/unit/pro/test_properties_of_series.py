"""What holds of every series, whatever was answered."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from kommunalpro.pro.series import Series
from tests.spec.forms import NOTHING, form
from tests.spec.series import answered, by_id
from tests.spec.views import view

VERSIONS = tuple(
    form(f"weight: quantity\npain: integer; from 0 to {high}; red >= 7; green <= 3\nsleep: integer; from 0 to 10")
    for high in (10, 100)
)
WRITTEN = "score total: sum of pain, sleep; scale 0 to 200; high is worse; important 3\ntopic body: -pain, sleep; total"
IN_FORCE = view(WRITTEN)
EARLIER = WRITTEN.replace("important 3", "times 2")

quickly = settings(max_examples=30, deadline=None)
numbers = st.integers(0, 10).map(str)
written = st.fixed_dictionaries(
    {},
    optional={
        "weight": st.builds("{} {}".format, st.integers(1, 90000), st.sampled_from(["kg", "g"])),
        "pain": numbers,
        "sleep": numbers,
    },
).map(lambda given: ", ".join(f"{link_id}: {value}" for link_id, value in given.items()) or NOTHING)
by = st.sampled_from([(None, "2.0"), (WRITTEN, "2.0"), (EARLIER, "1.0")])


@st.composite
def responses(draw, least=0, most=6):
    """Make responses in two versions of a questionnaire, some without a record, some by an earlier rule."""
    made = []
    for day in range(draw(st.integers(least, most))):
        rule, version = draw(by)
        asked = draw(st.sampled_from(VERSIONS))
        made.append(answered(day, asked, draw(written), by=rule, version=version))
    return made


def points(series: Series, without: str = "") -> list[object]:
    return [point for point in series.points if point.response != without]


@quickly
@given(responses(), st.randoms(use_true_random=False))
def test_the_order_in_which_responses_are_given_does_not_matter(made, random):
    mixed = random.sample(made, len(made))
    assert by_id(mixed, IN_FORCE) == by_id(made, IN_FORCE)


@quickly
@given(responses(least=1), st.data())
def test_a_gap_more_changes_no_other_point_and_not_the_way_from_start_to_end(made, data):
    day = data.draw(st.integers(0, len(made) - 1))
    empty = answered(0, made[day].form, NOTHING, by=WRITTEN)
    at, name = made[day].at + timedelta(hours=1), "urn:gap"
    gap = type(empty)(at, name, empty.base, empty.form, empty.answers, empty.record)
    before, after = by_id(made, IN_FORCE), by_id([*made, gap], IN_FORCE)
    for id, series in before.items():
        assert points(after[id], without=name) == points(series)
        start, then = series.from_start, after[id].from_start
        assert (start and (start.amount, start.course)) == (then and (then.amount, then.course))


@quickly
@given(st.lists(st.none() | st.integers(0, 10), max_size=6))
def test_the_way_back_is_the_negative_of_the_way(values):
    forth, back = _from_start(values), _from_start(values[::-1])
    assert (forth is None) is (back is None)
    if forth is not None and back is not None:
        opposite = {"better": "worse", "worse": "better", "unchanged": "unchanged"}
        assert (forth.amount, forth.course) == (-back.amount, opposite[back.course])


def _from_start(values):
    given = [NOTHING if value is None else f"pain: {value}" for value in values]
    made = [answered(day, VERSIONS[0], each, by=WRITTEN) for day, each in enumerate(given)]
    return by_id(made, IN_FORCE)["pain"].from_start if made else None


@quickly
@given(responses())
def test_nothing_is_compared_that_is_measured_otherwise(made):
    for series in by_id(made, IN_FORCE).values():
        for change in filter(None, (series.since_last, series.from_start)):
            if change.amount is not None:
                assert change.before.given.measure == change.after.given.measure == series.measure
                assert change.amount == change.after.given.value - change.before.given.value


@quickly
@given(responses())
def test_values_and_lights_are_those_of_record(made):
    """A score is shown as it was recorded, whatever the rule in force would make of the answers now."""
    by_response = {each.response: each for each in made}
    series = by_id(made, IN_FORCE)
    for point in series["total"].points if series else ():
        record = by_response[point.response].record
        score = record.scores["total"] if record else None
        assert (point.given.value if point.given else None) == (score.value if score else None)
        assert point.light.code == (score.light.code if score else "not-assessed")
    for point in series["body"].points if series else ():
        record = by_response[point.response].record
        assert point.light.code == (record.topics[0].light.code if record else "not-assessed")


@quickly
@given(responses())
def test_what_is_unknown_is_a_gap_with_a_reason_and_never_a_zero(made):
    for series in by_id(made, IN_FORCE).values():
        for point in series.points:
            if series.is_of_lights:
                assert (point.gap is None) is (point.light.code != "not-assessed")
            else:
                assert (point.gap is None) is (point.value is not None)


@quickly
@given(responses(least=1), st.data())
def test_until_a_response_a_series_is_what_it_was_when_that_one_came(made, data):
    last = data.draw(st.integers(0, len(made) - 1))
    now, then = by_id(made, IN_FORCE), by_id(made[: last + 1], IN_FORCE)
    for id, series in now.items():
        if id in then and id != "total":
            assert series.until(made[last].response) == then[id]


def test_a_change_is_exact():
    asked = form("a: decimal")
    made = [answered(day, asked, f"a: {value}") for day, value in enumerate(("0.1", "0.3"))]
    change = by_id(made)["a"].since_last
    assert change is not None
    assert change.amount == Decimal("0.2")
