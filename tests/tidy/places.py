"""Look for what ties the repository to one machine (registry hosts, absolute paths, addresses in lock files), and for excuses without a reason."""

import re
from collections.abc import Iterator

from tidy.house import ROOT, Source

# written in pieces, so that this file does not find itself
REGISTRIES = [
    ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs"), ("npmjs", "org"), ("deb", "debian", "org"))
]
REGISTRIES += [".".join(parts) for parts in (("proxy", "golang", "org"), ("index", "crates", "io"), ("static", "crates", "io"), ("rubygems", "org"))]
HOMES = re.compile("(?:/ho" + "me/|/Us" + r"ers/)(?!user\b|tallystick\b)[a-z]\w*/")
LOCKS = re.compile(r"(?:^|/)(?:[\w.-]+\.lock|package-lock\.json|requirements[\w.-]*\.txt|pylock[\w.-]*\.toml)$")


def registries(source: Source) -> Iterator[str]:
    """Host names of package registries: the machine's own settings say where packages come from."""
    for place, line in enumerate(source.text.splitlines(), 1):
        for host in REGISTRIES:
            if host in line:
                yield f"{source.path}:{place}: names the registry {host}"


def machine_paths(source: Source) -> Iterator[str]:
    """Absolute paths of somebody's machine."""
    here = str(ROOT) if len(ROOT.parts) > 2 else None
    for place, line in enumerate(source.text.splitlines(), 1):
        if HOMES.search(line) or (here and re.search(rf"(?<![\w.]){re.escape(here)}(?:/|\b)", line)):
            yield f"{source.path}:{place}: an absolute path of one machine"


def located_locks(source: Source) -> Iterator[str]:
    """Lock files that say from where, instead of what with which hash."""
    if LOCKS.search(source.path.as_posix()):
        for place, line in enumerate(source.text.splitlines(), 1):
            if re.search(r"https?://", line):
                yield f"{source.path}:{place}: a lock file with an address"


def unexplained_ignores(source: Source) -> Iterator[str]:
    """Rules that the linter's settings switch off without saying why, line by line."""
    if source.path.name != "ruff.toml":
        return
    for place, line in enumerate(source.text.splitlines(), 1):
        if re.match(r'\s+"[A-Z]+\d*"', line) and not re.search(r"#\s*\S", line):
            yield f"{source.path}:{place}: an ignored rule without its reason"


def unexplained_excuses(source: Source) -> Iterator[str]:
    """Single lines excused from a rule without a reason beside the code."""
    for place, line in enumerate(source.text.splitlines(), 1):
        found = re.search(r"#\s*noqa(?P<rest>.*)", line)
        if found and source.path.suffix == ".py" and not re.search(r"[A-Z0-9]\s+-\s+\w", found["rest"]):
            yield f"{source.path}:{place}: excused without a reason: # noqa: CODE - reason"
