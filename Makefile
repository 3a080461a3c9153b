# jobrun: build, check, test. `make help` lists what people call.
#
#   BUILD=dir     where everything goes (default build)
#   CC=clang      another compiler
#   WERROR=1      warnings are errors (what CI does)
#   SANITIZE=1    AddressSanitizer and UndefinedBehaviorSanitizer
#   STATIC=1      link the small libraries statically where the archive is there
#   V=1           show the commands

VERSION := 0.1.0

comma := ,

BUILD  ?= build
PYTHON ?= /usr/bin/python3
V      ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),:,printf '  %-7s %s\n')

# The floors of src/, lowest first: a floor may include those before it
# (tests/meta/check_layers.py has the exact table).
FLOORS := base sys manifest job store run cli

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
            -Wmissing-prototypes -Wvla
CFLAGS   ?= -O2 -g
CPPFLAGS += -D_GNU_SOURCE -D_DARWIN_C_SOURCE -D_FILE_OFFSET_BITS=64 -Isrc -I$(BUILD) \
            -include base/banned.h -DJOBRUN_VERSION='"$(VERSION)"'
ALL_CFLAGS = -std=c11 $(WARNINGS) $(if $(filter 1,$(WERROR)),-Werror) $(SANITIZER) \
             -fno-strict-aliasing -fstack-protector-strong -ffunction-sections -fdata-sections \
             $(CFLAGS)
SANITIZER = $(if $(filter 1,$(SANITIZE)),-fsanitize=address$(comma)undefined \
            -fno-sanitize-recover=all -fno-omit-frame-pointer)
# Only what is used is loaded: a library costs time at every start.
LINKER_FLAGS := $(if $(filter Darwin,$(shell uname -s)),-Wl$(comma)-dead_strip,-Wl,--as-needed -Wl,--gc-sections)

# One library: its archive where STATIC=1 and there is one, else the shared one.
archive = $(filter /%,$(shell $(CC) -print-file-name=lib$(1).a))
library = $(or $(if $(filter 1,$(STATIC)),$(call archive,$(1))),-l$(1))
LIBS = $(foreach l,yaml jansson pcre2-8 crypto,$(call library,$(l))) -pthread

SOURCES := $(foreach f,$(FLOORS),$(sort $(wildcard src/$(f)/*.c)))
OBJECTS := $(SOURCES:src/%.c=$(BUILD)/obj/%.o)
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

$(BUILD)/obj/%.o: src/%.c $(BUILD)/flags
	@$(say) CC $<
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

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
	$$(Q)$$(CC) $$(CPPFLAGS) -Itests/unit $$(ALL_CFLAGS) $$(LINKER_FLAGS) $$(LDFLAGS) -MMD -MP -o $$@ $$(filter-out %.h,$$^) $$(LIBS) -lcmocka
.PHONY: unit-$(1)
unit-$(1): $(BUILD)/unit/test_$(1)
	$$(Q)$(BUILD)/unit/test_$(1)
endef
$(foreach u,$(UNIT_NAMES),$(eval $(call unit_rule,$(u))))

.PHONY: unit
unit: $(UNIT_NAMES:%=unit-%)

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(OBJECTS:.o=.d) $(UNITS:tests/unit/%.c=$(BUILD)/unit/%.d)
