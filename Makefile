# SPDX-License-Identifier: MIT
#
# make help says what there is.  A folder is a library of its own name; a
# program is its main file and what it needs of them.

PREFIX     ?= /usr/local
DESTDIR    ?=
SECONDS    ?= 60
PKG_CONFIG ?= pkg-config
VERSION    := 0.1.0

# Every kind of build has its own tree, so switching never needs a clean.
FLAVOUR ?= plain
BUILD   := build/$(FLAVOUR)
ifeq ($(FLAVOUR),plain)
BIN     := build/bin
LIBEXEC := build/libexec
else
BIN     := $(BUILD)/bin
LIBEXEC := $(BUILD)/libexec
endif

CFLAGS   ?= -O2 -g
override CPPFLAGS += -D_GNU_SOURCE -I. -I$(BUILD) -DJIT_VERSION='"$(VERSION)"'
override CFLAGS += -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
	-fstack-protector-strong -fPIE -MMD -MP
override LDFLAGS += -pie -Wl,-z,relro,-z,now -Wl,--as-needed
ifeq ($(FLAVOUR),plain)
override CPPFLAGS += -D_FORTIFY_SOURCE=2
endif
ifeq ($(FLAVOUR),sanitize)
SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all
override CFLAGS  += $(SANITIZERS)
override LDFLAGS += $(SANITIZERS)
endif
ifeq ($(FLAVOUR),fuzz)
CC = clang
override CFLAGS  += -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
override LDFLAGS += -fsanitize=address,undefined
endif
ifeq ($(FLAVOUR),coverage)
override CFLAGS  += --coverage -O0
override LDFLAGS += --coverage
endif
ifeq ($(FLAVOUR),analyze)
# Wrong about variables with a cleanup attribute; clang-tidy looks at those.
override CFLAGS += -fanalyzer -Werror -Wno-analyzer-use-of-uninitialized-value
# Its header lies before what it returns.
$(BUILD)/base/wiping.o: override CFLAGS += -Wno-analyzer-malloc-leak
# It loses sight of what hangs in a list, an array or a job; LSan does not.
$(BUILD)/broker/hub.o: override CFLAGS += -Wno-analyzer-malloc-leak
$(BUILD)/broker/request.o: override CFLAGS += -Wno-analyzer-malloc-leak
$(BUILD)/policy/scope.o: override CFLAGS += -Wno-analyzer-malloc-leak
$(BUILD)/policy/text.o: override CFLAGS += -Wno-analyzer-malloc-leak
$(BUILD)/broker/terraform-plan.o: override CFLAGS += -Wno-analyzer-malloc-leak
$(BUILD)/agent/broker-call.o: override CFLAGS += -Wno-analyzer-malloc-leak
# It doesn't see that is_advancing keeps a connection; ASan looks.
$(BUILD)/agent/connection.o: override CFLAGS += -Wno-analyzer-use-after-free
# It forgets what a block held when realloc() moves it.
$(BUILD)/client/lines.o: override CFLAGS += -Wno-analyzer-malloc-leak
endif
ifdef CI
override CFLAGS += -Werror
endif

# V=1 shows whole commands, -s none.
say = $(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),,@echo '  $(1) $(2)';)

# Asked for when linking only, so that make install-dependencies needs none.
lib     = $(shell $(PKG_CONFIG) --libs $(1))
SODIUM  = $(call lib,libsodium)
JSON    = $(call lib,jansson)
CURL    = $(call lib,libcurl libcrypto expat)
SECRET  = $(call lib,libsecret-1)
HTTPD   = $(call lib,libmicrohttpd)
SQLITE  = $(call lib,sqlite3)
JOSE    = $(call lib,jose)
YAML    = $(call lib,libfyaml)
INI     = $(call lib,inih)
LIBSECRET_INCLUDES = $(shell $(PKG_CONFIG) --cflags-only-I libsecret-1)

folders := base protocol aws policy keystore agent client broker
mains   := agent/jit-agent.c agent/fetch.c keystore/keyring.c \
	   client/jitctl.c client/jit-credentials.c broker/jit-broker.c
