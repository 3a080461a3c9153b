"""What lint proves of jobs together, and of which of them it speaks."""
import shutil

import pytest
from conftest import REPOSITORY

BROKEN = "error[with]: value 'z' of param 'p' of job 'build' is not one of x, y"


@pytest.fixture(autouse=True)
def ignored(workspace):
    """What the jobs make and land, which is the matter of other tests."""
    workspace.ignore("*")


@pytest.fixture
def jobs(workspace):
    workspace.manifest("build", """\
        params: {p: {type: enum, values: [x, y], default: x, help: P}}
        command: [make, "${params.p}"]
        outputs: {o: out/o}
        """)
    workspace.manifest("use", """\
        inputs: {o: {from: build, with: {p: z}, to: in/}}
        command: [ls, in/]
        """)
    return workspace


@pytest.mark.parametrize("target", ["manifests/use.yaml", "use", "manifests", None])
def test_a_file_is_checked_with_the_jobs_that_it_takes_from(jobs, target):
    err = jobs.run("lint", *([target] if target else [])).fails(1).err
    assert BROKEN in err and err.count("error[") == 1


def test_of_the_producer_alone_nothing_is_said(jobs):
    jobs.run("lint", "build").ok()


def test_what_is_wrong_with_a_producer_is_said_where_it_is_linted(jobs):
    jobs.manifest("build", """\
        params: {p: {type: enum, values: [x, y], default: x, help: P}}
        command: [make, "${params.q}"]
        outputs: {o: out/o}
        """)
    assert "there is no param 'q'" not in jobs.run("lint", "use").fails(1).err
    err = jobs.run("lint").fails(1).err
    assert "there is no param 'q'" in err and BROKEN in err


def test_a_producer_that_cannot_be_read_is_reported_once(jobs):
    jobs.write("manifests/build.yaml", "job: build\n\tx\n")
    for name in ("more", "other"):
        jobs.manifest(name, "inputs: {o: {from: build, to: in/}}\ncommand: [ls]\n")
    err = jobs.run("lint").fails(1).err
    assert err.count("error[") == 1 and "manifests/build.yaml:2" in err
    jobs.run("lint", "use").ok()


def test_all_consumers_may_take_the_other_variant(jobs):
    jobs.manifest("use", """\
        inputs:
          default: {from: build, to: in/1/}
          other: {from: build, with: {p: y}, to: in/2/}
          both: {from: build, with: {p: [x, y]}, to: "in/3/${with.p}"}
        command: [ls, in/]
        """)
    jobs.run("lint").ok()


def test_a_cycle_is_found_from_each_of_its_files_and_not_from_others(workspace):
    for job, needs in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")):
        workspace.manifest(job, f"""\
            inputs: {{o: {{from: {needs}, to: in/}}}}
            command: [ls, in/]
            outputs: {{o: out/o}}
            """)
    for job, shown in (("a", "a -> b -> c -> a"), ("b", "b -> c -> a -> b")):
        assert f"jobs need one another: {shown}\n" in workspace.run("lint", job).fails(1).err
    workspace.run("lint", "d").ok()
    assert workspace.run("lint").fails(1).err.count("error[job-cycle]") == 1


def test_a_run_says_the_same_of_an_input_from_itself(workspace):
    workspace.manifest("a", """\
        inputs: {o: {from: a, to: in/}}
        command: [ls, in/]
        outputs: {o: out/o}
        """)
    workspace.commit()
    problem = "error[job-cycle]: input 'o' is made by this job itself"
    assert problem in workspace.run("lint").fails(1).err
    assert problem in workspace.run("a").fails(120).err


@pytest.mark.parametrize("what, problem", [
    ("from: biuld, to: in/", "[producer]: there is no job 'biuld'"),
    ("from: build, output: oo, to: in/", "[producer]: job 'build' has no output 'oo'"),
    ("from: build, with: {q: x}, to: in/", "[with]: job 'build' has no param 'q'"),
    ("from: build, with: {p: z}, to: in/", "[with]: value 'z' of param 'p' of job 'build'"),
    ("from: strict, to: in/",
     "[with-missing]: input 'o' does not give 'p', which job 'strict' requires"),
    ("from: build, output: some, with: {p: y}, to: in/",
     "[output-when]: job 'build' does not make output 'some' when p=y"),
])
def test_a_run_and_lint_use_the_same_words(jobs, what, problem):
    jobs.manifest("build", """\
        params: {p: {type: enum, values: [x, y], default: x, help: P}}
        command: [make, "${params.p}"]
        outputs: {o: out/o, some: {path: out/s, when: {p: x}}}
        """)
    jobs.manifest("strict", """\
        params: {p: {type: enum, values: [x, y], required: true, help: P}}
        command: [make, "${params.p}"]
        outputs: {o: out/o}
        """)
    jobs.manifest("use", f"inputs: {{o: {{{what}}}}}\ncommand: [ls, in/]\n".replace(
        "from: build, with", "from: build, output: o, with"))
    jobs.commit()
    assert f"error{problem}" in jobs.run("lint", "use").fails(1).err
    assert f"error{problem}" in jobs.run("use").fails(120).err


