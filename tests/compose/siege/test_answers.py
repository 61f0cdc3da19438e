"""What the gateway can answer, told apart."""

import pytest

from compose.siege.answers import Answer, read

ORDER = b'{"data": {"placeOrder": {"__typename": "%s", "order": {"id": "o-1"}}}}'


@pytest.mark.parametrize(
    ("status", "body", "meant"),
    [
        (200, ORDER % b"OrderPlaced", Answer("OrderPlaced", "o-1")),
        (200, ORDER % b"PaymentPending", Answer("PaymentPending", "o-1")),
        (200, ORDER % b"PaymentDeclined", Answer("PaymentDeclined", "o-1")),
        (
            200,
            b'{"data": {"placeOrder": {"__typename": "PaymentUnavailable", "retryAfterMs": 1500}}}',
            Answer("PaymentUnavailable", retry_after=1.5),
        ),
        (200, b'{"data": {"placeOrder": {"__typename": "InvalidOrder"}}}', Answer("InvalidOrder")),
        (429, b'{"errors": [{"extensions": {"code": "RATE_LIMITED"}}]}', Answer("RATE_LIMITED")),
        (200, b'{"data": null, "errors": [{"extensions": {"code": "X"}}]}', Answer("X")),
        (503, b"Service Unavailable", Answer("HTTP 503")),
        (500, ORDER % b"OrderPlaced", Answer("HTTP 500")),
        (200, b"", Answer("malformed")),
        (200, b"[]", Answer("malformed")),
        (200, b'{"data": {"placeOrder": {"__typename": "OrderPlaced"}}}', Answer("malformed")),
        (200, b'{"errors": [{}]}', Answer("malformed")),
    ],
)
def test_an_answer_is_an_outcome_a_code_or_a_status(status: int, body: bytes, meant: Answer) -> None:
    assert read(status, body) == meant
