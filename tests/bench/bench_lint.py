#!/usr/bin/env python3
"""Measures `jobrun lint` of folders of manifests beside what others need for them.

    bench_lint.py [--counts 100,1000,10000] [--rounds 5] [--build DIR] [--json FILE]

In each round every program runs once, one after the other, so that a slow moment of
the machine meets them all; the medians are printed. libyaml is a program that does
nothing but have libyaml parse the same files: a lint cannot be faster. ajv (npm) and
yamllint are measured where they are installed, in the first round alone. shellcheck,
which lint runs where it is installed, is another program and left out.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

from manifests import write_manifests

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
NODE_MODULES = REPOSITORY / "build" / "npm" / "node_modules"
SCHEMA = REPOSITORY / "schema" / "job.schema.json"
JOBRUN, LIBYAML = "jobrun lint", "libyaml"


def programs(build):
    """Name to command; {} is the folder of manifests."""
    found = {LIBYAML: [build / "bench" / "yaml_events", "{}"], JOBRUN: [build / "jobrun", "lint", "{}"]}
    if shutil.which("node") and (NODE_MODULES / "ajv").is_dir() and SCHEMA.is_file():
        script = pathlib.Path(__file__).with_name("ajv_lint.js")
        found["ajv"] = ["node", script, NODE_MODULES, SCHEMA, "{}"]
    if shutil.which("yamllint"):
        found["yamllint"] = ["yamllint", "-d", "{rules: {key-duplicates: enable}}", "{}"]
    return found


def run(command, workspace, measure):
    """What one run took. A program that finds problems has not done the same work."""
    result = workspace / "result.json"
    command = [str(part).replace("{}", "manifests") if part == "{}" else str(part)
               for part in command]
    said = subprocess.run([str(measure), str(result), *command], cwd=workspace, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          env={**os.environ, "JOBRUN_SHELLCHECK": "off"})
    if said.returncode != 0 or json.loads(result.read_text())["status"] != 0:
        sys.exit(f"{command[0]} failed:\n{said.stdout[-2000:]}{said.stderr[-2000:]}")
    return json.loads(result.read_text())


def measure_count(count, rounds, seed, build, found, scratch):
    """The medians of each program over the manifests."""
    workspace = scratch / str(count)
    workspace.mkdir()
    size = write_manifests(workspace, count, seed)
    measure = build / "bench" / "measure"
    runs = {name: [] for name in found}
    for number in range(rounds + 1):  # the first warms the file cache
        for name, command in found.items():
            is_fast = name in (JOBRUN, LIBYAML)
            if is_fast or number == 1 or rounds == 0:
                taken = run(command, workspace, measure)
                if number > 0 or rounds == 0:
                    runs[name].append(taken)
    return {"manifests": count, "bytes": size, "rounds": rounds, "programs": {
        name: {key: statistics.median(one[key] for one in taken)
               for key in ("wall_s", "cpu_s", "peak_kib")}
        for name, taken in runs.items()}}


def print_table(results):
    print("| manifests | program | seconds | times libyaml | CPU seconds | times libyaml "
          "| CPU ms a manifest | peak MiB |")
    print("|---:|---|---:|---:|---:|---:|---:|---:|")
    for result in results:
        base = result["programs"][LIBYAML]
        for name, taken in result["programs"].items():
            print(f"| {result['manifests']} | {name} "
                  f"| {taken['wall_s']:.3f} | {taken['wall_s'] / base['wall_s']:.2f} "
                  f"| {taken['cpu_s']:.3f} | {taken['cpu_s'] / base['cpu_s']:.2f} "
                  f"| {1000 * taken['cpu_s'] / result['manifests']:.3f} "
                  f"| {taken['peak_kib'] / 1024:.1f} |")


def print_growth(results):
    """Of the CPU time, which the load of the machine changes less."""
    first, last = results[0], results[-1]
    times = [result["programs"][JOBRUN]["cpu_s"] for result in (first, last)]
    if first is not last:
        print(f"\n{last['manifests'] / first['manifests']:.0f} times the manifests take "
              f"{times[1] / times[0]:.1f} times the CPU time")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", default="100,1000,10000")
    parser.add_argument("--rounds", default=5, type=int)
    parser.add_argument("--seed", default=1, type=int)
    parser.add_argument("--build", default=REPOSITORY / "build", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path, help="a file for the figures")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    found = programs(build)
    with tempfile.TemporaryDirectory() as scratch:
        results = [measure_count(int(count), arguments.rounds, arguments.seed, build, found,
                                 pathlib.Path(scratch))
                   for count in arguments.counts.split(",")]
    print_table(results)
    print_growth(results)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
