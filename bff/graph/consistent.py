"""Consistency tokens: how the API hands them out, and takes them."""

from typing import Annotated

import strawberry

from bff.consistency import BadTokenError, Token
from bff.graph.context import Context
from bff.graph.errors import bad_input
from schema.views import OrderView

TOKENS_AT_MOST = 20
EXTENSION = "consistencyToken"

OF_AN_ANSWER = (
    "A consistency token. Pass it to `order` or `myOrders` (as their argument, or as the header "
    "X-Consistency-Token): they then show nothing older than this. The response's "
    "`extensions.consistencyToken` says it too."
)

ConsistencyToken = Annotated[
    str | None,
    strawberry.argument(
        description="What placeOrder or cancelOrder gave me, several with commas in between: what is shown "
        "is no older than their answers; after a short wait in vain it says that it is `stale`."
    ),
]


def hand_out(context: Context, view: OrderView) -> str:
    """The token of what a command has answered; also to be found in the response's `extensions`."""
    token = Token.of(view).text()
    before = context.extensions.get(EXTENSION)
    context.extensions[EXTENSION] = f"{before},{token}" if before else token
    return token


def taken(context: Context, argument: str | None) -> list[Token]:
    """What the client has seen done. Raises a CodedError (BAD_USER_INPUT)."""
    said = [each.strip() for each in (argument or "").split(",", TOKENS_AT_MOST + 1)]
    texts = list(dict.fromkeys(each for each in (*said, *context.consistency_tokens) if each))
    if len(texts) > TOKENS_AT_MOST:
        raise bad_input(f"At most {TOKENS_AT_MOST} consistency tokens at once.")
    try:
        return [Token.read(text) for text in texts]
    except BadTokenError as error:
        raise bad_input("That is no consistency token.") from error
