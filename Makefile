# jobrun: build, check, test. `make help` lists what people call.
#
#   BUILD=dir     where everything goes (default build)
#   CC=clang      another compiler
#   WERROR=1      warnings are errors (what CI does)
#   SANITIZE=1    AddressSanitizer and UndefinedBehaviorSanitizer
#   FUZZER=1      counters for libFuzzer (clang)
#   STATIC=1      link the small libraries statically where the archive is there
#   V=1           show the commands

VERSION := 0.1.0

comma := ,

BUILD  ?= build
# The distribution's python has the distribution's pytest; in a conda or pixi
# environment that is the environment's.
PYTHON ?= $(if $(CONDA_PREFIX),python3,/usr/bin/python3)
JOBS   ?= $(shell getconf _NPROCESSORS_ONLN)
V      ?= 0
Q := $(if $(filter 1,$(V)),,@)
quiet := $(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
say = $(if $(filter 1,$(V))$(quiet),:,printf '  %-7s %s\n')

# The floors of src/, lowest first: a floor may include those before it
# (tests/meta/check_layers.py has the exact table).
FLOORS := base sys manifest job store run lint cli

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
            -Wmissing-prototypes -Wvla
CFLAGS   ?= $(if $(filter 1,$(SANITIZE)),-O1,-O2) -g
CPPFLAGS += -D_GNU_SOURCE -D_DARWIN_C_SOURCE -D_FILE_OFFSET_BITS=64 -Isrc -I$(BUILD) \
            -include base/banned.h -DJOBRUN_VERSION='"$(VERSION)"'
ALL_CFLAGS = -std=c11 $(WARNINGS) $(if $(filter 1,$(WERROR)),-Werror) $(SANITIZER) \
             -fno-strict-aliasing -fstack-protector-strong -ffunction-sections -fdata-sections \
             $(CFLAGS)
SANITIZER = $(if $(filter 1,$(SANITIZE)),-fsanitize=address$(comma)undefined \
            -fno-sanitize-recover=all -fno-omit-frame-pointer) \
            $(if $(filter 1,$(FUZZER)),-fsanitize=fuzzer-no-link)
# Only what is used is loaded: a library costs time at every start.
LINKER_FLAGS := $(if $(filter Darwin,$(shell uname -s)),-Wl$(comma)-dead_strip,-Wl,--as-needed -Wl,--gc-sections)

# One library: its archive where STATIC=1 and there is one, else the shared one.
archive = $(firstword $(wildcard $(patsubst -L%,%/lib$(1).a,$(filter -L%,$(LDFLAGS)))) \
          $(filter /%,$(shell $(CC) $(CFLAGS) -print-file-name=lib$(1).a)))
library = $(or $(if $(filter 1,$(STATIC)),$(call archive,$(1))),-l$(1))
LIBRARIES := yaml jansson pcre2-8 crypto
# libarchive is opened when something is packed, libcurl when a remote store is asked
# (src/sys/library.h): their headers alone are needed here.
LIBS = $(foreach l,$(LIBRARIES),$(call library,$(l))) -pthread -ldl

SOURCES := $(foreach f,$(FLOORS),$(sort $(wildcard src/$(f)/*.c)))
OBJECTS := $(SOURCES:src/%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/cli/schema_text.o
HEADERS := $(sort $(wildcard src/*/*.h))
UNITS   := $(sort $(wildcard tests/unit/test_*.c))

.PHONY: all
all: $(BUILD)/jobrun

# One archive for each floor. A unit test is linked with the floor of the module
# that it tests and those below, so that the layers are proved by the linker too.
define floor_rule
$(BUILD)/$(1).a: $$(filter $(BUILD)/obj/$(1)/%,$$(OBJECTS))
	@$$(say) AR $$@
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $$^
endef
$(foreach f,$(FLOORS),$(eval $(call floor_rule,$(f))))

below = $(if $(filter $(1),$(firstword $(2))),$(1),$(firstword $(2)) $(call below,$(1),$(wordlist 2,99,$(2))))
archives_to = $(foreach f,$(call reverse,$(call below,$(1),$(FLOORS))),$(BUILD)/$(f).a)
reverse = $(if $(1),$(call reverse,$(wordlist 2,99,$(1))) $(firstword $(1)))
floor_of = $(notdir $(patsubst %/,%,$(dir $(firstword $(wildcard src/*/$(1).c)))))

$(BUILD)/jobrun: $(BUILD)/obj/cli/main.o $(call archives_to,cli)
	@$(say) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LINKER_FLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

define compile
	@$(say) CC $<
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
endef
$(BUILD)/obj/%.o: src/%.c $(BUILD)/flags
	$(compile)
$(BUILD)/obj/%.o: $(BUILD)/gen/%.c $(BUILD)/flags
	$(compile)

# What `jobrun schema` prints, as bytes: a text of this length is too long for C.
SCHEMAS := job jobrun fragment
$(BUILD)/gen/cli/schema_text.c: $(SCHEMAS:%=schema/%.schema.json) Makefile
	@$(say) MAKE $@
	@mkdir -p $(@D)
	$(Q){ echo '#include "cli/schema_text.h"'; \
	    for name in $(SCHEMAS); do \
	        echo "static const unsigned char $$name[] = {"; \
	        od -An -v -tu1 schema/$$name.schema.json | sed 's/[0-9][0-9]*/&,/g'; \
	        echo '};'; \
	    done; \
	    echo 'const struct schema_text SCHEMA_TEXTS[] = {'; \
	    for name in $(SCHEMAS); do echo "    {\"$$name\", $$name, sizeof $$name},"; done; \
	    echo '    {NULL, NULL, 0}};'; } > $@.new
	$(Q)mv $@.new $@

# Changes when the version or the way of compiling does.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$FLAGS" | cmp -s - $@ || printf '%s\n' "$$FLAGS" > $@
$(BUILD)/flags: export FLAGS = $(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) $(STATIC)
.PHONY: FORCE
FORCE:

# Unit tests: `make unit` runs all, `make unit-arena` one.
UNIT_NAMES := $(UNITS:tests/unit/test_%.c=%)
define unit_rule
$(BUILD)/unit/test_$(1): tests/unit/test_$(1).c $$(wildcard tests/unit/*.h) $$(call archives_to,$$(call floor_of,$(1)))
	@$$(say) LINK $$@
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CPPFLAGS) -Itests/unit $$(ALL_CFLAGS) $$(LINKER_FLAGS) $$(LDFLAGS) -MMD -MP -o $$@ $$(filter %.c %.a,$$^) $$(LIBS) -lcmocka
.PHONY: unit-$(1)
unit-$(1): $(BUILD)/unit/test_$(1)
	$$(Q)$(BUILD)/unit/test_$(1)
endef
$(foreach u,$(UNIT_NAMES),$(eval $(call unit_rule,$(u))))

.PHONY: unit unit-programs
unit: $(UNIT_NAMES:%=unit-%)
unit-programs: $(UNIT_NAMES:%=$(BUILD)/unit/test_%)

# Fuzz targets. FUZZER=1 links libFuzzer, which looks for inputs; else a target
# takes files, and runs once with each.
FUZZ_TARGETS := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_PARTS   := tests/fuzz/fuzz.c $(if $(filter 1,$(FUZZER)),,tests/fuzz/replay.c)
FUZZ_PROGRAMS := $(FUZZ_TARGETS:%=$(BUILD)/fuzz/%)
$(FUZZ_PROGRAMS): $(BUILD)/fuzz/%: tests/fuzz/fuzz_%.c $(FUZZ_PARTS) tests/fuzz/fuzz.h $(call archives_to,manifest)
	@$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests/fuzz $(ALL_CFLAGS) $(if $(filter 1,$(FUZZER)),-fsanitize=fuzzer) \
	    $(LINKER_FLAGS) $(LDFLAGS) -o $@ $(filter %.c %.a,$^) $(LIBS)

.PHONY: fuzz fuzz-programs
fuzz-programs: $(FUZZ_PROGRAMS)
# What is new is kept in build/libfuzzer/corpus; an input that fails, in build/libfuzzer.
FUZZ       ?= document
SECONDS    ?= 60
FUZZ_BYTES ?= 4096
FUZZ_BUILD := $(BUILD)/libfuzzer
fuzz:
	$(Q)$(MAKE) --no-print-directory BUILD=$(FUZZ_BUILD) CC=clang SANITIZE=1 FUZZER=1 $(FUZZ_BUILD)/fuzz/$(FUZZ)
	$(Q)mkdir -p $(FUZZ_BUILD)/corpus/$(FUZZ)
	$(Q)$(FUZZ_BUILD)/fuzz/$(FUZZ) -max_total_time=$(SECONDS) -max_len=$(FUZZ_BYTES) -timeout=10 \
	    -dict=tests/fuzz/yaml.dict -artifact_prefix=$(FUZZ_BUILD)/$(FUZZ)- -print_final_stats=1 \
	    $(FUZZ_FLAGS) $(FUZZ_BUILD)/corpus/$(FUZZ) tests/fuzz/corpus/$(FUZZ) tests/cli/diagnostics

# Benchmarks: what jobrun takes beside what others take. `make bench-lint BENCH_FLAGS=...`
BENCH_PROGRAMS := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(sort $(wildcard tests/bench/*.c)))
$(BENCH_PROGRAMS): $(BUILD)/bench/%: tests/bench/%.c $(BUILD)/flags
	@$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(LINKER_FLAGS) $(LDFLAGS) -o $@ $< $(LIBS)
.PHONY: bench-lint bench-gcs bench-programs
bench-programs: $(BENCH_PROGRAMS)
bench-lint: $(BUILD)/jobrun bench-programs
	$(Q)$(PYTHON) tests/bench/bench_lint.py --build $(BUILD) $(BENCH_FLAGS)
bench-gcs: $(BUILD)/jobrun bench-programs support
	$(Q)$(PYTHON) tests/bench/bench_gcs.py --build $(BUILD) $(BENCH_FLAGS)

# What the tests of stores drive: a part of jobrun alone, which gets tokens, and what the
# double of Google Cloud Storage (tests/support/gcs) is fast with. Python loads that, and
# so it never has a sanitizer.
.PHONY: support
support: $(BUILD)/support/google_token $(BUILD)/support/gcs_double.so
$(BUILD)/support/google_token: tests/support/google_token.c $(call archives_to,store)
	@$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(LINKER_FLAGS) $(LDFLAGS) -o $@ $(filter %.c %.a,$^) $(LIBS)
$(BUILD)/support/gcs_double.so: src/base/digest.c tests/support/gcs_double.c $(BUILD)/flags
	@$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -std=c11 $(WARNINGS) -O2 -fPIC -shared -fvisibility=hidden -ffunction-sections \
	    $(LINKER_FLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^) $(LIBS)

# Tests of the binary. PYTEST_FLAGS= where pytest-xdist is missing.
PYTEST_FLAGS ?= -n $(JOBS)
PYTEST = JOBRUN=$(abspath $(BUILD)/jobrun) $(PYTHON) -m pytest -q -p no:cacheprovider $(PYTEST_FLAGS)
.PHONY: cli store-tests gcs-tests meta fuzz-tests bench-tests
cli: $(BUILD)/jobrun
	$(Q)$(PYTEST) tests/cli
store-tests: $(BUILD)/jobrun support
	$(Q)$(PYTEST) tests/store
# What is marked `store` once more, with every store in a double of Google Cloud Storage.
gcs-tests: $(BUILD)/jobrun support
	$(Q)JOBRUN_TEST_STORE=gs $(PYTEST) -m 'store and not folder_store and not slow' tests/cli tests/store
meta: $(BUILD)/jobrun
	$(Q)$(PYTEST) tests/meta
fuzz-tests: $(BUILD)/jobrun fuzz-programs
	$(Q)$(PYTEST) tests/fuzz
bench-tests: $(BUILD)/jobrun bench-programs support
	$(Q)$(PYTEST) tests/bench

.PHONY: asan
asan:
	$(Q)$(MAKE) BUILD=$(BUILD)/asan SANITIZE=1 unit
	$(Q)$(MAKE) BUILD=$(BUILD)/asan SANITIZE=1 cli store-tests meta fuzz-tests

# Everything, with every compiler; `test` installs what is missing first. The
# last line is the sum: N passed, N failed.
.PHONY: test run-tests
test:
	$(Q)tests/support/deps.sh test
	$(Q)tests/support/npm.sh
	$(Q)$(PYTHON) tests/support/run_tests.py --build $(BUILD) --jobs $(JOBS)
run-tests:
	$(Q)$(PYTHON) tests/support/run_tests.py --build $(BUILD) --jobs $(JOBS)

# The pages that are made from the program; tests/meta proves them in step.
.PHONY: reference
reference: $(BUILD)/jobrun
	$(Q)$(PYTHON) tests/support/reference.py schema
	$(Q)$(PYTHON) tests/support/rules.py $(BUILD)/jobrun > $(BUILD)/rules.md
	$(Q)mv $(BUILD)/rules.md schema/rules.md

# What a developer runs before a commit.
.PHONY: check lint
check: lint unit cli
lint: format-check check-layers check-headers shellcheck tidy

C_FILES := $(SOURCES) $(HEADERS) $(UNITS) $(sort $(wildcard tests/unit/*.h tests/fuzz/*.[ch] tests/bench/*.c tests/support/*.c))
.PHONY: format format-check
format:
	$(Q)clang-format -i $(C_FILES)
format-check:
	@$(say) FORMAT "$(words $(C_FILES)) files"
	$(Q)clang-format --dry-run -Werror $(C_FILES)

.PHONY: check-layers
check-layers:
	@$(say) LAYERS src
	$(Q)$(PYTHON) tests/meta/check_layers.py src

# Every header compiles alone, with both compilers where they are there.
HEADER_COMPILERS ?= $(notdir $(foreach c,gcc clang,$(shell command -v $(c))))
.PHONY: check-headers
check-headers:
	@$(say) HEADERS "$(words $(HEADERS)) files, $(HEADER_COMPILERS)"
	$(Q)mkdir -p $(BUILD)
	$(Q)for header in $(HEADERS:src/%=%); do for compiler in $(HEADER_COMPILERS); do \
	    echo "$$compiler $$header"; done; done | xargs -P $(JOBS) -n 2 sh -c \
	    'echo "#include \"$$1\"" | $$0 $(subst ','\'',$(CPPFLAGS)) $(ALL_CFLAGS) -Werror \
	     -fsyntax-only -x c - || { echo "$$1 does not compile alone" >&2; exit 1; }'

SCRIPTS := .ci/run $(sort $(wildcard tests/support/*.sh manifests/*.sh \
           $(foreach depth,* */* */*/*,examples/$(depth).sh)))
.PHONY: shellcheck
shellcheck:
	@$(say) SHELL "$(words $(SCRIPTS)) scripts"
	$(Q)shellcheck $(SCRIPTS)

# clang-tidy is slow, so a file is looked at again only when it, a header or the
# rules have changed.
.PHONY: tidy
tidy:
	$(Q)$(MAKE) --no-print-directory -k $(if $(findstring -j,$(MAKEFLAGS)),,-j$(JOBS)) $(SOURCES:src/%.c=$(BUILD)/tidy/%.ok)
$(BUILD)/tidy/%.ok: src/%.c $(HEADERS) .clang-tidy
	@$(say) TIDY $<
	@mkdir -p $(@D)
	$(Q)clang-tidy --quiet $< -- -std=c11 $(CPPFLAGS) $(WARNINGS) 2> $@.log || { cat $@.log; exit 1; }
	$(Q)touch $@

# What is given to others: the small libraries inside, so that the program needs
# the C library alone. It is built on the platform that it is for.
HOST_PLATFORM := $(patsubst Darwin-%,macos-%,$(patsubst Linux-%,linux-%,$(shell \
    uname -sm | sed 's/ /-/; s/x86_64$$/x64/; s/amd64$$/x64/; s/aarch64$$/arm64/')))
PLATFORM ?= $(HOST_PLATFORM)
.PHONY: release
release:
	$(Q)if [ '$(PLATFORM)' != '$(HOST_PLATFORM)' ]; then \
	    echo 'error: this machine is $(HOST_PLATFORM), and cannot build for $(PLATFORM)' >&2; \
	    echo 'help: jobrun is not cross-compiled: run this on a $(PLATFORM) machine' >&2; exit 1; fi
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/release STATIC=1 all
	$(Q)$(or $(STRIP),strip) $(BUILD)/release/jobrun
	$(Q)manifests/licenses.sh $(BUILD)/release/licenses \
	    $(foreach l,$(LIBRARIES),$(addprefix $(l)=,$(call archive,$(l))))

.PHONY: install-deps demo
install-deps:
	$(Q)tests/support/deps.sh test
	$(Q)tests/support/npm.sh
demo:
	$(Q)tests/support/demo.sh

.PHONY: help
help:
	@echo 'make                 build/jobrun'
	@echo 'make release         build/release/jobrun, which needs the C library alone'
	@echo 'make demo            two jobs, a missing input and a skip, from a fresh store'
	@echo 'make check           before a commit: lint, unit, cli'
	@echo 'make test            every test with every compiler; installs what is missing'
	@echo 'make run-tests       the same, installing nothing'
	@echo 'make unit, unit-X    unit tests of all modules, of module X'
	@echo 'make cli             tests of the command line; also store-tests, gcs-tests, meta'
	@echo 'make asan            unit, cli, store-tests and meta with sanitizers'
	@echo 'make bench-lint      times of lint beside libyaml, ajv and yamllint'
	@echo 'make bench-gcs       times of Google Cloud Storage beside rclone, gcloud and node'
	@echo 'make fuzz            looks for bad inputs: FUZZ=document SECONDS=60'
	@echo 'make lint            format-check check-layers check-headers shellcheck tidy'
	@echo 'make format          formats the C files'
	@echo 'make reference       schema/manifest.md of the schemas, schema/rules.md of the rules'
	@echo 'make install-deps    installs the packages that make test needs (Debian)'
	@echo 'make clean           removes build/'
	@echo 'variables            BUILD=dir CC=clang WERROR=1 SANITIZE=1 STATIC=1 V=1 JOBS=n'

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(OBJECTS:.o=.d) $(UNITS:tests/unit/%.c=$(BUILD)/unit/%.d)
