"""What is asked of everybody."""

from typing import Final

WHOLE: Final = """
query MyOrders {
  myOrders(first: 20) {
    edges {
      cursor
      node {
        id status statusLabel quantity unitPrice amount address placedAt updatedAt version
        cancelReason cancelable
        fruit { id name unitPrice }
        payment { id status amount updatedAt declineReason }
        delivery { id status updatedAt }
        history { type label at }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
"""A page of 20 orders with all that there is about them: some 700 fields."""

SMALL: Final = "query Few { myOrders(first: 20) { edges { node { id status amount } } } }"

DOCUMENTS: Final = {"whole": WHOLE, "small": SMALL}
