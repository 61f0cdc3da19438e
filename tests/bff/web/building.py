"""A tiny build, as Vite leaves one."""

import gzip
from pathlib import Path

SCRIPT = b"console.log('fruit');\n" * 200
STYLE = b"body { color: rebeccapurple }\n"
ICON = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
PAGES = {"index.html": "Fruitstore", "ops.html": "Operations", "graphiql.html": "GraphiQL"}

ADDRESSES = {"/": "Fruitstore", "/orders": "Fruitstore", "/orders/7": "Fruitstore", "/ops": "Operations"}
"""Pages, and what is on each; GraphiQL is where it is wanted."""


def build(folder: Path, *, mark: str = "") -> Path:
    """Make one. The brotli file is no brotli: who chose it can be told by that."""
    (folder / "assets").mkdir(parents=True)
    for name, title in PAGES.items():
        (folder / name).write_text(f"<!doctype html><title>{title}{mark}</title>")
    (folder / "assets" / "index-1a2b3c.js").write_bytes(SCRIPT)
    (folder / "assets" / "index-1a2b3c.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "assets" / "index-1a2b3c.js.br").write_bytes(b"as if it were brotli")
    (folder / "assets" / "index-4d5e6f.css").write_bytes(STYLE)
    (folder / "assets" / "icon-7a8b9c.svg").write_bytes(ICON)
    (folder / "assets" / "secret.html").write_text("no page")
    (folder / "manifest.webmanifest").write_text("{}")
    (folder / ".fingerprint").write_text("for itself")
    (folder / "notes.txt").write_text("for itself")
    return folder
