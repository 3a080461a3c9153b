#!/usr/bin/env python3
"""Measures what jobrun publishes to and fetches from Google Cloud Storage beside rclone,
`gcloud storage` and npm's @google-cloud/storage, where they are installed.

    bench_gcs.py [--cases 1x1GiB,1000x1MiB,10000x10KiB] [--latency 0,50] [--rounds 3]
                 [--programs jobrun,rclone,gcloud,node] [--scale 1] [--folder DIR]
                 [--build DIR] [--json FILE]

All talk to the same double of Google Cloud Storage (tests/support/gcs), whose own speed
is printed first. In each round every program brings the same files up and down again,
one program after the other, so that a slow moment of the machine meets them all; the
medians are printed. Each program compares the checksums that it compares by itself
(gcloud none: it insists on MD5, which the double leaves out because it is slow), and what
it brought down has the names and sizes of what was there.

jobrun up is a forced run of a job whose command is `true` and whose outputs are there:
all that a publish does, with git and the receipt. jobrun down is a job with these files
as its input, and nothing in the cache. The peak of memory is that of the largest process
of a program, so that gcloud's, which are several, have more together.

--scale divides the number of files of a case, or the size of a single one.
"""
import argparse
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

import gcs_programs
from gcs_programs import GcsDouble, SUPPORT

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
KEPT_BYTES_MAX = 256 << 20
UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
KEYS = ("wall_s", "cpu_s", "peak_kib")


class Case:
    """So many files of a size, as 1000x1MiB."""

    def __init__(self, text, scale=1):
        match = re.fullmatch(r"(\d+)x(\d+)(B|KiB|MiB|GiB)", text)
        if not match:
            raise argparse.ArgumentTypeError(f"'{text}' is not a case such as 1000x1MiB")
        self.count, self.size = int(match[1]), int(match[2]) * UNITS[match[3]]
        if self.count > 1:
            self.count = max(1, self.count // scale)
        else:
            self.size = max(1, self.size // scale)

    def __str__(self):
        unit = max((unit for unit in UNITS if self.size % UNITS[unit] == 0), key=UNITS.get)
        return f"{self.count} x {self.size // UNITS[unit]} {unit}"


def speed_of_double(library, scale):
    """What gcs_speed.py says, which has no more work than sending and receiving."""
    said = subprocess.run([sys.executable, str(SUPPORT / "gcs_speed.py"), f"--library={library}",
                           f"--size={max(4 << 20, (1 << 30) // scale)}",
                           f"--count={max(8, 4000 // scale)}"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if said.returncode != 0:
        sys.exit(f"gcs_speed.py failed:\n{said.stderr}")
    return said.stdout.splitlines()


def compare(folder, source):
    """Names within the folder of the tree differ in depth: each program lays it out in
    its own way, and no two files have the same name."""
    def listed(top):
        return sorted((path.name, path.stat().st_size) for path in top.rglob("*") if path.is_file())

    if listed(folder) != listed(source):
        raise ValueError(f"what is in {folder} is not what was sent")


def discard(folder, scratch, case):
    """Small files are removed when the case has been measured: ext4 passes over what has
    been removed a moment ago, and whoever makes files then would pay for it."""
    if case.count * case.size > KEPT_BYTES_MAX:
        shutil.rmtree(folder)
    else:
        folder.rename(pathlib.Path(tempfile.mkdtemp(dir=scratch)) / folder.name)


def bring(program, prefix, scratch, source):
    """What up and down took, of one program, once."""
    landing = program.landing(scratch)
    taken = {}
    program.upload(prefix)
    taken["up"] = program.taken
    program.download(prefix, landing)
    taken["down"] = program.taken
    compare(landing, source)
    return taken


def measure_case(case, latency_ms, arguments, library):
    """The medians of each program."""
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        scratch = pathlib.Path(folder)
        source = gcs_programs.write_tree(scratch / "work" / "out", case.count, case.size)
        with GcsDouble(scratch / "double", library=library, md5=False, write_limit=False,
                       latency_seconds=latency_ms / 1000) as double:
            found = gcs_programs.find(arguments.programs, arguments.build, double, scratch)
            runs = {name: [] for name in found}
            for number in range(arguments.rounds):
                for name, program in found.items():
                    prefix = f"{name}-{number}"
                    runs[name].append(bring(program, prefix, scratch, source))
                    discard(program.landing(scratch), scratch, case)
                    discard(double.folder / prefix, scratch, case)
    return {"case": str(case), "files": case.count, "bytes": case.count * case.size,
            "latency_ms": latency_ms, "rounds": arguments.rounds, "programs": {
                name: {way: {key: statistics.median(one[way][key] for one in taken) for key in KEYS}
                       for way in ("up", "down")}
                for name, taken in runs.items()}}


def ratio(value, base):
    return f"{value / base:.2f}" if base else ""


def print_rows(result):
    for way in ("up", "down"):
        base = result["programs"].get(gcs_programs.JOBRUN, {}).get(way, {"wall_s": 0, "cpu_s": 0})
        for name, ways in result["programs"].items():
            taken = ways[way]
            print(f"| {result['case']} | {result['latency_ms']} | {way} | {name} "
                  f"| {taken['wall_s']:.3f} | {ratio(taken['wall_s'], base['wall_s'])} "
                  f"| {taken['cpu_s']:.3f} | {ratio(taken['cpu_s'], base['cpu_s'])} "
                  f"| {taken['peak_kib'] / 1024:.1f} |", flush=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", default="1x1GiB,1000x1MiB,10000x10KiB")
    parser.add_argument("--latency", default="0,50", help="in ms, added to each request")
    parser.add_argument("--rounds", default=3, type=int)
    parser.add_argument("--programs", default=",".join(gcs_programs.PROGRAMS))
    parser.add_argument("--scale", default=1, type=int, help="for trying it out: so much less")
    parser.add_argument("--folder", help="on the file system that is measured")
    parser.add_argument("--build", default=REPOSITORY / "build", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path, help="a file for the figures")
    arguments = parser.parse_args()
    arguments.build = arguments.build.resolve()
    arguments.programs = arguments.programs.split(",")
    unknown = set(arguments.programs) - set(gcs_programs.PROGRAMS)
    if unknown or arguments.rounds < 1 or arguments.scale < 1:
        parser.error("unknown program, or less than one round or scale")
    try:
        arguments.cases = [Case(text, arguments.scale) for text in arguments.cases.split(",")]
    except argparse.ArgumentTypeError as problem:
        parser.error(str(problem))
    arguments.latency = [int(text) for text in arguments.latency.split(",")]
    return arguments


def main():
    arguments = parse()
    library = arguments.build / "support" / "gcs_double.so"
    speed = speed_of_double(library, arguments.scale)
    print("The double alone:\n")
    print("".join(f"- {line}\n" for line in speed))
    print("| files | latency ms | way | program | seconds | times jobrun | CPU seconds | times jobrun "
          "| peak MiB |")
    print("|---|---:|---|---|---:|---:|---:|---:|---:|")
    results = []
    for latency_ms in arguments.latency:
        for case in arguments.cases:
            results.append(measure_case(case, latency_ms, arguments, library))
            print_rows(results[-1])
    if arguments.json:
        arguments.json.write_text(json.dumps({"double": speed, "results": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
