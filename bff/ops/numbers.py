"""Numbers as Prometheus knows them, our own or those that a service shows, read again."""

from collections.abc import Collection, Iterable, Iterator
from typing import Self

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample


class Numbers:
    """Some numbers at one moment."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._samples = list(samples)

    @classmethod
    def own(cls, registry: CollectorRegistry, *names: str) -> Self:
        """Those of our own that are so named, as samples are."""
        return cls(_samples(registry.restricted_registry(names).collect()))

    @classmethod
    def shown(cls, text: str, names: Collection[str]) -> Self:
        """Those of a service that are so named; the rest of its text is not looked at. Raises ValueError."""
        start = tuple(names)
        lines = [line for line in text.splitlines() if line.startswith(start)]
        return cls(_samples(text_string_to_metric_families("\n".join([*lines, ""]))))

    def without(self, **labels: str) -> Self:
        """All but those with these labels."""
        return type(self)(each for each in self._samples if not labels.items() <= each.labels.items())

    def total(self, name: str, **labels: str) -> float | None:
        """Of all samples with this name and these labels; None where there are none."""
        values = [sample.value for sample in self._of(name, labels)]
        return sum(values) if values else None

    def count(self, name: str, **labels: str) -> int:
        """The same of what is counted; 0 where there are none."""
        return int(self.total(name, **labels) or 0)

    def by(self, name: str, label: str, **labels: str) -> dict[str, int]:
        """What is counted, by a label."""
        counts: dict[str, int] = {}
        for sample in self._of(name, labels):
            each = sample.labels[label]
            counts[each] = counts.get(each, 0) + int(sample.value)
        return counts

    def buckets(self, name: str) -> list[tuple[float, int]]:
        """A histogram's bounds, the last infinite, and how many were at most that, over all its labels."""
        counts = self.by(f"{name}_bucket", "le")
        return sorted((float(bound), count) for bound, count in counts.items())

    def _of(self, name: str, labels: dict[str, str]) -> Iterator[Sample]:
        for sample in self._samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                yield sample


def _samples(families: Iterable[Metric]) -> Iterator[Sample]:
    return (sample for family in families for sample in family.samples)
