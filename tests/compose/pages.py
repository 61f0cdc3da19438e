"""Pages that are quickly built: by a script of our own, without a package."""

import json
import os
import signal
from pathlib import Path

from compose.web import Sources

SCRIPT = """
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
const folder = process.argv[process.argv.indexOf('--outDir') + 1]
appendFileSync('../builds.txt', `${process.pid}\\n`)
mkdirSync(`${folder}/assets`, { recursive: true })
writeFileSync(`${folder}/index.html`, readFileSync('index.html'))
"""
FAILS = "console.error('no such fruit'); process.exit(3)"
NEVER = f"{SCRIPT}\nsetInterval(() => {{}}, 1000)"


def sources(folder: Path, script: str = SCRIPT) -> Sources:
    """Lay them out."""
    web, schema = folder / "web", folder / "schema"
    (schema / "operations").mkdir(parents=True)
    (schema / "exported").mkdir()
    (schema / "exported" / "schema.graphql").write_text("type Query { fruits: [ID!]! }")
    (schema / "operations" / "Fruits.graphql").write_text("{ fruits }")
    (web / "src").mkdir(parents=True)
    (web / "index.html").write_text("<title>one</title>")
    (web / "src" / "main.ts").write_text("export {}")
    (web / "build.mjs").write_text(script)
    package = {"name": "pages", "private": True, "scripts": {"build": "node build.mjs"}}
    (web / "package.json").write_text(json.dumps(package))
    lock = {"name": "pages", "lockfileVersion": 3, "requires": True, "packages": {"": {"name": "pages"}}}
    (web / "package-lock.json").write_text(json.dumps(lock))
    return Sources(web, schema)


def builders(those: Sources) -> list[int]:
    """The processes that have built, one after the other."""
    said = those.web.parent / "builds.txt"
    return [int(line) for line in said.read_text().split()] if said.exists() else []


def is_gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        os.kill(pid, signal.SIG_DFL)
    except ProcessLookupError:
        return True
    return False
