"""The page of FUT's checklist is made of its tests, and no item is without one."""

import sys
from collections.abc import Iterator

import pytest

from tests.conformance.checklist.items import ITEMS
from tests.unit.house.sources import PROJECT

TESTS = PROJECT / "tests" / "conformance"
AN_ITEM = "import pytest\n\n\n@pytest.mark.checklist({number})\ndef test_it_holds():\n    assert 1 + 1 == 2\n"


@pytest.fixture
def scripts() -> Iterator[None]:
    """The scripts, which are no package, can be imported."""
    sys.path.insert(0, str(PROJECT / "scripts"))
    yield
    sys.path.remove(str(PROJECT / "scripts"))


def test_the_checklist_has_the_items_of_the_guide():
    assert list(ITEMS) == list(range(1, 30))


def test_every_item_is_held_by_a_test_and_the_page_says_by_which(scripts):
    from describe_checklist import checklist_page

    page = checklist_page(TESTS)
    assert (PROJECT / "docs" / "reference" / "checklist.md").read_text(encoding="utf-8") == page
    for number, item in ITEMS.items():
        section = page.partition(f"## {number}. {item.subject}\n")[2].partition("\n## ")[0]
        assert "\n- " in section, number


def test_an_item_that_no_test_holds_makes_no_page(scripts, tmp_path):
    from describe_checklist import checklist_page

    (tmp_path / "test_one.py").write_text(AN_ITEM.format(number=1), encoding="utf-8")
    with pytest.raises(ValueError, match=r"No test over HTTP names these items of the checklist: \[2, 3, "):
        checklist_page(tmp_path)


def test_a_test_of_an_item_that_there_is_not_makes_no_page(scripts, tmp_path):
    from describe_checklist import checklist_page

    (tmp_path / "test_one.py").write_text(AN_ITEM.format(number=30), encoding="utf-8")
    with pytest.raises(ValueError, match="test_it_holds names item 30, which is not in the checklist"):
        checklist_page(tmp_path)
