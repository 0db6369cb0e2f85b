"""Draw the pictures of architecture.md as SVG: `make manual`.

Packages and their layers are those of the contracts in pyproject.toml, captions are the first line
of each package's docstring, so neither picture can say anything else than the code.
"""

from __future__ import annotations

import ast
import re
import textwrap
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent

WIDTH = 1000
MARGIN = 24
GAP = 8
PADDING = 12
LINE = 17
# Of the picture of one message: between two steps, and between two rows.
BETWEEN, ROW_GAP = 34, 34
# Of an average letter of a system font at the size of captions, with room for wide ones.
LETTER = 6.9
NAME_WIDTH = 150

RULE = (
    "Each may import what is below it, never what is above. Side by side, neither knows the other."
)

INK, MUTED, PAPER, LINE_COLOUR = "#1d1c1d", "#5c5f66", "#ffffff", "#8a8f98"
SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


@dataclass(frozen=True)
class Colours:
    """Of a box: its ground, its border, and the ground of what is around it."""

    fill: str
    stroke: str
    ground: str


LOOKS = {
    "bot": Colours("#dfeaf8", "#7ea3d0", "#f3f7fc"),
    "services": Colours("#ddf0e2", "#7fb890", "#f2f9f4"),
    "models": Colours("#f6ecd9", "#c9ab6f", "#fcf8f0"),
    "Slack": Colours("#f1e6f3", "#b389bb", "#faf5fb"),
}


@dataclass(frozen=True)
class Step:
    """Something that happens to a message: where in the code, or in `Slack` or the database."""

    place: str
    text: str


# The way of one message, in three rows.
WAY = {
    "While Slack waits, three seconds at most": (
        Step("Slack", "Mei writes: “Printer prints blank pages”"),
        Step("bot/listeners", "takes the event; Bolt has checked its signature"),
        Step("bot/jobs", "asks services/intake what it is, makes a job; its key is the event’s id"),
        Step("models/jobs.py", "keeps the job on disk; only now Slack is told “got it”"),
    ),
    "In a worker: remember": (
        Step("bot/server", "a worker claims some jobs; if it dies, another one goes on"),
        Step("bot/tasks", "does them: one module a feature, one handler a kind of job"),
        Step("services/intake", "is it a ticket? cleans it, joins what one person wrote in a row"),
        Step("services/memory", "embeds it with services/search; stores text, vectors, words"),
    ),
    "In a worker: answer": (
        Step("services/judgement", "finds candidates by meaning and words, ranks and judges them"),
        Step("services/answers", "chooses what this channel’s readers may see and want to hear"),
        Step("bot/blocks", "makes a message of it in the channel’s language"),
        Step("bot/slack", "posts it in the thread, once, and updates it from then on"),
    ),
}


def main() -> None:
    """Write both pictures."""
    for name, picture in pictures().items():
        (FOLDER / name).write_text(picture, encoding="utf-8")


def pictures() -> dict[str, str]:
    """Return both pictures by the names of their files."""
    return {"packages.svg": draw_packages(), "message.svg": draw_message()}


def layers(container: str) -> list[list[str]]:
    """Return the packages of each layer in a container, from the top; [] where none are told."""
    for contract in _contracts():
        if contract["type"] == "layers" and contract.get("containers") == [container]:
            named = [re.findall(r"\w+", layer) for layer in contract["layers"]]
            # In brackets are those that need not be there.
            return [
                [one for one in layer if source(f"{container}.{one}").exists()] for layer in named
            ]
    return []


def roots() -> list[str]:
    """Return the top packages, the one that may import all others first."""
    return next(
        list(contract["layers"])
        for contract in _contracts()
        if contract["type"] == "layers" and "containers" not in contract
    )


def caption(package: str) -> str:
    """Return the first sentence of a package's or module's docstring, as plain text."""
    found = ast.get_docstring(ast.parse(source(package).read_text(encoding="utf-8"))) or ""
    sentence = found.partition("\n")[0].partition(". ")[0]
    return sentence.removesuffix(".").replace("`", "")


def source(package: str) -> Path:
    """Return the file of a module, or the `__init__.py` of a package, by its dotted name."""
    path = ROOT / package.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def draw_packages() -> str:
    """Return the picture of the packages, those at the top before what they import."""
    shapes = [_text(MARGIN, MARGIN + 8, RULE, "rule")]
    top: float = MARGIN + 24
    for root in roots():
        drawn, bottom = _container(root, top)
        shapes += drawn
        top = bottom + 2 * GAP
    return _svg("Déjà’s packages, each above what it may import", top - 2 * GAP + MARGIN, shapes)


def draw_message() -> str:
    """Return the picture of the way that one message takes, a row after the other."""
    shapes: list[str] = []
    number, top = 0, float(MARGIN)
    for row, (title, steps) in enumerate(WAY.items()):
        width = (WIDTH - 2 * MARGIN - (len(steps) - 1) * BETWEEN) / len(steps)
        texts = [_wrapped(step.text, width - 2 * PADDING) for step in steps]
        height = 42 + LINE * max(map(len, texts))
        shapes.append(_text(MARGIN, top + 10, title, "title"))
        top += 22
        if row:
            shapes.append(_turn(WIDTH - MARGIN - width / 2, top - ROW_GAP - 22, top + height / 2))
        for column, (step, lines) in enumerate(zip(steps, texts, strict=True)):
            number += 1
            left = MARGIN + column * (width + BETWEEN)
            shapes += _step(step, lines, number, (left, top, width, height))
            if column:
                shapes.append(_arrow(f"M{left - BETWEEN + 5:g} ", left - 4, top + height / 2))
        top += height + ROW_GAP
    return _svg("The way of one message through Déjà", top - ROW_GAP + MARGIN, shapes)


