"""Phrases of PromQL that dashboards use again and again."""

FACTS = '{queue=~".+[.]facts[.]v.+"}'
"""Queues in which facts wait for a service."""

PARTS = '{job=~"bff|order|payment|delivery|mypage"}'
"""Our own processes."""


def rate(metric: str, by: str, match: str = "") -> str:
    """How often per second, over five minutes, summed up by labels."""
    return f"sum by ({by}) (rate({metric}{match}[5m]))"


def share(quantile: float, histogram: str, by: str = "", match: str = "") -> str:
    """The time that this share stays below, over five minutes."""
    labels = f"{by}, le" if by else "le"
    return f"histogram_quantile({quantile}, sum by ({labels}) (rate({histogram}_bucket{match}[5m])))"


def worst(metric: str, by: str = "job") -> str:
    """The largest among replicas: what they count is often the same."""
    return f"max by ({by}) ({metric})"
