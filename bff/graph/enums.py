"""The codes of the API: stable, and described in both languages."""

from enum import Enum

import strawberry


@strawberry.enum(
    description="The language of labels and messages; where none is given, the request's "
    "Accept-Language, else Korean. Statuses themselves are stable codes."
)
class Locale(Enum):
    KO = strawberry.enum_value("KO", description="한국어")
    EN = strawberry.enum_value("EN", description="English")


@strawberry.enum(description="Where an order stands, seen as a whole.")
class OrderStatus(Enum):
    PAYMENT_PENDING = strawberry.enum_value(
        "PAYMENT_PENDING", description="Placed; no word from payment yet. 결제 대기"
    )
    PAID = strawberry.enum_value("PAID", description="Payment approved; delivery not begun. 결제 완료")
    DELIVERING = strawberry.enum_value("DELIVERING", description="On its way. 배송 시작")
    DELIVERED = strawberry.enum_value("DELIVERED", description="Handed over; final. 배송 완료")
    PAYMENT_DECLINED = strawberry.enum_value(
        "PAYMENT_DECLINED", description="Payment was refused; final. 결제 거절"
    )
    CANCELED = strawberry.enum_value(
        "CANCELED",
        description="Canceled, by the customer or because payment never answered; final. 주문 취소",
    )


@strawberry.enum(description="Where a payment stands.")
class PaymentStatus(Enum):
    REQUESTED = strawberry.enum_value("REQUESTED", description="Asked for, not settled. 결제 요청")
    APPROVED = strawberry.enum_value("APPROVED", description="Paid. 결제 승인")
    DECLINED = strawberry.enum_value("DECLINED", description="Refused; nothing was charged. 결제 거절")
    CANCELED = strawberry.enum_value(
        "CANCELED", description="Not paid and never will be; what was paid is given back. 결제 취소"
    )


@strawberry.enum(description="Where a delivery stands.")
class DeliveryStatus(Enum):
    STARTED = strawberry.enum_value("STARTED", description="On its way. 배송 시작")
    DELIVERED = strawberry.enum_value("DELIVERED", description="Handed over. 배송 완료")
    CANCELED = strawberry.enum_value("CANCELED", description="Stopped. 배송 취소")
    RETURN_REQUESTED = strawberry.enum_value(
        "RETURN_REQUESTED", description="Canceled after it was handed over: asked back. 반품 요청"
    )


@strawberry.enum(description="Why an order was canceled.")
class CancelReason(Enum):
    BY_CUSTOMER = strawberry.enum_value("BY_CUSTOMER", description="The customer asked. 고객 취소")
    PAYMENT_UNAVAILABLE = strawberry.enum_value(
        "PAYMENT_UNAVAILABLE", description="Payment was overloaded or down; nothing was charged. 결제 불가"
    )
    PAYMENT_TIMEOUT = strawberry.enum_value(
        "PAYMENT_TIMEOUT", description="Payment never answered. 결제 시간 초과"
    )


@strawberry.enum(description="What can happen to an order.")
class OrderEventType(Enum):
    ORDER_PLACED = strawberry.enum_value("ORDER_PLACED", description="The order was placed. 주문 접수")
    ORDER_CANCELED = strawberry.enum_value("ORDER_CANCELED", description="The order was canceled. 주문 취소")
    PAYMENT_APPROVED = strawberry.enum_value("PAYMENT_APPROVED", description="It was paid. 결제 승인")
    PAYMENT_DECLINED = strawberry.enum_value("PAYMENT_DECLINED", description="Payment was refused. 결제 거절")
    PAYMENT_CANCELED = strawberry.enum_value(
        "PAYMENT_CANCELED", description="The payment was canceled; what was paid is given back. 결제 취소"
    )
    DELIVERY_STARTED = strawberry.enum_value("DELIVERY_STARTED", description="It is on its way. 배송 시작")
    DELIVERY_COMPLETED = strawberry.enum_value(
        "DELIVERY_COMPLETED", description="It was handed over. 배송 완료"
    )
    DELIVERY_CANCELED = strawberry.enum_value(
        "DELIVERY_CANCELED", description="The delivery was stopped. 배송 취소"
    )
    DELIVERY_RETURN_REQUESTED = strawberry.enum_value(
        "DELIVERY_RETURN_REQUESTED", description="It was asked back, for it had been handed over. 반품 요청"
    )
