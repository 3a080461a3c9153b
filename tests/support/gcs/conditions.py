"""What a request makes its success depend on: numbers, preconditions, ranges."""
import re

from .answers import Refused, precondition_failed


def number(query, name):
    """A parameter that is a number; None where it is not there."""
    text = query.get(name)
    if text is not None and not re.fullmatch(r"[0-9]{1,19}", text):
        raise Refused(400, f"Invalid value '{text}' for {name}", "invalidParameter")
    return None if text is None else int(text)


def check_preconditions(query, stored, prefix="if", reading=False):
    """412, or 304 where a reader asks for what is new alone."""
    for what, found in (("Generation", stored.generation if stored else 0),
                        ("Metageneration", stored.metageneration if stored else 0)):
        wanted = number(query, f"{prefix}{what}Match")
        if wanted is not None and wanted != found:
            raise precondition_failed()
        unwanted = number(query, f"{prefix}{what}NotMatch")
        if unwanted is not None and unwanted == found:
            raise Refused(304, "") if reading else precondition_failed()


def parse_range(header, size):
    """(first, count) of a Range; None for the whole, which is also what a server gives
    that does not understand it."""
    match = re.fullmatch(r"bytes=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))", header or "")
    if not match or (match[2] and int(match[2]) < int(match[1])):
        return None
    first = max(0, size - int(match[3])) if match[3] else int(match[1])
    if first >= size or match[3] == "0":
        raise Refused(416, "The requested range cannot be satisfied.",
                      headers={"Content-Range": f"bytes */{size}"})
    last = min(size - 1, int(match[2])) if match[2] else size - 1
    return first, last + 1 - first