def _contracts() -> list[dict[str, Any]]:
    loaded = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = loaded["tool"]["importlinter"]["contracts"]
    return found


def _container(root: str, top: float) -> tuple[list[str], float]:
    """Return the shapes of a top package, and where they end."""
    colours, left, width = LOOKS[root], MARGIN, WIDTH - 2 * MARGIN
    inside: list[str] = []
    bottom = top + 38
    for names in layers(root):
        packages = [f"{root}.{name}" for name in names]
        drawn, height = _row(packages, left + PADDING, bottom, width - 2 * PADDING, colours)
        inside += drawn
        bottom += height + GAP
    bottom += PADDING - GAP if inside else 0
    ground = _rect((left, top, width, bottom - top), colours.ground, colours.stroke)
    name = _text(left + PADDING, top + 24, f"{root}/", "root")
    says = _text(left + PADDING + NAME_WIDTH, top + 24, caption(root), "says")
    return [ground, name, says, *inside], bottom


def _row(
    packages: Sequence[str], left: float, top: float, width: float, colours: Colours
) -> tuple[list[str], float]:
    """Return the boxes of a layer side by side, and how high they are."""
    if len(packages) == 1:
        lines = _wrapped(caption(packages[0]), width - NAME_WIDTH - PADDING)
        height = 16 + LINE * len(lines)
        box = _rect((left, top, width, height), colours.fill, colours.stroke)
        name = _text(left + PADDING, top + 21, _label(packages[0]), "name")
        return [box, name, *_lines(lines, left + NAME_WIDTH, top + 21)], height
    wide = (width - GAP * (len(packages) - 1)) / len(packages)
    texts = [_wrapped(caption(one), wide - 2 * PADDING) for one in packages]
    inner = [" › ".join(_packages_inside(one)) for one in packages]
    height = 36 + LINE * max(
        len(text) + bool(more) for text, more in zip(texts, inner, strict=True)
    )
    shapes = []
    for number, (one, text, more) in enumerate(zip(packages, texts, inner, strict=True)):
        x = left + number * (wide + GAP)
        shapes.append(_rect((x, top, wide, height), colours.fill, colours.stroke))
        shapes.append(_text(x + PADDING, top + 21, _label(one), "name"))
        shapes += _lines(text, x + PADDING, top + 41)
        if more:
            shapes.append(_text(x + PADDING, top + 41 + LINE * len(text), more, "inner"))
    return shapes, height


def _step(
    step: Step, lines: Sequence[str], number: int, box: tuple[float, float, float, float]
) -> Iterator[str]:
    """Yield the shapes of one step. Raises `FileNotFoundError` for code that is not there."""
    left, top, *_ = box
    if step.place != "Slack" and not (ROOT / step.place).exists():
        raise FileNotFoundError(step.place)
    colours = LOOKS[step.place.partition("/")[0]]
    yield _rect(box, colours.fill, colours.stroke)
    yield _text(left + PADDING, top + 23, f"{number}", "number")
    yield _text(left + PADDING + 24, top + 23, step.place, "name")
    yield from _lines(lines, left + PADDING, top + 46)


def _packages_inside(package: str) -> Iterator[str]:
    """Yield the packages in a package, the uppermost first; its modules are too many to draw."""
    for name in (one for layer in layers(package) for one in layer):
        if source(f"{package}.{name}").name == "__init__.py":
            yield name


def _label(package: str) -> str:
    name = package.rpartition(".")[2]
    return f"{name}/" if source(package).name == "__init__.py" else f"{name}.py"


def _wrapped(text: str, width: float) -> list[str]:
    return textwrap.wrap(text, int(width / LETTER))


def _lines(lines: Sequence[str], left: float, top: float) -> list[str]:
    return [_text(left, top + LINE * number, line, "says") for number, line in enumerate(lines)]


def _text(left: float, top: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{left:g}" y="{top:g}">{escape(text)}</text>'


def _rect(box: tuple[float, float, float, float], fill: str, stroke: str) -> str:
    left, top, width, height = box
    return (
        f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" rx="6" '
        f'fill="{fill}" stroke="{stroke}"/>'
    )


def _turn(start: float, top: float, level: float) -> str:
    """Return the arrow from below the end of a row to the beginning of the next."""
    return _arrow(f"M{start:g} {top + 5:g}V{top + 17:g}H9V", MARGIN - 4, level)


def _arrow(path: str, end: float, level: float) -> str:
    """Return an arrow that goes a `path` to a height, and from there to the right, to `end`."""
    return (
        f'<path class="arrow" d="{path}{level:g}H{end - 7:g}"/>'
        f'<path d="M{end:g} {level:g}l-9 -5v10z" fill="{LINE_COLOUR}"/>'
    )


def _svg(title: str, height: float, shapes: Sequence[str]) -> str:
    style = (
        f"text{{font:13px {SANS};fill:{INK}}}"
        f".name,.inner,.root{{font-family:{MONO};font-weight:600}}.root{{font-size:15px}}"
        f".inner{{font-size:12px;font-weight:400;fill:{MUTED}}}"
        f".title{{font-weight:600;font-size:14px}}.number{{font-weight:600;fill:{MUTED}}}"
        f".rule{{fill:{MUTED}}}.arrow{{fill:none;stroke:{LINE_COLOUR};stroke-width:2}}"
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" '
            f'width="{WIDTH}" height="{height:g}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{style}</style>",
            f'<rect width="100%" height="100%" fill="{PAPER}"/>',
            *shapes,
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    main()
