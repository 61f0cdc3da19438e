"""What the pages call things, in both languages: by these words a person finds them, and so do the tests."""

from typing import NamedTuple


class Words(NamedTuple):
    """One language's."""

    locale: str
    title: str
    other_language: str
    sign_in: str
    sign_out: str
    customer: str
    token: str
    quantity: str
    address: str
    place: str
    my_card: str
    declined_card: str
    orders: str
    shop: str
    more: str
    watch: str
    again: str
    cancel: str
    cancel_it: str
    keep_it: str
    not_cancelable: str
    close: str
    unknown_order: str
    lost: str
    no_good: str
    declined: str
    operations: str
    fruits: dict[str, str]


KOREAN = Words(
    locale="ko-KR",
    title="오늘의 과일",
    other_language="English",
    sign_in="로그인",
    sign_out="로그아웃",
    customer="고객 이름",
    token="접근 토큰 (JWT)",
    quantity="수량",
    address="받을 주소",
    place="주문하기",
    my_card="내 카드",
    declined_card="거절되는 카드",
    orders="내 주문",
    shop="가게",
    more="더 주문하기",
    watch="주문 지켜보기",
    again="다시 시도",
    cancel="주문 취소하기",
    cancel_it="취소하기",
    keep_it="그대로 두기",
    not_cancelable="취소할 수 없어요",
    close="닫기",
    unknown_order="찾으시는 주문이 없어요.",
    lost="로그인이 끝났어요",
    no_good="쓸 수 없는 토큰이에요",
    declined="카드사가 이 카드의 결제를 거절했습니다.",
    operations="운영 화면",
    fruits={"apple": "사과", "pear": "배", "peach": "복숭아", "plum": "자두"},
)

ENGLISH = Words(
    locale="en-GB",
    title="Today’s fruit",
    other_language="한국어",
    sign_in="Sign in",
    sign_out="Sign out",
    customer="Customer name",
    token="Access token (JWT)",
    quantity="Quantity",
    address="Delivery address",
    place="Place order",
    my_card="My card",
    declined_card="Card that is declined",
    orders="My orders",
    shop="Shop",
    more="Order more",
    watch="Watch this order",
    again="Try again",
    cancel="Cancel order",
    cancel_it="Yes, cancel it",
    keep_it="Keep it",
    not_cancelable="It cannot be canceled",
    close="Close",
    unknown_order="There is no such order.",
    lost="Your session has ended",
    no_good="This token is no good",
    declined="The card’s issuer refused this card.",
    operations="Operations",
    fruits={"apple": "Apple", "pear": "Korean pear", "peach": "Peach", "plum": "Plum"},
)
