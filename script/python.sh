# Sourced by the commands beside it: run a program with the first Python that is new enough.

with_python() {
  for python in python3 python3.14 python3.13 python3.12; do
    if command -v "$python" >/dev/null 2>&1 && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
      exec "$python" "$@"
    fi
  done
  if command -v uv >/dev/null 2>&1; then
    exec uv run --no-project --python '>=3.12' python "$@"
  fi
  found=$(python3 -c 'import sys; print("Python %d.%d was found" % sys.version_info[:2])' 2>/dev/null || echo "no Python was found")
  echo "Tallystick needs Python 3.12 or newer, or uv to fetch one; $found." >&2
  exit 1
}
