"""Pages of a list: prefix, delimiter, offsets, matchGlob, tokens."""
import base64
import binascii
import functools
import hashlib
import json
import re

from .answers import Refused

PAGE_MAX = 1000


@functools.lru_cache(1000)
def glob_pattern(glob):
    """matchGlob: * within a folder, ** across folders, ?, [a-z], [!a], {a,b}."""
    out, at, braces = [], 0, 0
    while at < len(glob):
        char = glob[at]
        if glob.startswith("**/", at):
            out.append("(?:.*/)?")
            at += 2
        elif glob.startswith("**", at):
            out.append(".*")
            at += 1
        elif char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "[" and (match := re.compile(r"\[(!|\^)?([^\]]+)\]").match(glob, at)):
            body = match[2].replace("\\", r"\\")
            out.append(f"[{'^' if match[1] else ''}{body}]")
            at = match.end() - 1
        elif char == "{":
            braces += 1
            out.append("(?:")
        elif char == "}" and braces:
            braces -= 1
            out.append(")")
        elif char == "," and braces:
            out.append("|")
        else:
            out.append(re.escape(char))
        at += 1
    if braces:
        raise Refused(400, f"Invalid glob: {glob}", "invalidParameter")
    return re.compile("".join(out), re.DOTALL)


def _lines(entries, query):
    """(place in the order, object or None, prefix or None), each prefix once."""
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    start, end = query.get("startOffset", ""), query.get("endOffset")
    glob = glob_pattern(query["matchGlob"]) if "matchGlob" in query else None
    seen = set()
    for stored in entries:
        name = stored.name
        if not name.startswith(prefix) or name < start or (end is not None and name >= end):
            continue
        if glob and not glob.fullmatch(name):
            continue
        cut = name.find(delimiter, len(prefix)) if delimiter else -1
        if cut < 0:
            yield name, stored, None
            continue
        folder = name[:cut + len(delimiter)]
        if folder not in seen:
            seen.add(folder)
            yield folder, None, folder
        if name == folder and query.get("includeTrailingDelimiter") == "true":
            yield name + "\0", stored, None


def _token(after, empty, query):
    """Says where the next page begins; good for this list alone."""
    asked = {name: value for name, value in query.items()
             if name not in ("pageToken", "maxResults", "fields", "alt", "prettyPrint")}
    mark = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]
    return base64.urlsafe_b64encode(json.dumps([after, empty, mark]).encode()).decode()


def _read_token(text, query):
    try:
        after, empty, _ = json.loads(base64.urlsafe_b64decode(text))
        if _token(after, empty, query) == text:
            return after, empty
    except (ValueError, binascii.Error):
        pass
    raise Refused(400, f"Invalid value for page token: {text}")


def page(entries, query, size, empty_pages, duplicate):
    """(objects, prefixes, the next page's token or None). With `empty_pages` the page
    after the first has nothing but a token; with `duplicate` a page begins with the
    last line of the one before."""
    asked = query.get("maxResults", str(PAGE_MAX))
    if not re.fullmatch(r"[0-9]+", asked) or int(asked) == 0:
        raise Refused(400, f"Invalid value '{asked}' for maxResults")
    size = min(size, PAGE_MAX, int(asked))
    after, empty = _read_token(query["pageToken"], query) if "pageToken" in query else (None, False)
    if empty:
        return [], [], _token(after, False, query)
    lines = list(_lines(entries, query))
    if after is not None:
        rest = [line for line in lines if line[0] > after]
        before = lines[:len(lines) - len(rest)]
        lines = (before[-1:] if duplicate else []) + rest
        size += len(lines) - len(rest)
    shown = lines[:size]
    token = None
    if len(lines) > size:
        token = _token(shown[-1][0], empty_pages and after is None, query)
    return ([stored for _, stored, _ in shown if stored],
            [folder for _, _, folder in shown if folder], token)
