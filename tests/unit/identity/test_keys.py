"""Keys lie outside the database, for their owner's eyes only, and are never replaced."""

import pytest

from kommunalpro.identity.keys import (
    AUDIT_KEY,
    DEMO_SECRET,
    SIGNING_KEY,
    KeyProblem,
    make_keys,
    read_audit_key,
    read_demo_secret,
    read_signing_key,
)


def test_keys_are_made_once(tmp_path):
    directory = tmp_path / "keys"
    assert set(make_keys(directory)) == {SIGNING_KEY, AUDIT_KEY, DEMO_SECRET}
    first = read_signing_key(directory).kid, read_audit_key(directory), read_demo_secret(directory)
    assert make_keys(directory) == ()
    assert first == (read_signing_key(directory).kid, read_audit_key(directory), read_demo_secret(directory))


def test_nobody_else_can_read_them(tmp_path):
    make_keys(tmp_path / "keys")
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}


@pytest.mark.parametrize(("name", "read"), [(SIGNING_KEY, read_signing_key), (AUDIT_KEY, read_audit_key)])
def test_a_key_that_others_can_read_is_refused(tmp_path, name, read):
    make_keys(tmp_path)
    (tmp_path / name).chmod(0o644)
    with pytest.raises(KeyProblem, match="chmod 600"):
        read(tmp_path)


@pytest.mark.parametrize(("name", "read"), [(SIGNING_KEY, read_signing_key), (AUDIT_KEY, read_audit_key)])
def test_a_missing_or_broken_key_says_so(tmp_path, name, read):
    with pytest.raises(KeyProblem, match="kommunalpro migrate"):
        read(tmp_path)
    (tmp_path / name).write_bytes(b"x")
    (tmp_path / name).chmod(0o600)
    with pytest.raises(KeyProblem):
        read(tmp_path)
