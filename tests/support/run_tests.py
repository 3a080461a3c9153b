#!/usr/bin/env python3
"""Builds and runs every test, and ends with one line: N passed, N failed.

    run_tests.py [--build DIR] [--jobs N] [--only TEXT]

A suite is a compiler or a sanitizer with the unit tests, or a folder of pytest.
A build that fails or warns is a failed test, and so is a unit test that dies
before its last result, a suite that takes too long, and a sanitizer's report
that no test looked at. The output of each suite is kept in DIR/test-logs/.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree

UNIT_TIMEOUT_S = 120
BUILD_TIMEOUT_S = 900
PYTEST_TIMEOUT_S = 2700
DETAIL_LINES_MAX = 60

# Set where tests of other programs must not be left out silently (CI does).
STRICT = os.environ.get("JOBRUN_REQUIRE_INTEROP") == "1"


class Tally:
    """What became of the tests of one suite."""

    def __init__(self):
        self.passed = 0
        self.skipped = []   # (name, reason)
        self.failures = []  # (name, detail)

    def fail(self, name, detail):
        self.failures.append((name, detail))

    def add(self, other):
        self.passed += other.passed
        self.skipped += other.skipped
        self.failures += other.failures


def clean_environment(**more):
    """The caller's environment, less what `make` tells its own children."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES",
                                   "BUILD", "SANITIZE", "STATIC", "WERROR", "V")}
    environment.update(more)
    return environment


def run(command, timeout, environment=None):
    """(status or a text that says what went wrong, all output)"""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace",
                               env=environment or clean_environment(), start_new_session=True)
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        return f"took more than {timeout} s and was killed", output
    if process.returncode < 0:
        return f"killed by {signal.Signals(-process.returncode).name}", output
    return process.returncode, output


# Unit tests: cmocka writes the Test Anything Protocol.

RESULT = re.compile(r"(not ok|ok) (\d+) (?:- (.*)|# SKIP (.*))$")


def read_tap(name, status, output):
    """The results of one test program. A missing result is a failure: a program
    that dies or leaves early has not passed."""
    tally = Tally()
    plan = re.search(r"^1\.\.(\d+)$", output, re.MULTILINE)
    seen = 0
    failed = None  # the name of the failure whose detail is being read
    detail = []

    def finish():
        if failed:
            tally.fail(failed, "\n".join(detail))

    for line in output.splitlines():
        match = RESULT.search(line)
        if match and int(match[2]) == seen + 1:
            finish()
            failed, detail = None, []
            seen += 1
            if match[4]:
                tally.skipped.append((f"{name}: {match[4]}", "skipped by the test"))
            elif match[1] == "ok":
                tally.passed += 1
            else:
                failed = f"{name}: {match[3]}"
        elif failed:
            detail.append(line)
    finish()
    expected = int(plan[1]) if plan else 1
    if seen < expected:
        tally.fail(f"{name}: ended after {seen} of {expected} tests", f"{status}\n{output}")
    elif status != 0 and not tally.failures:
        tally.fail(f"{name}: all tests passed, but its status is {status}", output)
    return tally


def run_unit(program, environment):
    status, output = run([str(program)], UNIT_TIMEOUT_S, environment)
    return program.name, output, read_tap(program.name, status, output)


def run_units(folder, jobs, environment, log):
    """All test programs of a folder, some at a time."""
    tally = Tally()
    programs = sorted(p for p in folder.glob("test_*") if os.access(p, os.X_OK))
    if not programs:
        tally.fail("unit tests", f"there is no test program in {folder}")
    environment = dict(environment, CMOCKA_MESSAGE_OUTPUT="TAP")
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for name, output, one in pool.map(lambda p: run_unit(p, environment), programs):
            log.write(f"== {name}\n{output}\n")
            tally.add(one)
    return tally


# pytest

