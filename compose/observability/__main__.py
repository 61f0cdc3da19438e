"""Writes Grafana's dashboards; with `--check`, says which files do not say what the code says."""

import json
import sys
from pathlib import Path

from compose.observability.boards import DASHBOARDS

FOLDER = Path(__file__).parent / "grafana" / "dashboards"


def texts() -> dict[str, str]:
    """File names and what they are to hold."""
    made = {f"{each.uid}.json": each.json() for each in DASHBOARDS}
    return {name: json.dumps(model, indent=1, ensure_ascii=False) + "\n" for name, model in made.items()}


def drift(folder: Path = FOLDER) -> list[str]:
    """The names of files that are not as they would be written, one too many included."""
    there = {each.name: each.read_text(encoding="utf-8") for each in folder.glob("*.json")}
    wanted = texts()
    return sorted(name for name in there.keys() | wanted if there.get(name) != wanted.get(name))


def write(folder: Path = FOLDER) -> list[str]:
    """Write what has changed; the names of what was written or taken away."""
    changed = drift(folder)
    for name in changed:
        if (text := texts().get(name)) is None:
            (folder / name).unlink()
        else:
            (folder / name).write_text(text, encoding="utf-8")
    return changed


if __name__ == "__main__":
    only_look = "--check" in sys.argv[1:]
    found = drift() if only_look else write()
    for name in found:
        sys.stdout.write(f"{name}\n")
    sys.exit(1 if only_look and found else 0)