archive  = $(BUILD)/$(1).a
members  = $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(mains),$(wildcard $(1)/*.c)))
archives = $(foreach f,$(1),$(call archive,$(f)))

program_of = $(if $(wildcard $(1)),$(2))
programs := $(call program_of,agent/jit-agent.c,$(BIN)/jit-agent) \
	    $(call program_of,agent/fetch.c,$(LIBEXEC)/jit-agent-fetch) \
	    $(call program_of,keystore/keyring.c,$(LIBEXEC)/jit-agent-keyring) \
	    $(call program_of,client/jitctl.c,$(BIN)/jitctl) \
	    $(call program_of,client/jit-credentials.c,$(BIN)/jit-credentials) \
	    $(call program_of,broker/jit-broker.c,$(BIN)/jit-broker $(LIBEXEC)/jit-broker-core)
tests    := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/test_*.c))

all: $(programs) ## the programs, in build/bin and build/libexec

define folder_library
$(call archive,$(1)): $(call members,$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(call say,ar,$$@)$$(AR) rcsD $$@ $$^
endef
$(foreach f,$(folders),$(eval $(call folder_library,$(f))))

$(BIN)/jit-agent: $(BUILD)/agent/jit-agent.o $(call archives,agent keystore protocol base)
$(BIN)/jit-agent: LDLIBS = $(SODIUM) $(JSON) $(INI) -lev
$(LIBEXEC)/jit-agent-fetch: $(BUILD)/agent/fetch.o $(call archives,agent aws protocol base)
$(LIBEXEC)/jit-agent-fetch: LDLIBS = $(CURL) $(SODIUM) $(JSON)
$(LIBEXEC)/jit-agent-keyring: $(BUILD)/keystore/keyring.o $(call archives,keystore base)
$(LIBEXEC)/jit-agent-keyring: LDLIBS = $(SECRET) $(SODIUM) $(JSON)
$(BIN)/jitctl: $(BUILD)/client/jitctl.o $(call archives,client protocol base)
$(BIN)/jitctl: LDLIBS = $(JSON) $(SODIUM) $(INI)
$(BIN)/jit-credentials: $(BUILD)/client/jit-credentials.o $(call archives,client protocol base)
# One mapping of code and constants: five page faults of fifty less for each start.
$(BIN)/jit-credentials: override LDFLAGS += -Wl,-z,noseparate-code
# One main and one table of commands: of those whose libraries take long to load
# jit-broker has no code, and runs the core.
$(BIN)/jit-broker: $(BUILD)/broker/jit-broker.o $(call archives,broker policy base)
$(BIN)/jit-broker: LDLIBS = $(YAML) $(SODIUM) $(JSON) $(INI)
$(LIBEXEC)/jit-broker-core: $(BUILD)/broker/jit-broker.o \
		$(patsubst %.c,$(BUILD)/%.o,$(wildcard broker/command-*.c)) \
		$(call archives,broker policy aws protocol base)
$(LIBEXEC)/jit-broker-core: LDLIBS = $(HTTPD) $(SQLITE) $(JOSE) $(YAML) $(CURL) $(SODIUM) $(JSON) $(INI)

$(programs):
	@mkdir -p $(@D)
	$(call say,ld,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
		-Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LDLIBS)

# A unit test may use any module; --as-needed and archives keep each one small.
$(tests): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(call archives,$(folders))
	@mkdir -p $(@D)
	$(call say,ld,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
		-Wl,--start-group $(filter %.a,$^) -Wl,--end-group -lcmocka -lev \
		$(HTTPD) $(SQLITE) $(JOSE) $(YAML) $(CURL) $(SECRET) $(SODIUM) $(JSON) $(INI)

# What a script of the tests runs.
tools := $(patsubst %/bin,%,$(BIN))/tools/policy-judge
$(tools): $(BUILD)/tests/policy/judge.o $(call archives,broker policy base)
	@mkdir -p $(@D)
	$(call say,ld,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
		-Wl,--start-group $(filter %.a,$^) -Wl,--end-group \
		$(HTTPD) $(SQLITE) $(JOSE) $(YAML) $(CURL) $(SODIUM) $(JSON) $(INI)

$(BUILD)/keystore/%.o $(BUILD)/tests/%.o: override CPPFLAGS += $(LIBSECRET_INCLUDES)
$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,cc,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# The same without a dynamic loader, for those who count: a tenth of the time.
static: $(BIN)/jit-credentials-static ## jit-credentials without a dynamic loader
$(BIN)/jit-credentials-static: client/jit-credentials.c client/reply.c client/reply.h \
		protocol/address.c protocol/address.h base/error.c base/error.h base/text.h \
		base/descriptors.c base/descriptors.h base/cleanup.h
	@mkdir -p $(@D)
	$(call say,cc,$@)musl-gcc -D_GNU_SOURCE -I. -DJIT_VERSION='"$(VERSION)"' -std=c11 -O2 -Wall -Wextra \
		-fstack-protector-strong -static -no-pie -fno-pie -s -o $@ $(filter %.c,$^)

# A text that is built in: its bytes as a C initialiser.
$(BUILD)/%.inc: %
	@mkdir -p $(@D)
	$(call say,od,$<)od -An -v -tu1 $< | sed 's/ *\([0-9][0-9]*\)/\1,/g' > $@
$(BUILD)/protocol/service.o: $(BUILD)/protocol/io.jitctl.Agent.varlink.inc

# --- tests ------------------------------------------------------------------
# JIT_BUILD tells the scripts which flavour's programs they try.
RUN     := JIT_BUILD=$(CURDIR)/$(patsubst %/bin,%,$(BIN)) tests/run
scripts := $(wildcard tests/check-*.sh)
e2e     := $(filter-out tests/e2e/lib%,$(wildcard tests/e2e/*.sh))

check: ## install what is missing, then every test
	@packaging/install-dependencies build check
	@$(MAKE) --no-print-directory venv all $(tests) $(tools)
	@$(MAKE) --no-print-directory check-installed

check-installed: venv all $(tests) $(tools)
	@$(RUN) $(tests) $(scripts) $(e2e)

unit: $(tests) ## the unit tests only
	@tests/run $(tests)

e2e: venv all $(tools) ## the end-to-end scripts only
	@$(RUN) $(e2e)

check-policies: $(tools) ## scopes and their policies, 100,000 pairs (PAIRS, SEED)
	@PAIRS=$${PAIRS:-100000} JIT_BUILD=$(CURDIR)/$(patsubst %/bin,%,$(BIN)) tests/e2e/policy.sh

golden: $(BUILD)/tests/test_forms ## write docs/access.md's policies and tests/vectors/forms anew
	@mkdir -p tests/vectors/forms && FORMS=write $<

# Every unit test, and every end-to-end script but those that measure time or
# try programs that are not built here, under ASan, UBSan and LeakSanitizer.
sanitized_e2e = $(filter-out $(addprefix tests/e2e/,$(addsuffix .sh,$(not_sanitized))),$(e2e))
# AddressSanitizer keeps what was freed, and its shadow is terabytes to scan.
# The units forbid what the sanitizers do: ptrace, terabytes, pages to run.
# LeakSanitizer does not work under strace, its memory is not the agent's, and the
# core is not confined with it.
not_sanitized := memory-scan systemd-user systemd-sandbox systemd-broker \
	agent-other-uid agent-memory agent-sandbox

sanitize: ## the tests again under ASan, UBSan and LeakSanitizer
	@packaging/install-dependencies build check
	@$(MAKE) --no-print-directory FLAVOUR=sanitize CFLAGS='-O1 -g' sanitize-installed

sanitize-installed: venv all $(tests) $(tools)
	@JIT_SLOW=4 $(RUN) $(tests) $(sanitized_e2e)

fuzzers := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

fuzz: ## each fuzzer for SECONDS=60
	@packaging/install-dependencies build lint
	@$(MAKE) --no-print-directory FLAVOUR=fuzz CFLAGS='-O1 -g' fuzz-installed

fuzz-installed: $(fuzzers)
	@for f in $(fuzzers); do \
		name=$${f##*/}; echo "== $$name"; mkdir -p $$f.corpus; \
		dict=tests/fuzz/$$name.dict; seeds=tests/vectors/$$name; \
		$$f -max_total_time=$(SECONDS) -print_final_stats=1 -artifact_prefix=$$f- \
			$$([ ! -f $$dict ] || echo -dict=$$dict) \
			$$f.corpus $$([ ! -d $$seeds ] || echo $$seeds) || exit 1; \
	done

