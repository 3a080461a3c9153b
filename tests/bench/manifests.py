"""A folder of manifests as a large repository has them, for measuring.

    manifests.py FOLDER COUNT [SEED]

The same seed gives the same bytes. Each manifest has about 1 to 2 KiB and takes
from jobs before it, so that references cross the whole folder and nothing is a
cycle. All of them lint clean.
"""
import pathlib
import random
import sys

PLATFORMS = {
    "linux-x64": ("x86_64-unknown-linux-gnu", "so"),
    "linux-arm64": ("aarch64-unknown-linux-gnu", "so"),
    "macos-x64": ("x86_64-apple-darwin", "dylib"),
    "macos-arm64": ("aarch64-apple-darwin", "dylib"),
    "windows-x64": ("x86_64-pc-windows-msvc", "dll"),
}
NOUNS = ("viewer", "store", "parser", "codec", "server", "client", "index", "cache", "shell",
         "report", "model", "bridge")
FEATURES = ("map", "net", "video", "python", "trace", "tls")

FRAGMENT = "shared/platforms.yaml"
PLATFORM_PARAM = ("  platform: {type: enum, values: [" + ", ".join(PLATFORMS)
                  + "], default: host, help: Platform to build for}\n")
PLATFORM_TABLE = "  platform:\n" + "".join(
    f"    {name + ':':<13}{{target: {target}, suffix: {suffix}}}\n"
    for name, (target, suffix) in PLATFORMS.items())

HEAD = """\
job: {name}
help: {help}
"""

INCLUDED = """\
include: [shared/platforms.yaml]
"""

LIBRARY = """\

params:
{platform}\
  profile: {{type: enum, values: [debug, release], default: release, help: How it is optimised}}
  features: {{type: list, of: {{type: enum, values: [{features}]}}, min-length: 0, default: [],
    help: What is built in}}
  jobs: {{type: int, min: 1, max: 64, default: 4, variant: false, help: Compilers at a time}}

select:
{table}\
  profile:
    debug:   {{flag: --debug, strip: "no"}}
    release: {{flag: --release, strip: symbols}}
vars:
  out: build/{name}/${{vars.target}}/${{params.profile}}
  library: ${{vars.out}}/lib{noun}.${{vars.suffix}}

requires: {{tools: [cargo, rustc], disk: 2GiB}}
{inputs}\
clean: ["${{vars.out}}/"]
env:
  RUSTFLAGS: --deny warnings
  CARGO_PROFILE_RELEASE_STRIP: ${{vars.strip}}
  CARGO_INCREMENTAL: {{when: {{profile: debug}}, value: "1"}}
timeout: {minutes}m
command:
  - cargo
  - build
  - --package={noun}-{number}
  - --target=${{vars.target}}
  - --jobs=${{params.jobs}}
  - {{when: {{profile: release}}, args: ["${{vars.flag}}"]}}
  - {{each: "${{params.features}}", args: [--features, "${{each}}"]}}
{arguments}\
  - --target-dir=${{vars.out}}

outputs:
  library: {{path: "${{vars.library}}", count: 1, help: The library itself}}
  headers: {{path: ["${{vars.out}}/include/**/*.h", "${{vars.out}}/include/**/*.hpp"], min: 1}}
"""

PACKAGE = """\

params:
{platform}\
  channel: {{type: enum, values: [pr, nightly, stable], default: pr, help: Who it is for}}
  tag: {{type: string, pattern: '\\d+\\.\\d+\\.\\d+(-(alpha|rc)\\.\\d+)?', default: 0.{number}.0,
    help: The version that it says}}

select:
{table}\
  channel:
    pr:      {{level: "1", prefix: dev}}
    nightly: {{level: "9", prefix: night}}
    stable:  {{level: "19", prefix: rel}}
vars:
  stage: dist/{name}/${{vars.target}}
  file: ${{vars.stage}}/${{vars.prefix}}-{noun}-${{params.tag}}.tar.zst
constraints:
  - when: {{channel: stable}}
    require: {{platform: {{not: macos-x64}}}}
    message: nothing is released for macos-x64 any more

{inputs}\
clean: ["${{vars.stage}}/"]
timeout: {minutes}m
script: |
  mkdir -p "$VAR_STAGE/root/lib"
  echo "{noun} $PARAM_TAG for $PARAM_PLATFORM ($PARAM_CHANNEL)" > "$VAR_STAGE/root/VERSION"
{lines}\
  find "$VAR_STAGE/root" -type f -name "*.$VAR_SUFFIX" | sort > "$VAR_STAGE/root/contents.txt"
  tar -C "$VAR_STAGE/root" -cf - . | zstd "-$VAR_LEVEL" -o "$VAR_FILE"

outputs:
  package: {{path: "${{vars.file}}", count: 1, help: The archive as it is released}}
"""

