"""What people read, in Korean and English."""

import re
from typing import Final, Literal

from bff.graph.codes import Code
from schema.requests import MAX_ADDRESS, MAX_QUANTITY, ProblemCode
from schema.views import OrderStatus

Language = Literal["KO", "EN"]
Text = dict[Language, str]

STATUS: Final[dict[OrderStatus, Text]] = {
    OrderStatus.PAYMENT_PENDING: {"KO": "결제 대기", "EN": "Awaiting payment"},
    OrderStatus.PAID: {"KO": "결제 완료", "EN": "Paid"},
    OrderStatus.DELIVERING: {"KO": "배송 시작", "EN": "On its way"},
    OrderStatus.DELIVERED: {"KO": "배송 완료", "EN": "Delivered"},
    OrderStatus.PAYMENT_DECLINED: {"KO": "결제 거절", "EN": "Payment declined"},
    OrderStatus.CANCELED: {"KO": "주문 취소", "EN": "Canceled"},
}

EVENT: Final[dict[str, Text]] = {
    "ORDER_PLACED": {"KO": "주문 접수", "EN": "Order placed"},
    "ORDER_CANCELED": {"KO": "주문 취소", "EN": "Order canceled"},
    "PAYMENT_APPROVED": {"KO": "결제 승인", "EN": "Payment approved"},
    "PAYMENT_DECLINED": {"KO": "결제 거절", "EN": "Payment declined"},
    "PAYMENT_CANCELED": {"KO": "결제 취소", "EN": "Payment canceled"},
    "DELIVERY_STARTED": {"KO": "배송 시작", "EN": "Delivery started"},
    "DELIVERY_COMPLETED": {"KO": "배송 완료", "EN": "Delivery completed"},
    "DELIVERY_CANCELED": {"KO": "배송 취소", "EN": "Delivery canceled"},
    "DELIVERY_RETURN_REQUESTED": {"KO": "반품 요청", "EN": "Return requested"},
}

PROBLEM: Final[dict[ProblemCode, Text]] = {
    ProblemCode.REQUIRED: {"KO": "비워 둘 수 없습니다.", "EN": "It cannot be empty."},
    ProblemCode.TOO_LONG: {"KO": "너무 깁니다.", "EN": "It is too long."},
    ProblemCode.OUT_OF_RANGE: {
        "KO": f"1에서 {MAX_QUANTITY:,}까지 주문할 수 있습니다.",
        "EN": f"It must be from 1 to {MAX_QUANTITY:,}.",
    },
    ProblemCode.UNKNOWN_FRUIT: {"KO": "판매하지 않는 과일입니다.", "EN": "We do not sell this fruit."},
    ProblemCode.KEY_USED_FOR_OTHER_INPUT: {
        "KO": "이 키는 이미 다른 내용의 주문에 쓰였습니다. 새 키로 주문해 주세요.",
        "EN": "This key was already used for an order with other input. Take a new key for a new order.",
    },
    ProblemCode.KEY_OF_CANCELED_ORDER: {
        "KO": "이 키의 주문은 취소되었습니다. 새 키로 다시 주문해 주세요.",
        "EN": "The order of this key was canceled. Take a new key to order again.",
    },
    ProblemCode.NOT_VALID: {"KO": "올바르지 않은 값입니다.", "EN": "It is not valid."},
}

ADDRESS_TOO_LONG: Final[Text] = {
    "KO": f"주소는 {MAX_ADDRESS}자까지 쓸 수 있습니다.",
    "EN": f"An address has at most {MAX_ADDRESS} characters.",
}

PENDING: Final[Text] = {
    "KO": "결제 확인이 늦어지고 있습니다. 곧 자동으로 처리되니 주문 상태를 확인해 주세요.",
    "EN": "Payment is taking longer than usual. It settles by itself: watch the order's status.",
}
DECLINED: Final[Text] = {
    "KO": "결제가 거절되었습니다. 다른 결제 수단으로 다시 주문해 주세요.",
    "EN": "The payment was declined. Please order again with another means of payment.",
}
UNAVAILABLE: Final[Text] = {
    "KO": "지금은 결제가 혼잡합니다. 주문도 결제도 되지 않았으니 잠시 후 다시 시도해 주세요.",
    "EN": "Payment is busy right now. Nothing was ordered or charged: please try again in a moment.",
}
INVALID: Final[Text] = {
    "KO": "입력하신 내용으로는 주문할 수 없습니다.",
    "EN": "This input cannot be ordered.",
}
NOT_FOUND: Final[Text] = {"KO": "주문을 찾을 수 없습니다.", "EN": "There is no such order."}
NOT_CANCELABLE: Final[dict[OrderStatus, Text]] = {
    OrderStatus.DELIVERED: {
        "KO": "이미 배송이 완료되어 취소할 수 없습니다.",
        "EN": "It has been delivered already and cannot be canceled.",
    },
    OrderStatus.PAYMENT_DECLINED: {
        "KO": "결제가 거절된 주문이라 취소할 것이 없습니다.",
        "EN": "Its payment was declined: there is nothing to cancel.",
    },
}
NOT_CANCELABLE_NOW: Final[Text] = {
    "KO": "지금은 취소할 수 없는 주문입니다.",
    "EN": "It cannot be canceled now.",
}

ERROR: Final[dict[Code, Text]] = {
    Code.UNAUTHENTICATED: {
        "KO": "로그인이 필요합니다. 다시 로그인해 주세요.",
        "EN": "Sign in: send a bearer token that is valid.",
    },
    Code.ORDER_NOT_FOUND: {"KO": "그런 주문이 없습니다.", "EN": "You have no such order."},
    Code.STALE_READ: {
        "KO": "방금 하신 일이 아직 반영되지 않았습니다. 잠시 후 다시 확인해 주세요.",
        "EN": "What you have just done does not show yet. Please look again in a moment.",
    },
    Code.SERVICE_UNAVAILABLE: {
        "KO": "지금은 응답할 수 없습니다. 잠시 후 다시 시도해 주세요.",
        "EN": "Something we need does not answer right now. Please try again.",
    },
    Code.INTERNAL_SERVER_ERROR: {
        "KO": "저희 쪽에 문제가 생겼습니다.",
        "EN": "Something went wrong on our side.",
    },
    Code.RATE_LIMITED: {
        "KO": "요청이 너무 많습니다. 잠시 후 다시 시도해 주세요.",
        "EN": "Too many requests. Please try again in a moment.",
    },
    Code.TOO_MANY_CONNECTIONS: {
        "KO": "연결이 너무 많습니다. 다른 창을 닫고 다시 시도해 주세요.",
        "EN": "Too many connections. Please close another window and try again.",
    },
}
"""What a person would read; all other errors are for developers, and in English."""


WEIGHT: Final = re.compile(r"q=(0(?:\.[0-9]*)?|1(?:\.0*)?)", re.IGNORECASE)


def preferred(accept_language: str | None) -> Language:
    """The language that a browser asks for, among those we speak; Korean where it asks for neither.

    Source: RFC 9110, section 12.5.4; a part that makes no sense is passed over.
    """
    best: tuple[float, Language] = (0.0, "KO")
    for part in (accept_language or "").split(","):
        tag, _, weight = part.strip().partition(";")
        language = tag.strip().partition("-")[0].upper()
        quality = _quality(weight)
        if quality > best[0]:
            if language == "KO":
                best = (quality, "KO")
            elif language == "EN":
                best = (quality, "EN")
    return best[1]


def _quality(weight: str) -> float:
    if not weight.strip():
        return 1.0
    match = WEIGHT.fullmatch(weight.strip())
    return float(match[1]) if match else 0.0
