"""Frames of stack traces, one line each, as programs in many languages print them.

Python, Java and Kotlin, JavaScript (Chrome, Node, Firefox, Safari), C# and Unity, Go, Ruby and
Rails, PHP, Rust, Dart, and native ones (gdb, minidumps, crash reports of macOS). Line numbers,
addresses, arguments and generated parts of names are left out, because they change with every build
and every run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.text.stack_traces.library_frames import is_in_folder, is_of_package, is_of_system


@dataclass(frozen=True)
class Frame:
    """A frame: its place as `module.function`, `""` where that says nothing.

    `is_last_call_last` says whether the innermost frame is the last one (Python). `error` is the
    type of an error that the same line names (Ruby), with its `message`.
    """

    place: str
    is_library: bool
    is_last_call_last: bool = False
    error: str = ""
    message: str = ""


# A bundler's name for a function; what is as short says nothing.
MIN_NAME = 3
# No file has a longer name, and to look for the stem of one takes long.
MAX_FILE_NAME = 100

_SOURCE = r"(?:\w+\.(?:java|kt|kts|scala|groovy|clj|cljs)(?::\d+)?|Native Method|Unknown Source"
_JAVA = re.compile(rf"at ([\w$./@<>-]+)\({_SOURCE}|<\w+>|SourceFile:\d+|[\w-]*:\d+)\)")
_PYTHON = re.compile(r'[|+ ]*File "([^"]+)", line \d+(?:, in (.+))?$')
_FIREFOX = re.compile(
    r"([\w$./<\[\]*>-]*)@((?:https?|chrome|resource|jar|file|moz-extension|webpack|app|capacitor)"
    r":\S*?|/\S*?)(?::\d+){1,2}$"
)
_CHROME = re.compile(r"at (?:async )?(?:new )?(?:(.+?) \()?([^\s()]*?\S):\d+(?::\d+)?\)?$")
_CHROME_NOWHERE = re.compile(r"at (?:async )?(?:new )?(\S.*?) \((?:<anonymous>|native)\)$")
_CONSOLE_FILE = re.compile(
    r"(?:Source File|Quelldatei|Archivo fuente): *(\S+?\.\w+)(?: line.*)?$", re.IGNORECASE
)
_CSHARP = re.compile(
    r"(?:at|bei|en) ([\w`<>$\[\],.|]+) ?\([^()]*\)(?: \[0x[0-9a-f]+\])?"
    r"(?: (?:in|en) (.+?):(?:(?:line|Zeile|l[ií]nea) )?\d+\.?)?$"
)
_UNITY = re.compile(r"([\w`<>+$./]+[.:]\w+) ?\([^()]*\) ?\(at \S[^()]*:\d+\)$")
_GO = re.compile(r"(\S+)\([^()]*\)$")
_GO_FILE = re.compile(r"(\S+\.(?:go|s)):\d+")
# In its log Rails writes the request's id before each line, and the gem before a library's.
_RUBY = re.compile(
    r"(?:\[[\w.-]+\] )*(?:from )?(?P<gem>[\w-]+ \(\d[\w.]*\) )?"
    r"(\S+\.(?:rb|erb|rake|haml)|<internal:\S+>|\S+/bin/\w+):\d+:in [`'‘](.+?)['’]"
    r"(?:: (.*?)(?: ?\(([A-Z][\w:]*)\))?)?$"
)
_PHP = re.compile(
    r"#\d+ (?:(/\S+|[A-Z]:\\\S+)\(\d+\)|\[internal function\]): ([\w\\>:{}$-]+?)\(.*$"
)
_PHP_MAIN = re.compile(r"#\d+ \{main\}")
_DART = re.compile(r"#\d+ (\S.*?) \(((?:package|dart|file):[^)]+?)(?::\d+)*\)$")
_GDB = re.compile(
    r"#\d+ (?:0x[0-9a-f]+ in )?(?!0x)([\w:~<>,.*& $?+\[\]-]+?(?:@plt|@@\w+)?) ?\(.*?\)"
    r"(?: at (\S+?):\d+| from (\S+))?$|#\d+ (?:0x[0-9a-f]+ in )(\w+)$"
)
_MINIDUMP = re.compile(r"\d+ ([\w.+-]+)!([^\[\]]+?)(?: \[.*| ?\+ ?0x[0-9a-f]+.*)?$")
_MODULE = r"[\w.+-]+\.(?:dll|exe|so(?:\.\d+)*|dylib)|XUL|xul"
_CRASH_TABLE = re.compile(rf"\d+ ({_MODULE}) (?!0x)(\S+(?:\([^()]*\))?)(?: .*)?$")
_MACOS = re.compile(r"\d+ (\S+) 0x[0-9a-f]{8,} (.+?) \+ \d+(?: \(.*)?$")
_RUST = re.compile(r"\d+: (?:0x[0-9a-f]+ - )?(<?[\w<>:&{}#, '\[\]()*$.-]+?)(?:::h[0-9a-f]{16})?$")
_RUST_FILE = re.compile(r"at (\S+\.rs):\d+(?::\d+)?$")

_ARGUMENTS = re.compile(r"\([^()]*\)|\[as [^\]]*\]|`\d+(?:\[[^\]]*\])?")
_GENERIC = re.compile(r"<[^<>]*>")
_AROUND = re.compile(r"<(\w+)>(?:[bdg]__\w+(?:\|\w+)?)(?:\.MoveNext)?|lambda\$(\w+)\$\d+")
_AS_TRAIT = re.compile(r"^<(?:&|mut |dyn )*([\w:]+)(?:<.*?>)? as [^>]+>")
_PROXY = re.compile(r"\$\$\w*|\$(?:\d+|Lambda\w*|Proxy\d*)\b|\{\{?closure.*?\}?\}|::\{closure.*?\}")
_INSIDE = re.compile(r"^(?:(?:block|rescue|ensure)(?: \(\d+ levels?\))? in )+|^(?:void|int|bool) ")
_PART = re.compile(r"(?<![A-Za-z])[^\W_][\w$]*")
_EMPTY = frozenset(
    {"anonymous", "Object", "Module", "Function", "prototype", "default", "exports", "MoveNext",
     "Companion", "module", "main", "lambda", "top", "required", "eval", "global"}
)  # fmt: skip
_GENERATED = re.compile(r"func\d+|c__DisplayClass\w*|\d+|_?c|[0-9a-f]{8,}|gowrap\d+|ctor|cctor")
_STEM = re.compile(r"([^/\\]+?)(?:[/\\]__init__\.py|[./-][0-9a-f]{6,}(?=\.)|\.\w+)*$")


def frame_of(line: str, following: str) -> Frame | None:
    """Return the frame of a line, without spaces at its start; None where it is none.

    `following` is the next line, on which Go and Rust write the file.
    """
    for mark, shape, read in _SHAPES:
        if mark in line and (match := shape.match(line)) is not None:
            frame = read(match)
            if frame is not None:
                return frame
    return _go(line, following) or _rust(line, following)


def is_file_of_frame(line: str) -> bool:
    """Say whether a line only names the file of the frame before it."""
    return bool(_GO_FILE.match(line) or _RUST_FILE.match(line))


def file_place(file: str) -> str:
    """Return the place of what has no function: the name of its file."""
    path = re.split("[?#]", file, maxsplit=1)[0]
    stem = _STEM.search(path[-MAX_FILE_NAME:])
    return stem.group(1) if stem else ""


def _place(function: str, file: str = "") -> str:
    """Return `module.function`, the module from the name or else from the file."""
    name = _AS_TRAIT.sub(r"\1", _INSIDE.sub("", function.strip()))
    name = _AROUND.sub(lambda found: found.group(1) or found.group(2), name)
    name = _PROXY.sub("", re.sub(r"\.\(\*?(\w+)(?:\[.*?\])?\)(?=\.)", r".\1", name))
    for cut in (_ARGUMENTS, _GENERIC, _GENERIC):
        name = cut.sub("", name)
    parts = [one for one in _PART.findall(name) if not _GENERATED.fullmatch(one)]
    parts = [one for one in parts if one not in _EMPTY][-2:]
    if len(parts) == 1 and file:
        parts.insert(0, file_place(file))
    return ".".join(parts) or file_place(file)


def _python(match: re.Match[str]) -> Frame:
    file, function = match.group(1), (match.group(2) or "").strip()
    name = "" if function.startswith("<") else function.rpartition(".")[2]
    is_library = is_in_folder(file.replace("\\", "/")) or file.startswith("<")
    place = f"{file_place(file)}.{name}" if name else file_place(file)
    return Frame(place, is_library, is_last_call_last=True)


def _java(match: re.Match[str]) -> Frame:
    name = match.group(1).rpartition("/")[2]
    return Frame(_place(name), is_of_package(name))


def _javascript(match: re.Match[str]) -> Frame | None:
    function, file = (match.group(1) or "").strip(), match.group(2)
    if file.endswith((".rs", ".go")):
        return None
    place = _place(re.sub(r"/<|\[\d+\]|\*", "", function), file)
    is_minified = len(place.rpartition(".")[2]) < MIN_NAME
    return Frame("" if is_minified else place, is_in_folder(file))


def _nowhere(_: re.Match[str]) -> Frame:
    return Frame("", is_library=True)


def _console(match: re.Match[str]) -> Frame:
    return Frame(file_place(match.group(1)), is_library=False)


def _csharp(match: re.Match[str]) -> Frame | None:
    if "." not in match.group(1):
        return None
    return Frame(_place(match.group(1)), is_of_package(match.group(1)))


def _unity(match: re.Match[str]) -> Frame:
    name = match.group(1).replace(":", ".").replace("/", ".")
    return Frame(_place(name), is_of_package(name))


def _go(line: str, following: str) -> Frame | None:
    file = _GO_FILE.match(following)
    match = _GO.match(line) if file else None
    if match is None or file is None:
        return None
    name = match.group(1)
    function = name.rpartition("/")[2]
    place = "main.main" if function == "main.main" else _place(function, file.group(1))
    return Frame(place, is_of_package(name) or is_in_folder(file.group(1)))


def _ruby(match: re.Match[str]) -> Frame:
    gem, file, function, message, error = match.groups()
    method = _place(re.sub(r"<(?:main|top|module|class).*?>", "", function)).rpartition(".")[2]
    place = ".".join(filter(None, (file_place(file), method)))
    is_library = gem is not None or is_in_folder(file)
    return Frame(place, is_library, error=error or "", message=message or "")


def _php(match: re.Match[str]) -> Frame:
    file, function = match.group(1) or "", match.group(2)
    # The file is that of the caller, whose library may call the application.
    is_nameless = "\\" not in function
    is_library = is_of_package(function) or (is_nameless and (not file or is_in_folder(file)))
    return Frame(_place(function), is_library)


def _dart(match: re.Match[str]) -> Frame:
    return Frame(_place(match.group(1), match.group(2)), is_in_folder(match.group(2)))


def _gdb(match: re.Match[str]) -> Frame:
    name, file, module = (match.group(1) or match.group(4) or "").strip(), *match.group(2, 3)
    module = (module or "").rpartition("/")[2]
    return Frame(_place(name, file or ""), is_of_system(module, name))


def _native(match: re.Match[str]) -> Frame:
    module, name = match.group(1), re.sub(r"^[-+]\[(.+)\]$", r"\1", match.group(2).strip())
    return Frame(_place(name), is_of_system(module, name))


def _rust(line: str, following: str) -> Frame | None:
    match = _RUST.match(line)
    if match is None:
        return None
    name, file = match.group(1), _RUST_FILE.match(following)
    if file is None and "::" not in name and not is_of_package(name):
        return None
    is_library = is_of_package(name) or (file is not None and is_in_folder(file.group(1)))
    return Frame(_place(name), is_library or is_of_system("", name))


# Each with what its lines have: most lines have none of it, and to look for it is fast.
_SHAPES: Sequence[tuple[str, re.Pattern[str], Callable[[re.Match[str]], Frame | None]]] = (
    ('File "', _PYTHON, _python),
    ("at ", _JAVA, _java),
    ("at ", _CHROME_NOWHERE, _nowhere),
    ("(", _CSHARP, _csharp),
    ("(at ", _UNITY, _unity),
    ("at ", _CHROME, _javascript),
    ("@", _FIREFOX, _javascript),
    (":", _CONSOLE_FILE, _console),
    (":in ", _RUBY, _ruby),
    ("#", _PHP, _php),
    ("#", _PHP_MAIN, _nowhere),
    ("#", _DART, _dart),
    ("#", _GDB, _gdb),
    ("!", _MINIDUMP, _native),
    (" ", _CRASH_TABLE, _native),
    (" 0x", _MACOS, _native),
)
