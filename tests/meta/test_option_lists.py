"""What other files know of jobrun's options, against `jobrun --help`."""
import re
import subprocess

from conftest import JOBRUN, REPOSITORY

# Of other commands than a run (the help has them in a part of their own).
OF_OTHERS = {"--explain", "--stdin-filename"}
# Taken already, and said to be no part of this version.
TO_COME = {"--progress"}


def options_with_an_argument():
    text = subprocess.run([JOBRUN, "--help"], text=True, capture_output=True, check=True).stdout
    return set(re.findall(r"^  (--?[A-Za-z-]+) [A-Z]+(?:=[A-Z]+)?(?= )", text, re.MULTILINE))


def test_lint_knows_the_options_behind_which_an_argument_stands():
    """It looks for the name of the job behind them (src/lint/call.c)."""
    source = (REPOSITORY / "src" / "lint" / "call.c").read_text()
    table = re.search(r"JOBRUN_OPTIONS\[\] = \{(.*?)\}", source, re.DOTALL)[1]
    known = set(re.findall(r'"(-[^"]+)"', table))
    assert known - TO_COME == options_with_an_argument() - OF_OTHERS
