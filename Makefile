# SPDX-License-Identifier: MIT
#
# make help says what there is.  A folder is a library of its own name; a
# program is its main file and what it needs of them.

PREFIX     ?= /usr/local
DESTDIR    ?=
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
ifdef CI
override CFLAGS += -Werror
endif

lib = $(shell $(PKG_CONFIG) --libs $(1))
SODIUM  := $(call lib,libsodium)
JSON    := $(call lib,jansson)
CURL    := $(call lib,libcurl) $(call lib,libcrypto) $(call lib,expat)
SECRET  := $(call lib,libsecret-1)
HTTPD   := $(call lib,libmicrohttpd)
SQLITE  := $(call lib,sqlite3)
JOSE    := $(call lib,jose)
YAML    := $(call lib,libfyaml)
INI     := $(call lib,inih)
override CPPFLAGS += $(shell $(PKG_CONFIG) --cflags-only-I libsecret-1)

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
	    $(call program_of,broker/jit-broker.c,$(BIN)/jit-broker)
tests    := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/test_*.c))

all: $(programs)

define folder_library
$(call archive,$(1)): $(call members,$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(AR) rcsD $$@ $$^
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
$(BIN)/jit-broker: $(BUILD)/broker/jit-broker.o $(call archives,broker policy aws protocol base)
$(BIN)/jit-broker: LDLIBS = $(HTTPD) $(SQLITE) $(JOSE) $(YAML) $(CURL) $(SODIUM) $(JSON) $(INI)

$(programs):
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
		-Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LDLIBS)

# A unit test may use any module; --as-needed and archives keep each one small.
$(tests): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(call archives,$(folders))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
		-Wl,--start-group $(filter %.a,$^) -Wl,--end-group -lcmocka -lev \
		$(HTTPD) $(SQLITE) $(JOSE) $(YAML) $(CURL) $(SECRET) $(SODIUM) $(JSON) $(INI)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# The same without a dynamic loader, for those who count: a tenth of the time.
static: $(BIN)/jit-credentials-static
$(BIN)/jit-credentials-static: client/jit-credentials.c client/reply.c client/reply.h \
		protocol/address.c protocol/address.h base/error.c base/error.h base/cleanup.h
	@mkdir -p $(@D)
	musl-gcc -D_GNU_SOURCE -I. -DJIT_VERSION='"$(VERSION)"' -std=c11 -O2 -Wall -Wextra \
		-fstack-protector-strong -static -no-pie -fno-pie -s -o $@ $(filter %.c,$^)

# A text that is built in: its bytes as a C initialiser.
$(BUILD)/%.inc: %
	@mkdir -p $(@D)
	od -An -v -tu1 $< | sed 's/ *\([0-9][0-9]*\)/\1,/g' > $@
$(BUILD)/protocol/service.o: $(BUILD)/protocol/io.jitctl.Agent.varlink.inc

unit: $(tests)
	@for t in $(tests); do echo "== $$t"; $$t || exit 1; done

# Python for the tests: moto stands for AWS, boto3 and varlink are clients.
venv: build/venv/.installed
build/venv/.installed: tests/requirements.txt
	/usr/bin/python3 -m venv build/venv
	build/venv/bin/pip install -q --disable-pip-version-check -r $<
	@touch $@

# How fast: bench/run prints a table of ratios.  Never part of check.
bench_tools := $(addprefix build/bench/,spawn echo load herd transactions flow)

$(bench_tools): build/bench/%: $(BUILD)/bench/%.o $(BUILD)/bench/stats.o \
		$(call archives,protocol base)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(filter %.a,$^) \
		-lev $(SQLITE) $(SODIUM) $(JSON) -lpthread

build/bench/floor: bench/floor.c
	@mkdir -p $(@D)
	musl-gcc -static -O2 -o $@ $<

bench: all static $(bench_tools) build/bench/floor
	@bench/run

clean:
	rm -rf build compile_commands.json

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: all static unit venv clean
.DELETE_ON_ERROR:
.SECONDARY:
