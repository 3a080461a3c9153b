"""Counts the lines, words and bytes of a text, with the program that the wheel brings."""
import collections
import pathlib
import subprocess

Tally = collections.namedtuple("Tally", "lines words bytes")


def program():
    """The program beside this file: `tally`, on Windows `tally.exe`."""
    return next((pathlib.Path(__file__).parent / "bin").iterdir())


def count(data):
    """The Tally of some bytes."""
    result = subprocess.run([program()], input=data, check=True, capture_output=True)
    return Tally(*map(int, result.stdout.split()))
