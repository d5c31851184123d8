"""Print every fault of the house, for whoever mends it: `PYTHONPATH=tests python -m tidy`."""

import sys

from tidy import house, test_house


def main() -> int:
    """Print the faults of all files; 1 where there is one."""
    python = [fault for checker in test_house.PYTHON for fault in house.faults(checker, house.python())]
    sql = [fault for checker in test_house.SQL for fault in house.faults(checker, house.tree(suffix=".sql"))]
    anywhere = [fault for checker in test_house.EVERYWHERE for fault in house.faults(checker, house.tracked())]
    sys.stdout.write("".join(f"{fault}\n" for fault in python + sql + anywhere))
    return 1 if python or sql or anywhere else 0


if __name__ == "__main__":
    sys.exit(main())