def read_junit(path):
    tally = Tally()
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname', '')}: {case.get('name')}"
        problems = case.findall("failure") + case.findall("error")
        skipped = case.find("skipped")
        if problems:
            tally.fail(name, "\n".join(p.text or p.get("message", "") for p in problems))
        elif skipped is not None:
            tally.skipped.append((name, skipped.get("message", "")))
        else:
            tally.passed += 1
    return tally


def has_xdist():
    return subprocess.run([sys.executable, "-c", "import xdist"],
                          stderr=subprocess.DEVNULL).returncode == 0


def run_pytest(arguments, jobs, environment, log, scratch):
    tally = Tally()
    report = scratch / "junit.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
               f"--junitxml={report}", "-o", "junit_logging=no", *map(str, arguments)]
    if jobs > 1 and has_xdist():
        command += ["-n", str(jobs)]
    status, output = run(command, PYTEST_TIMEOUT_S, environment)
    log.write(output)
    if report.exists():
        tally = read_junit(report)
    if status not in (0, 1) or (status == 1 and not tally.failures):
        tally.fail("pytest", f"pytest's status: {status}\n{output}")
    return tally


# They test the tests' own parts, in which no sanitizer can find anything, or wait for
# other programs most of their time.
LEFT_OUT_OF_ASAN = ["--ignore-glob=*/test_gcs_double*.py", "--ignore-glob=*/test_gcs_interop.py",
                      "--ignore-glob=*/test_runner.py", "--ignore-glob=*/test_layers.py"]


def folders_with_tests():
    folders = ("tests/cli", "tests/store", "tests/meta", "tests/fuzz", "tests/bench")
    return [folder for folder in map(pathlib.Path, folders)
            if list(folder.glob("test_*.py"))]


# Suites

class Suites:
    def __init__(self, build, jobs, only):
        self.build = build
        self.jobs = jobs
        self.only = only
        self.total = Tally()
        self.scratch = build / "test-logs"
        self.broken = set()  # builds whose tests cannot run
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)

    def suite(self, name, function, *arguments):
        """Runs one suite and prints its line. A suite that cannot run is a failure."""
        if self.only not in name:
            return
        start = time.monotonic()
        with open(self.scratch / (re.sub(r"\W+", "-", name) + ".log"), "w") as log:
            tally = function(log, *arguments)
        seconds = time.monotonic() - start
        skipped = f", {len(tally.skipped)} skipped" if tally.skipped else ""
        print(f"  {name:24} {tally.passed:5} passed, {len(tally.failures)} failed{skipped}"
              f"  ({seconds:.1f} s)", flush=True)
        tally.failures = [(f"{name}: {test}", detail) for test, detail in tally.failures]
        tally.skipped = [(f"{name}: {test}", reason) for test, reason in tally.skipped]
        self.total.add(tally)

    def compile(self, log, folder, *variables):
        """One build, of the binary and of all test programs: one test."""
        tally = Tally()
        command = [os.environ.get("MAKE", "make"), f"-j{self.jobs}", f"BUILD={folder}",
                   *variables, "all", "unit-programs", "fuzz-programs", "bench-programs",
                   "support"]
        status, output = run(command, BUILD_TIMEOUT_S)
        log.write(output)
        if status == 0:
            tally.passed = 1
        else:
            tally.fail(" ".join(command), f"status: {status}\n{output}")
            self.broken.add(folder)
        return tally

    def compile_where_it_works(self, log, folder, compiler, flags, *variables):
        """The same with a compiler or a flag that not every machine has."""
        probe = self.scratch / "probe.c"
        probe.write_text("#include <stdio.h>\nint main(void) { return puts(\"\") < 0; }\n")
        probe_command = [compiler, *flags, "-o", str(self.scratch / "probe"), str(probe)]
        try:
            status, output = run(probe_command, UNIT_TIMEOUT_S)
        except OSError as error:
            status, output = str(error), ""
        if status == 0 or STRICT:
            return self.compile(log, folder, *variables)
        self.broken.add(folder)
        tally = Tally()
        tally.skipped.append((" ".join(probe_command), f"does not work here: {status} {output}"))
        return tally

    def units(self, log, folder, environment):
        if folder in self.broken:
            return Tally()
        return run_units(folder / "unit", self.jobs, environment, log)

    def pytest(self, log, folder, environment, options=()):
        if folder in self.broken:
            return Tally()
        binary = str((folder / "jobrun").resolve())
        return run_pytest([*options, *folders_with_tests()], self.jobs,
                          dict(environment, JOBRUN=binary), log, self.scratch)

    def reports(self, _log, pattern):
        """What a sanitizer reported to its own files, of any process of any test."""
        tally = Tally()
        for path in sorted(self.scratch.glob(pattern)):
            tally.fail(path.name, path.read_text(errors="replace"))
        if not tally.failures:
            tally.passed = 1
        return tally

    def demo(self, log):
        tally = Tally()
        status, output = run(["tests/support/demo.sh"], BUILD_TIMEOUT_S)
        log.write(output)
        if status == 0:
            tally.passed = 1
        else:
            tally.fail("tests/support/demo.sh", f"status: {status}\n{output}")
        return tally


def sanitizer_environment(scratch):
    log = f"log_path={scratch.resolve()}/sanitizer"
    return clean_environment(
        ASAN_OPTIONS=f"{log}:exitcode=86:detect_stack_use_after_return=1:strict_string_checks=1",
        UBSAN_OPTIONS=f"{log}:exitcode=86:print_stacktrace=1")


def run_all(build, jobs, only):
    suites = Suites(build, jobs, only)
    plain = clean_environment()
    compiler = os.environ.get("CC", "cc")

    gcc = build / "test"
    suites.suite("build", suites.compile, gcc, "WERROR=1")
    suites.suite("unit", suites.units, gcc, plain)
    suites.suite("pytest", suites.pytest, gcc, plain)
    suites.suite("pytest with gs://", suites.pytest, gcc, dict(plain, JOBRUN_TEST_STORE="gs"),
                 ["-m", "store and not folder_store and not slow"])

    asan = build / "asan"
    suites.suite("asan build", suites.compile_where_it_works, asan, compiler,
                 ["-fsanitize=address,undefined"], "SANITIZE=1")
    sanitized = sanitizer_environment(suites.scratch)
    suites.suite("asan unit", suites.units, asan, sanitized)
    suites.suite("asan pytest", suites.pytest, asan, sanitized, LEFT_OUT_OF_ASAN)
    suites.suite("asan reports", suites.reports, "sanitizer*")

    clang = build / "clang"
    suites.suite("clang build", suites.compile_where_it_works, clang, "clang", [], "CC=clang",
                 "WERROR=1")
    suites.suite("clang unit", suites.units, clang, plain)

    suites.suite("demo", suites.demo)
    return suites.total


def shortened(text):
    lines = text.rstrip().splitlines()
    if len(lines) > DETAIL_LINES_MAX:
        half = DETAIL_LINES_MAX // 2
        lines = lines[:half] + [f"... {len(lines) - 2 * half} lines ..."] + lines[-half:]
    return "\n".join("    " + line for line in lines)


def print_report(total):
    for name, reason in total.skipped:
        print(f"\nSKIPPED {name}\n{shortened(reason)}")
    for name, detail in total.failures:
        print(f"\nFAILED {name}\n{shortened(detail)}")
    skipped = f", {len(total.skipped)} skipped" if total.skipped else ""
    print(f"\n{total.passed} passed, {len(total.failures)} failed{skipped}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", type=pathlib.Path)
    parser.add_argument("--jobs", default=os.cpu_count() or 1, type=int)
    parser.add_argument("--only", default="", help="only suites with this in their name")
    arguments = parser.parse_args()
    total = run_all(arguments.build, arguments.jobs, arguments.only)
    if not total.passed and not total.failures:
        total.fail("run_tests.py", "no test was run")
    print_report(total)
    return 1 if total.failures else 0


if __name__ == "__main__":
    sys.exit(main())