def test_a_job_of_a_subfolder_is_no_producer_and_clashes_with_none(jobs):
    jobs.write("manifests/more/extra.yaml", "job: extra\nhelp: E.\ncommand: [x]\noutputs: {o: o}\n")
    jobs.manifest("use", "inputs: {o: {from: extra, to: in/}}\ncommand: [ls, in/]\n")
    assert "there is no job 'extra'" in jobs.run("lint").fails(1).err


def test_a_file_that_declares_the_job_of_another_is_told_so_on_its_own(jobs):
    jobs.write("manifests/old/build.yaml", "job: build\nhelp: B.\ncommand: [x]\n")
    err = jobs.run("lint", "manifests/old/build.yaml").fails(1).err
    assert "error[job-clash]: job 'build' is declared by two manifests" in err
    assert "manifests/build.yaml:1:6" in err
    jobs.write("manifests/old/lone.yaml", "job: lone\nhelp: B.\ncommand: [x]\n")
    jobs.write("manifests/new/lone.yaml", "job: lone\nhelp: B.\ncommand: [x]\n")
    assert jobs.run("lint").fails(1).err.count("error[job-clash]") == 2


def test_a_link_to_a_manifest_is_no_second_job(jobs):
    jobs.manifest("use", "command: [ls]\n")
    (jobs.root / "manifests" / "same").mkdir()
    (jobs.root / "manifests" / "same" / "build.yaml").symlink_to("../build.yaml")
    jobs.run("lint").ok()
    jobs.run("lint", "manifests/same/build.yaml").ok()


def test_a_workspace_inside_is_one_of_its_own(jobs):
    jobs.manifest("use", "command: [ls]\n")
    for example in (REPOSITORY / "examples").glob("*/jobrun.yaml"):
        shutil.copytree(example.parent / "manifests", jobs.root / "inner" / "manifests")
        shutil.copy(example, jobs.root / "inner")
        jobs.manifest("build-wheel", "command: [make]\noutputs: {wheel: out/w}\n")
        one = min((jobs.root / "inner" / "manifests").glob("*.yaml"))
        for targets in (["inner"], [f"inner/manifests/{one.name}"], ["inner", "manifests"]):
            jobs.run("lint", *targets).ok()
        shutil.rmtree(jobs.root / "inner")


def test_a_command_s_name_is_free_where_jobrun_is_not_what_hints_print(workspace):
    workspace.manifest("lint", "command: [make, lint]\n")
    workspace.run("lint").ok()
    workspace.write("jobrun.yaml", "run-prefix: jobrun\n")
    err = workspace.run("lint").fails(1).err
    assert "warning[command-name]: job 'lint' has the name of a command of jobrun" in err
    workspace.write("jobrun.yaml", "run-prefix: jobrun run\n")
    workspace.run("lint").ok()


def test_the_bound_on_combinations_is_as_documented(workspace):
    workspace.manifest("build", """\
        params: {p: {type: string, pattern: "[ab]{12}", default: aaaaaaaaaaaa, help: P}}
        command: [make, "${params.p}"]
        outputs: {o: out/o}
        """)

    def use(count):
        names = [f"p{i}" for i in range(count)]
        params = "".join(f"  {n}: {{type: enum, values: [a, b], default: a, help: P}}\n" for n in names)
        value = "".join(f"${{params.{n}}}" for n in names)
        workspace.manifest("use", f"params:\n{params}inputs:\n"
                           f"  o: {{from: build, with: {{p: '{value}'}}, to: in/}}\n"
                           "command: [ls, in/]\n")
        return workspace.run("lint", "use")
    use(12).ok()
    assert "warning[unproved]: it is not proved that job 'build' takes all" in use(13).fails(1).err