$(fuzzers): build/fuzz/%: $(BUILD)/tests/fuzz/%.o $(call archives,$(folders))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $(filter %.o,$^) \
		-Wl,--start-group $(filter %.a,$^) -Wl,--end-group -lev \
		$(HTTPD) $(SQLITE) $(JOSE) $(YAML) $(CURL) $(SECRET) $(SODIUM) $(JSON) $(INI)

# Python for the tests: moto stands for AWS, boto3 and varlink are clients.
venv: build/venv/.installed ## the Python that the tests use
build/venv/.installed: tests/requirements.txt
	/usr/bin/python3 -m venv build/venv
	build/venv/bin/pip install -q --disable-pip-version-check -r $<
	@touch $@

# How fast: bench/run prints a table of ratios.  Never part of check.
bench_tools := $(addprefix build/bench/,spawn echo load herd transactions flow)

$(bench_tools): build/bench/%: $(BUILD)/bench/%.o $(BUILD)/bench/stats.o \
		$(call archives,protocol base)
	@mkdir -p $(@D)
	$(call say,ld,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(filter %.a,$^) \
		-lev $(SQLITE) $(SODIUM) $(JSON) -lpthread

build/bench/transactions build/bench/flow: $(BUILD)/bench/clients.o

build/bench/profiles: $(BUILD)/bench/profiles.o $(BUILD)/bench/stats.o \
		$(call archives,broker policy base)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
		-Wl,--start-group $(filter %.a,$^) -Wl,--end-group \
		$(HTTPD) $(SQLITE) $(JOSE) $(YAML) $(CURL) $(SODIUM) $(JSON) $(INI)

build/bench/floor: bench/floor.c
	@mkdir -p $(@D)
	$(call say,cc,$@)musl-gcc -static -O2 -o $@ $<

bench: all static $(bench_tools) build/bench/profiles build/bench/floor ## how fast, against yardsticks
	@bench/run

# --- lint -------------------------------------------------------------------
# Each file is one process of each tool and is looked at again when it or a
# header of it has changed.
linted   := $(wildcard $(addsuffix /*.c,$(folders)) bench/*.c)
with_tests := $(linted) $(wildcard tests/*.c tests/*/*.c)
headers  := $(wildcard $(addsuffix /*.h,$(folders)) bench/*.h tests/*.h)
tidied   := $(patsubst %.c,build/lint/%.tidied,$(linted))

lint: ## clang-format, clang-tidy, cppcheck, gcc -fanalyzer
	@packaging/install-dependencies build lint
	@$(MAKE) --no-print-directory -k lint-format lint-tidy lint-cppcheck lint-analyze

lint-format: ## clang-format's
	@echo clang-format; clang-format --dry-run --Werror $(with_tests) $(headers)

lint-tidy: ## clang-tidy's findings
	@$(MAKE) --no-print-directory -k -j2 $(tidied)

# memleak, uninitvar: wrong about the cleanup attribute and about out parameters;
# -fanalyzer, LSan and clang-tidy own those.
lint-cppcheck: ## cppcheck's
	@mkdir -p build/lint/cppcheck
	@echo cppcheck; cppcheck --quiet --error-exitcode=1 --std=c11 -j2 --inline-suppr \
		--enable=warning,portability --suppress=memleak \
		--suppress=uninitvar --suppress=unmatchedSuppression \
		--cppcheck-build-dir=build/lint/cppcheck -D_GNU_SOURCE \
		-DJIT_VERSION='"0"' -I. $(linted)

lint-analyze: ## gcc's
	@$(MAKE) --no-print-directory -k -j2 FLAVOUR=analyze all

$(tidied): build/lint/%.tidied: %.c .clang-tidy $(BUILD)/protocol/io.jitctl.Agent.varlink.inc
	@mkdir -p $(@D)
	@echo "clang-tidy $<"
	@$(CC) $(CPPFLAGS) $(LIBSECRET_INCLUDES) -MM -MP -MT $@ -MF $(@:.tidied=.d) $<
	@clang-tidy --quiet --warnings-as-errors='*' $< -- $(CPPFLAGS) $(LIBSECRET_INCLUDES) \
		-std=c11 2>$(@:.tidied=.stderr) || { cat $(@:.tidied=.stderr); exit 1; }
	@touch $@

# --- seen from outside ------------------------------------------------------
demo: ## the whole story with the real aws, against moto, in a temporary tree
	@packaging/install-dependencies build demo
	@echo "building"
	@$(MAKE) -s --no-print-directory venv all
	@tests/demo

# Units and man pages name /usr/local; PREFIX takes its place.
at_prefix = sed 's,/usr/local/,$(PREFIX)/,g' $(1) >$(2) && chmod 644 $(2)

install: all ## programs, units, man pages, completion (DESTDIR, PREFIX)
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin libexec lib/systemd/user \
		lib/systemd/system lib/sysusers.d lib/tmpfiles.d share/man/man1 share/man/man5 share/man/man8 \
		share/bash-completion/completions share/zsh/site-functions \
		share/fish/vendor_completions.d share/doc/jit-agent)
	install -m755 $(filter $(BIN)/%,$(programs)) $(DESTDIR)$(PREFIX)/bin
	install -m755 $(filter $(LIBEXEC)/%,$(programs)) $(DESTDIR)$(PREFIX)/libexec
	@set -e; $(foreach i,$(installed),\
		$(call at_prefix,$(firstword $(subst :, ,$(i))),$(DESTDIR)$(PREFIX)/$(lastword $(subst :, ,$(i))));)
	install -m644 README.md LICENSE $(DESTDIR)$(PREFIX)/share/doc/jit-agent

# FROM:TO, TO below PREFIX.
installed := \
	$(foreach f,$(wildcard systemd/jit-agent.*),$(f):lib/systemd/user/$(notdir $(f))) \
	systemd/jit-broker.service:lib/systemd/system/jit-broker.service \
	systemd/jit-broker.sysusers:lib/sysusers.d/jit-broker.conf \
	systemd/jit-broker.tmpfiles:lib/tmpfiles.d/jit-broker.conf \
	$(foreach n,1 5 8,$(foreach f,$(wildcard man/*.$(n)),$(f):share/man/man$(n)/$(notdir $(f)))) \
	$(foreach f,profiles.schema.json profiles.example.yaml,docs/$(f):share/doc/jit-agent/$(f)) \
	$(foreach p,jitctl jit-broker,\
		packaging/completion/$(p).bash:share/bash-completion/completions/$(p) \
		packaging/completion/_$(p):share/zsh/site-functions/_$(p) \
		packaging/completion/$(p).fish:share/fish/vendor_completions.d/$(p).fish)

uninstall: ## what install put there; configuration and state stay
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,$(foreach i,$(installed),$(lastword $(subst :, ,$(i)))) \
		$(addprefix bin/,$(notdir $(filter $(BIN)/%,$(programs)))) \
		$(addprefix libexec/,$(notdir $(filter $(LIBEXEC)/%,$(programs)))) \
		share/doc/jit-agent/README.md share/doc/jit-agent/LICENSE)
	@rmdir $(DESTDIR)$(PREFIX)/share/doc/jit-agent 2>/dev/null || true

install-dependencies: ## the Debian packages that everything here needs
	@packaging/install-dependencies build demo check lint

help: ## this
	@sed -nE 's/^([a-z0-9-]+):[^#]*## (.*)/make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t28
	@echo 'FLAVOUR=plain sanitize fuzz coverage analyze; CI=1 for -Werror; V=1 for whole commands; PREFIX, DESTDIR for install'

clean: ## remove everything that was built
	rm -rf build compile_commands.json

-include $(shell find $(BUILD) build/lint -name '*.d' 2>/dev/null)
.PHONY: all unit check check-installed check-policies golden e2e sanitize sanitize-installed fuzz fuzz-installed venv \
	bench static lint lint-format lint-tidy lint-cppcheck lint-analyze demo install uninstall install-dependencies help clean
.DELETE_ON_ERROR:
.SECONDARY:
