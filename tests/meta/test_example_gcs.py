"""examples/gcs beyond what holds for every example: that its scripts, rules and addresses
fit each other, and that gcloud knows its commands."""
import json
import os
import re
import shlex
import shutil
import subprocess

import pytest
from conftest import REPOSITORY

EXAMPLE = REPOSITORY / "examples" / "gcs"
ARGUMENTS = ["--project", "example-project", "--bucket", "example-artifacts",
             "--repository-id", "42", "--people", "group:sdk@example.com"]
TWO_BUCKETS = [*ARGUMENTS, "--dev-bucket", "example-artifacts-dev"]
POOL = "projects/PROJECT_NUMBER/locations/global/workloadIdentityPools/github"
CI = f"principalSet://iam.googleapis.com/{POOL}/attribute.repository_id/42"
PEOPLE = "group:sdk@example.com"


def setup(*arguments, env=None):
    return subprocess.run([EXAMPLE / "setup.sh", *arguments], env=env or os.environ, text=True,
                          capture_output=True)


def commands(*arguments):
    """Those of a dry run, as lists."""
    done = setup(*arguments, "--dry-run")
    assert done.returncode == 0, done.stderr
    return [shlex.split(line) for line in done.stdout.splitlines() if not line.startswith("#")]


def grants(*arguments):
    """(bucket, member, role, condition) of each binding."""
    found = set()
    for command in commands(*arguments):
        if "add-iam-policy-binding" in command:
            options = dict(word[2:].split("=", 1) for word in command if word.startswith("--"))
            found.add((command[4], options["member"], options["role"], options["condition"]))
    return found


def below(folder, title):
    return (f"title={title},expression=resource.name.startsWith("
            f'"projects/_/buckets/example-artifacts/objects/{folder}/")')


@pytest.fixture
def copied(workspace):
    shutil.copytree(EXAMPLE, workspace.root, dirs_exist_ok=True)
    workspace.commit()
    del workspace.environment["JOBRUN_STORE"]
    return workspace


def test_in_one_bucket_conditions_on_names_keep_writers_apart():
    assert grants(*ARGUMENTS) == {
        ("gs://example-artifacts", CI, "projects/example-project/roles/jobrunLister", "None"),
        ("gs://example-artifacts", CI, "roles/storage.objectUser", below("sdk/CI", "ci-writes-CI")),
        ("gs://example-artifacts", PEOPLE, "roles/storage.objectViewer", "None"),
        ("gs://example-artifacts", PEOPLE, "roles/storage.objectUser",
         below("sdk/dev", "people-write-dev")),
    }


def test_with_two_buckets_nobody_writes_into_that_of_the_other():
    assert grants(*TWO_BUCKETS) == {
        ("gs://example-artifacts", CI, "roles/storage.objectUser", "None"),
        ("gs://example-artifacts", PEOPLE, "roles/storage.objectViewer", "None"),
        ("gs://example-artifacts-dev", PEOPLE, "roles/storage.objectUser", "None"),
    }


def test_only_tokens_of_one_repository_are_let_in():
    providers = [command for command in commands(*ARGUMENTS) if "create-oidc" in command]
    assert len(providers) == 1
    assert "--attribute-condition=assertion.repository_id == '42'" in providers[0]
    mapping = next(word for word in providers[0] if word.startswith("--attribute-mapping="))
    assert "attribute.repository_id=assertion.repository_id" in mapping


def test_a_dry_run_needs_no_gcloud_and_a_run_does_what_it_says(tmp_path):
    """A program in gcloud's place, for which nothing is there yet."""
    log = tmp_path / "log"
    program = tmp_path / "gcloud"
    program.write_text(f"""#!/bin/sh
for word; do [ "$word" = describe ] && described=1; done
case "$*" in "projects describe"*) echo PROJECT_NUMBER; exit;; esac
[ -z "$described" ] || exit 1
for word; do printf '%s\\n' "$word"; done >> {shlex.quote(str(log))}
echo ---- >> {shlex.quote(str(log))}
""")
    program.chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    wanted = commands(*ARGUMENTS)
    assert not log.exists()
    done = setup(*ARGUMENTS, env=env)
    assert done.returncode == 0, done.stderr
    ran = [text.splitlines() for text in log.read_text().split("----\n") if text]
    assert [["gcloud", *words] for words in ran] == wanted


def test_what_is_there_already_is_not_made_again(tmp_path):
    log = tmp_path / "log"
    program = tmp_path / "gcloud"
    program.write_text(f'#!/bin/sh\necho "$*" >> {shlex.quote(str(log))}\necho 1\n')
    program.chmod(0o755)
    done = setup(*ARGUMENTS, env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert done.returncode == 0, done.stderr
    assert " create" not in log.read_text()
    assert "add-iam-policy-binding" in log.read_text()


@pytest.mark.parametrize("arguments, words", [
    ([], "--project is missing"),
    (ARGUMENTS[:-1], "'--people' needs a value"),
    ([*ARGUMENTS, "--colour", "red"], "unknown option '--colour'"),
    ([*ARGUMENTS, "--repository-id", "example/greeting"], "is not a number"),
    ([*ARGUMENTS, "--prefix", "/sdk"], "is not a path such as team/sdk"),
    ([*ARGUMENTS, "--prefix", "a\"b"], "is not a path such as team/sdk"),
])
def test_a_mistake_is_told_before_anything_is_done(arguments, words):
    done = setup(*arguments, env={"PATH": "/usr/bin:/bin"})
    assert done.returncode == 2
    assert words in done.stderr.splitlines()[0]
    assert done.stdout == ""


def test_gcloud_knows_every_command(tmp_path):
    """Its own parser, which needs neither a project nor a network."""
    if not shutil.which("gcloud"):
        pytest.skip("gcloud is not installed")
    lines = {shlex.join(command) for command in commands(*ARGUMENTS) + commands(*TWO_BUCKETS)}
    script = tmp_path / "commands.json"
    script.write_text(json.dumps([{"command_string": line} for line in sorted(lines)]))
    env = {**os.environ, "CLOUDSDK_CONFIG": str(tmp_path / "config"),
           "CLOUDSDK_CORE_DISABLE_PROMPTS": "1"}
    done = subprocess.run(["gcloud", "meta", "lint-gcloud-commands", f"--commands-file={script}"],
                          env=env, text=True, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found) == len(lines)
    assert [one["error_message"] for one in found if not one["success"]] == []


def test_the_lifecycle_is_about_the_folders_of_the_store(copied):
    rules = json.loads((EXAMPLE / "lifecycle.json").read_text())["rule"]
    prefixes = {prefix: rule["condition"]["age"] for rule in rules
                for prefix in rule["condition"]["matchesPrefix"]}
    assert all(rule["action"] == {"type": "Delete"} for rule in rules)
    for environment in ("CI", "dev"):
        document = json.loads(copied.run("show", "greeting", "--json", "--env", environment).ok().out)
        address = re.search(r"gs://example-artifacts/(sdk/\w+/)", json.dumps(document))
        assert prefixes.pop(address[1]) > 0
    assert prefixes == {}


def test_with_two_buckets_each_environment_has_its_own(copied):
    shutil.copy(EXAMPLE / "two-buckets.yaml", copied.root / "jobrun.yaml")
    copied.commit()
    assert "no problems" in copied.run("lint").ok().err
    for environment, bucket in (("CI", "example-artifacts"), ("dev", "example-artifacts-dev")):
        shown = copied.run("show", "greeting", "--env", environment).ok().out
        assert f"publishes at gs://{bucket}/sdk/{environment}/" in shown


def test_all_of_it_lints_clean_with_its_workflow(copied):
    assert "2 manifests checked, no problems" in copied.run("lint").ok().err


def test_the_jobs_run(copied):
    store = ["--store", str(copied.store)]
    copied.run("greeting", *store).ok()
    assert "fetched 1 file, 14 B" in copied.run("check-greeting", *store).ok().err


def test_every_action_is_pinned_and_every_step_is_a_task():
    text = (EXAMPLE / ".github/workflows/ci.yml").read_text()
    uses = re.findall(r"uses: (\S+)  (.*)", text)
    assert len(uses) == text.count("uses:") == 6
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action) and comment.startswith("# v")
               for action, comment in uses)
    tasks = re.findall(r"run: pixi run (\S+)", text)
    assert tasks == ["greeting", "check-greeting"]


def test_the_readme_says_what_the_script_does():
    """Its conditions, its member and its pool are the script's own."""
    text = (EXAMPLE / "README.md").read_text()
    for _, _, role, condition in grants(*ARGUMENTS):
        if condition != "None":
            assert f"`{role}`, if `{condition.split('expression=')[1]}`" in text
    assert CI.replace("PROJECT_NUMBER", "NUMBER").replace("/42", "/ID") in text
