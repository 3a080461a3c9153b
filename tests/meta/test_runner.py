"""tests/support/run_tests.py: nothing that went wrong counts as passed."""
import sys

import pytest
from conftest import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "tests" / "support"))
import run_tests  # noqa: E402


def tap(status, *lines):
    return run_tests.read_tap("test_x", status, "\n".join(lines) + "\n")


def test_results_are_counted():
    tally = tap(0, "1..3", "ok 1 - a", "not ok 2 # SKIP b", "ok 3 - c")
    assert (tally.passed, len(tally.skipped), tally.failures) == (2, 1, [])


def test_a_failure_comes_with_what_was_said_of_it():
    tally = tap(1, "1..2", "not ok 1 - a", "# 1 != 2", "# x.c:7: error", "ok 2 - b")
    assert tally.passed == 1
    assert tally.failures == [("test_x: a", "# 1 != 2\n# x.c:7: error")]


def test_a_result_is_found_behind_what_a_test_printed():
    assert tap(0, "1..2", "some textok 1 - a", "ok 7 - not a result", "ok 2 - b").passed == 2


@pytest.mark.parametrize("status", ["killed by SIGSEGV", 0, 1])
def test_a_program_that_ends_early_has_failed(status):
    tally = tap(status, "1..3", "ok 1 - a")
    assert (tally.passed, len(tally.failures)) == (1, 1)
    assert "ended after 1 of 3" in tally.failures[0][0]


def test_a_program_without_results_has_failed():
    assert len(tap(0, "hello").failures) == 1


def test_a_status_that_no_result_explains_is_a_failure():
    tally = tap(86, "1..1", "ok 1 - a")
    assert len(tally.failures) == 1


def test_a_program_that_does_not_end_is_killed(tmp_path):
    script = tmp_path / "test_slow"
    script.write_text("#!/bin/sh\necho 1..1\nsleep 60 & wait\n")
    script.chmod(0o755)
    status, output = run_tests.run([str(script)], 0.5)
    assert "took more than" in status
    assert output == "1..1\n"


def test_a_killed_program_is_told_by_its_signal(tmp_path):
    script = tmp_path / "test_killed"
    script.write_text("#!/bin/sh\nkill -SEGV $$\n")
    script.chmod(0o755)
    assert run_tests.run([str(script)], 60)[0] == "killed by SIGSEGV"


def test_pytest_results_are_read(tmp_path):
    (tmp_path / "r.xml").write_text(
        '<testsuites><testsuite><testcase classname="c" name="a"/>'
        '<testcase classname="c" name="b"><failure message="m">detail</failure></testcase>'
        '<testcase classname="c" name="d"><error message="m"/></testcase>'
        '<testcase classname="c" name="e"><skipped message="why"/></testcase>'
        '</testsuite></testsuites>')
    tally = run_tests.read_junit(tmp_path / "r.xml")
    assert tally.passed == 1
    assert tally.failures == [("c: b", "detail"), ("c: d", "m")]
    assert tally.skipped == [("c: e", "why")]


def test_a_pytest_that_collects_nothing_is_a_failure(tmp_path):
    (tmp_path / "test_none.py").write_text("x = 1\n")
    with open(tmp_path / "log", "w") as log:
        tally = run_tests.run_pytest([tmp_path / "test_none.py"], 1, run_tests.clean_environment(),
                                     log, tmp_path)
    assert len(tally.failures) == 1


def test_a_sanitizer_report_is_a_failure(tmp_path):
    suites = run_tests.Suites(tmp_path, 1, "")
    assert suites.reports(None, "sanitizer*").passed == 1
    (suites.scratch / "sanitizer.123").write_text("ERROR: AddressSanitizer\n")
    assert len(suites.reports(None, "sanitizer*").failures) == 1


def test_the_sum_is_the_last_line(capsys):
    total = run_tests.Tally()
    total.passed = 3
    total.fail("a", "x\n" * 1000)
    run_tests.print_report(total)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "3 passed, 1 failed"
    assert len(lines) < 100
    total.skipped.append(("b", "why"))
    run_tests.print_report(total)
    assert capsys.readouterr().out.splitlines()[-1] == "3 passed, 1 failed, 1 skipped"