CHECK = """\

params:
{platform}\
  suite: {{type: enum, values: [fast, full], default: fast, help: Which tests are run}}
  shard: {{type: int, min: 0, max: 15, default: 0, help: Which part of them}}
  verbose: {{type: bool, default: false, variant: false, help: Say more}}

select:
{table}\
  suite:
    fast: {{filter: not slow, limit: "300"}}
    full: {{filter: slow or not slow, limit: "3600"}}
vars:
  reports: reports/{name}/${{vars.target}}

requires: {{platform: "${{params.platform}}", tools: [python3]}}
{inputs}\
clean: ["${{vars.reports}}/"]
env: {{PYTHONDONTWRITEBYTECODE: "1", TEST_SHARD: "${{params.shard}}"}}
timeout: {minutes}m
steps:
  - name: prepare
    command: [python3, tools/unpack.py, "--suffix=.${{vars.suffix}}", "--into=${{vars.reports}}"{arguments}]
  - name: test
    stdout: ${{vars.reports}}/log.txt
    env: {{TEST_LIMIT_S: "${{vars.limit}}"}}
    command:
      - python3
      - -m
      - pytest
      - --junitxml=${{vars.reports}}/results.xml
      - -k
      - ${{vars.filter}}
      - {{when: {{verbose: true}}, args: [-v, --durations=20]}}
      - tests/{noun}
  - name: summary
    always: true
    script: |
      grep -c testcase "$VAR_REPORTS/results.xml" || true

outputs:
  results: {{path: "${{vars.reports}}/results.xml", on: always, help: For the page of results}}
"""

# The form, and the output that jobs behind it take; nothing takes from a check.
KINDS = {"build": (LIBRARY, "library"), "package": (PACKAGE, "package"), "test": (CHECK, None)}


def name_of(number):
    kind = tuple(KINDS)[number % len(KINDS)]
    return f"{kind}-{NOUNS[number % len(NOUNS)]}-{number:05}"


def producers(rng, number):
    """Up to three jobs before this one that make something to take."""
    wanted = rng.randrange(4) if number > 0 else 0
    found = {rng.randrange(number) for _ in range(wanted)}
    return sorted(n for n in found if n % len(KINDS) != 2)


def inputs_text(taken):
    text = "inputs:\n" if taken else ""
    for index, number in enumerate(taken):
        name = name_of(number)
        output = KINDS[name.split("-")[0]][1]
        text += (f"  part{index}:\n    from: {name}\n    output: {output}\n"
                 f"    with: {{platform: \"${{params.platform}}\"}}\n    to: parts/{name}/\n")
    return text


def manifest_text(rng, number):
    name = name_of(number)
    kind = name.split("-")[0]
    noun = NOUNS[number % len(NOUNS)]
    taken = producers(rng, number)
    included = rng.random() < 0.3
    count = len(taken)
    if kind == "test":
        arguments = "".join(f', "${{inputs.part{i}.path}}"' for i in range(count))
    else:
        arguments = "".join(f"  - --link=${{inputs.part{i}.path}}\n" for i in range(count))
    return HEAD.format(name=name, help=f"The {noun}, {kind} {number}.") + (
        INCLUDED if included else "") + KINDS[kind][0].format(
            name=name, noun=noun, number=number, minutes=rng.randrange(5, 90),
            platform="" if included else PLATFORM_PARAM, table="" if included else PLATFORM_TABLE,
            features=", ".join(rng.sample(FEATURES, 4)), inputs=inputs_text(taken),
            arguments=arguments,
            lines="".join(f'  cp "$INPUT_PART{i}"/* "$VAR_STAGE/root/lib/"\n' for i in range(count)))


def write_manifests(folder, count, seed=1):
    """`folder` becomes a workspace; returns how many bytes its manifests have."""
    rng = random.Random(seed)
    manifests = pathlib.Path(folder) / "manifests"
    (manifests / FRAGMENT).parent.mkdir(parents=True)
    (manifests / FRAGMENT).write_text(f"params:\n{PLATFORM_PARAM}select:\n{PLATFORM_TABLE}")
    (pathlib.Path(folder) / "jobrun.yaml").write_text("manifests: manifests\n")
    size = 0
    for number in range(count):
        text = manifest_text(rng, number)
        (manifests / f"{name_of(number)}.yaml").write_text(text)
        size += len(text)
    return size


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    write_manifests(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
