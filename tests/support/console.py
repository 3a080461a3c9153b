"""The commands that a README shows, and whether they do what it says.

A block of `console` holds commands behind `$ ` and what they print. `...` alone on
a line stands for any lines, inside of one for any text. A command ends well, unless
`$ echo $?` behind it says otherwise.
"""
import re
import subprocess
import typing


class Command(typing.NamedTuple):
    line: str
    shown: str
    status: int


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(text):
    """Those of all console blocks, in their order."""
    found = []
    for block in blocks(text, "console"):
        assert block.startswith("$ "), block
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, shown = part.split("\n", 1)
            if line == "echo $?":
                found[-1] = found[-1]._replace(status=int(shown))
            else:
                found.append(Command(line, shown, 0))
    return found


def matches(shown, printed):
    """Whether the lines that are shown stand for those that were printed."""
    pattern = ""
    for line in shown.splitlines():
        text = ".*".join(map(re.escape, line.split("...")))
        pattern += r"(?:.*\n)*" if line == "..." else text + r"\n"
    return re.fullmatch(pattern, printed) is not None


def run(line, folder, environment):
    return subprocess.run(["bash", "-c", line], cwd=folder, env=environment, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)


def enter(lines, folder, environment):
    """Runs lines as a reader types them: the folder and the variables that they leave."""
    result = run(f"set -e\n{lines}\nprintf '\\0%s\\0' \"$PWD\"; env -0", folder, environment)
    assert result.returncode == 0, result.stdout
    _, place, *variables = result.stdout.rstrip("\0").split("\0")
    return place, dict(variable.split("=", 1) for variable in variables)


def follow(text, folder, environment):
    """Runs every command that the text shows, and holds it to what is shown."""
    for command in commands(text):
        result = run(command.line, folder, environment)
        told = f"$ {command.line}\n{result.stdout}(status {result.returncode})"
        assert result.returncode == command.status, told
        assert matches(command.shown, result.stdout), f"{told}\nbut shown is:\n{command.shown}"
