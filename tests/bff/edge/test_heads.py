"""A request's headers, read once, say what Starlette's own say."""

from starlette.datastructures import Headers

from bff.edge.heads import HeadRead

GIVEN = [
    (b"accept", b"a"),
    (b"cookie", b"x=1"),
    (b"accept", b"b"),
    (b"empty", b""),
    (b"name", "é".encode("latin-1")),
]


def test_they_say_what_starlettes_say() -> None:
    ours = HeadRead({"type": "http", "headers": GIVEN}).headers
    theirs = Headers(raw=GIVEN)
    for name in ("accept", "Accept", "cookie", "empty", "name", "absent"):
        assert ours.get(name, "none") == theirs.get(name, "none")
        assert ours.getlist(name) == theirs.getlist(name)
        assert (name in ours) is (name in theirs)
    assert ours["accept"] == theirs["accept"] == "a"
    assert ours == theirs


def test_what_is_given_out_is_nobody_elses() -> None:
    headers = HeadRead({"type": "http", "headers": GIVEN}).headers
    headers.getlist("accept").clear()
    assert headers.getlist("accept") == ["a", "b"]
