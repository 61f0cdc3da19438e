"""The other addresses of the gateway: what takes tokens back, what watches it, and what is not there."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from tests.hostile.attacks import ANSWERED, EITHER, REFUSED, Attack, request
from tests.hostile.corpus_tokens import place
from tests.hostile.forged import SECRET_TOKENS

FORM: Final[Mapping[str, str | None]] = {"content-type": "application/x-www-form-urlencoded"}
SIGN_OUT = b'{"customerId": "customer-2"}'
SOME = ("expired", "alg none")
NOT_OURS = frozenset({401, 403})


def revokes(name: str, body: bytes, statuses: frozenset[int] = REFUSED) -> Attack:
    """What is said to POST /auth/revoke."""
    return Attack(f"revoke: {name}", (request(body, FORM, target="/auth/revoke"),), statuses)


def signs_out(name: str, authorization: str | None, body: bytes = SIGN_OUT) -> Attack:
    """Somebody who is no service, at POST /auth/sign-out."""
    whole = request(body, {"authorization": authorization}, target="/auth/sign-out")
    return Attack(f"sign-out: {name}", (whole,), NOT_OURS)


def never_whole(target: str) -> Attack:
    """A body that is announced, and does not come."""
    whole = request(b"{", target=target, length=99)
    return Attack(f"{target}: half a body", (whole,), REFUSED, may_hang_up=True)


DOORS: Final[list[Attack]] = [
    revokes("nothing", b""),
    revokes("no token", b"x=y"),
    revokes("two tokens", b"token=a&token=b"),
    revokes("a thousand fields", b"&".join(b"a%d=b" % number for number in range(1000))),
    revokes("no UTF-8", b"token=\xff\xfe", EITHER),
    revokes("no UTF-8, encoded", b"token=%ff%fe%00", EITHER),
    revokes("JSON", b'{"token": "x"}'),
    revokes("too much", b"token=" + b"x" * 100_000),
    revokes("nested without end", b"token[a]" + b"[a]" * 1000 + b"=x"),
    *(revokes(f"a token {name}", f"token={quote(place(name))}".encode(), EITHER) for name in SOME),
    signs_out("nobody", None),
    signs_out("a customer", "Bearer <TOKEN>"),
    signs_out("a customer, of everybody", "Bearer <TOKEN>", b'{"customerId": {"$ne": ""}}'),
    signs_out("nonsense", "Bearer nonsense"),
    *(signs_out(f"token {name}", f"Bearer {place(name)}") for name in SECRET_TOKENS),
    *(
        Attack(f"GET {path}", (request(b"", {"content-length": None}, method="GET", target=path),), statuses)
        for path, statuses in (
            ("/healthz", ANSWERED),
            ("/readyz", ANSWERED),
            ("/metrics", ANSWERED),
            ("/auth/revoke", REFUSED),
            ("/auth/sign-out", REFUSED),
            ("/dev/token", REFUSED),
            ("/feed", REFUSED),
            ("/healthz/../left", REFUSED),
            ("/graphiql", EITHER),
            ("/", EITHER),
            ("/orders/..%2f..%2fetc%2fpasswd", EITHER),
            ("/assets/../../settings.py", REFUSED),
            ("/assets/%2e%2e/index.html", REFUSED),
            ("/assets/..%5c..%5cpages.py", REFUSED),
            ("/assets//etc/passwd", REFUSED),
            ("/assets/", REFUSED),
            ("/assets/%00", REFUSED),
            ("/ops", EITHER),
            ("/metrics?name[]=x", EITHER),
        )
    ),
    *(
        Attack(f"POST {path}", (request(b'{"customerId": "customer-2"}', target=path),))
        for path in ("/healthz", "/readyz", "/dev/token", "/feed", "/rebuild", "/sandbox", "/orders")
    ),
    *map(never_whole, ("/auth/revoke", "/graphql", "/dev/token", "/metrics")),
    *(
        Attack(f"{path}: gone in the body", (request(b"{", target=path, length=99),), leaves=True)
        for path in ("/auth/revoke", "/auth/sign-out", "/graphql", "/dev/token")
    ),
]
