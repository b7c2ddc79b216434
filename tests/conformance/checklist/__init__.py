"""The checklist of FUT, item by item, over HTTP: `docs/reference/checklist.md` is made from these tests."""
