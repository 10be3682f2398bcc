# Build, test and install usage-shipper.  `make help` lists the targets.
#
#   make V=1                           print whole commands
#   make unit SAN=address,undefined    a sanitizer build, in its own folder
#   make CC=clang all                  another compiler, in its own folder

PREFIX  ?= /usr/local
CFLAGS  ?= -O2 -g
WERROR  ?= -Werror
SAN     ?=
CASES   ?= ../shared/cases/cases.jsonl
VERSION := 0.1.0

PKGS      := libcurl libpcre2-8 yaml-0.1 json-c sqlite3 libcrypto zlib libmicrohttpd libseccomp
DEB_BUILD := pkg-config libcurl4-openssl-dev libpcre2-dev libyaml-dev libjson-c-dev \
             libsqlite3-dev libssl-dev zlib1g-dev libmicrohttpd-dev libseccomp-dev
DEB_TEST  := libcmocka-dev acl clang libclang-rt-dev valgrind strace logrotate sqlite3 curl jq openssl procps netcat-openbsd iproute2 \
             systemd systemd-journal-remote bsdutils \
             libestr0 libfastjson4 libivykis0 libnet1 libpcre3 libwrap0 libglib2.0-0 libev4 libjemalloc2 # for tests/support/unpacked.sh
DEB_PACKAGE := debhelper dpkg-dev fakeroot
DEB_BENCH := ripgrep wrk nghttp2-client

comma   := ,
FLAVOUR := $(or $(subst $(comma),+,$(SAN)),plain)$(if $(filter clang%,$(CC)),-clang)
B       := build/$(FLAVOUR)
PROGRAM := $(if $(filter plain,$(FLAVOUR)),build/usage-shipper,$(B)/usage-shipper)
Q       := $(if $(V),,@)
say      = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

WARN := -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes \
        -Wwrite-strings -Wcast-qual -Wimplicit-fallthrough $(WERROR)
BASE := -std=gnu11 $(WARN) -MMD -MP -D_GNU_SOURCE -DRULES_DIR='"$(PREFIX)/share/usage-shipper/rules"' -DVERSION='"$(VERSION)"'
ifeq ($(SAN),)
BASE += -D_FORTIFY_SOURCE=2 -fstack-protector-strong
else
CFLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=$(SAN) -fno-sanitize-recover=all
endif
# Asked when first used, since `make deps` may have to bring pkg-config itself.
INCS = $(eval INCS := $$(shell pkg-config --cflags $(PKGS)))$(INCS)
LIBS = $(eval LIBS := $$(shell pkg-config --libs $(PKGS)))$(LIBS)

# What is built: every .c file in its folder.  A new file needs no edit here.
objs     = $(patsubst %.c,$(B)/%.o,$(wildcard $(1)))
PARSERS := $(call objs,parsers/*.c)
SHIPPER := $(call objs,shipper/*.c shipper/*/*.c)
SUPPORT := $(call objs,tests/support/*.c)
UNITS   := $(patsubst %.c,$(B)/%,$(wildcard tests/parsers/test_*.c tests/shipper/test_*.c))
TOOLS   := $(patsubst %.c,$(B)/%,$(wildcard tests/tools/*.c))
PRELOAD := $(patsubst tests/preload/%.c,$(B)/tests/tools/%.so,$(wildcard tests/preload/*.c))
# What fuzz targets link beside parsers/: code that does no I/O.
FUZZED  := $(patsubst %,build/fuzz/shipper/sources/%.o,binary decoder encoding gunzip hole) \
           build/fuzz/tests/support/both_ways.o
FUZZERS := $(notdir $(basename $(wildcard tests/fuzz/fuzz_*.c)))

all: $(PROGRAM) ## build the program: build/usage-shipper (default)

$(PROGRAM): $(SHIPPER) $(B)/libparsers.a
$(UNITS): %: %.o $(B)/libsupport.a $(B)/libshipper.a $(B)/libparsers.a
$(UNITS): TESTLIBS := -lcmocka
$(TOOLS): %: %.o $(B)/libshipper.a $(B)/libparsers.a
$(B)/tests/tools/score $(B)/tests/tools/confusion: $(addprefix $(B)/tests/support/,cases.o finding.o)
$(PROGRAM) $(UNITS) $(TOOLS):
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(TESTLIBS)

$(PRELOAD): $(B)/tests/tools/%.so: tests/preload/%.c
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(BASE) $(CFLAGS) $(LDFLAGS) -fPIC -shared -o $@ $<

$(B)/libsupport.a: $(SUPPORT)
$(B)/libshipper.a: $(filter-out %/main.o,$(SHIPPER))
$(B)/libparsers.a: $(PARSERS)
$(B)/lib%.a:
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# The layers as include paths: parsers/ sees only itself; everyone else names
# the layer in each include ("parsers/record.h", "shipper/spool/spool.h").
$(B)/parsers/%.o: WHERE := parsers
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(BASE) -iquote $(or $(WHERE),.) $(INCS) $(CFLAGS) $(CPPFLAGS) -c -o $@ $<

deps: ## install what is missing to build (Debian; prints what it will install)
	$(Q)sh tests/support/deps.sh "$(PKGS)" $(DEB_BUILD)

test-deps:
	$(Q)sh tests/support/deps.sh "$(PKGS) cmocka" $(DEB_BUILD) $(DEB_TEST)

demo: deps ## see it work: a log being written becomes delivered events
	$(Q)$(MAKE) --no-print-directory $(if $(findstring j,$(MAKEFLAGS)),,-j$$(nproc)) all
	$(Q)SHIPPER=$(PROGRAM) sh examples/demo/demo.sh

test: test-deps ## run the whole suite
	$(Q)MAKE="$(MAKE)" sh tests/run.sh

unit: $(UNITS) ## build and run the unit tests
	$(Q)sh tests/run.sh units $(UNITS)

scenarios: $(PROGRAM) $(TOOLS) $(PRELOAD) ## run the scenarios: the real program, real files, real kill -9
	$(Q)SHIPPER=$(PROGRAM) TOOLS=$(B)/tests/tools sh tests/run.sh scenarios $(or $(ONLY),tests/scenarios/[0-9]*.sh)

soak: $(PROGRAM) $(TOOLS) $(PRELOAD) $(UNITS) ## the long versions: thousands of seeds, a month of logrotate
	$(Q)SHIPPER=$(PROGRAM) TOOLS=$(B)/tests/tools UNITS=$(B)/tests BOUND=1800 \
	    sh tests/run.sh scenarios $(or $(ONLY),tests/soak/[0-9]*.sh)

bench: test-deps $(PROGRAM) $(TOOLS) ## measure against other tools; ONLY=, SIZE=, RUNS= as docs/performance.md says
	$(Q)sh tests/support/deps.sh "$(PKGS)" $(DEB_BUILD) $(DEB_BENCH)
	$(Q)for script in $(or $(ONLY),tests/bench/*.sh); do \
	    SHIPPER=$(PROGRAM) TOOLS=$(B)/tests/tools sh $$script || exit 1; done

cases: $(B)/tests/tools/score $(B)/tests/tools/confusion ## rules against real log lines: CASES=FILE, V=1 shows what is wrong
	$(Q)$(B)/tests/tools/confusion $(if $(V),-v) $(CASES) tests/cases/library.txt $(wildcard rules/*.yaml)
	$(Q)$(B)/tests/tools/score $(if $(V),-v) $(CASES) $(wildcard tests/cases/*.yaml)

tools: $(TOOLS) $(PRELOAD)
build-units: $(UNITS)
objects: $(UNITS:=.o) $(TOOLS:=.o) $(SUPPORT)
print-units:
	@echo $(UNITS)

# Plain builds only: a sanitizer adds its own symbols.
pure: $(PARSERS) ## prove that parsers/ has no I/O, clock or mutable globals
	$(call say,PURE,parsers/)
	$(Q)$(LD) -r -o $(B)/parsers.o $(PARSERS)
	$(Q)! { nm -u $(B)/parsers.o | awk '{print $$2}' | grep -vxFf tests/pure.allow | sed 's/^/calls outside: /'; \
	        objdump -t $(B)/parsers.o | awk '/ O [.](data|bss)[ \t.]/ && !/[.]data[.]rel[.]ro/ {print "mutable data:  " $$NF}'; } | grep .

fuzz: fuzz-build ## fuzz every parser: make fuzz FUZZ_SECONDS=60
	$(Q)for f in $(FUZZERS); do $(MAKE) --no-print-directory $$f || exit 1; done
fuzz-build: # everything that the fuzzers link, once
	$(Q)$(MAKE) --no-print-directory CC=clang SAN=fuzzer-no-link,address,undefined B=build/fuzz \
	    build/fuzz/libparsers.a $(FUZZED) $(FUZZERS:%=build/fuzz/tests/fuzz/%.o)
$(FUZZERS): fuzz_%: fuzz-build
	@mkdir -p build/fuzz/corpus/$*
	$(call say,FUZZ,$*)
	$(Q)clang -fsanitize=fuzzer,address,undefined -o build/fuzz/$@ build/fuzz/tests/fuzz/$@.o \
	    $(FUZZED) build/fuzz/libparsers.a $(LIBS)
	$(Q)build/fuzz/$@ -max_total_time=$(or $(FUZZ_SECONDS),60) -timeout=5 -verbosity=0 \
	    -artifact_prefix=build/fuzz/ $(if $(wildcard tests/fuzz/$*.dict),-dict=tests/fuzz/$*.dict) \
	    build/fuzz/corpus/$* $(wildcard tests/fuzz/corpus/$*)

install: all ## install under PREFIX (honours DESTDIR): program, rules, manual pages, systemd unit
	$(Q)sh packaging/install.sh $(PROGRAM) $(VERSION) $(PREFIX) $(DESTDIR)

deb: ## build the Debian package: build/deb/usage-shipper_VERSION-1_ARCH.deb
	$(Q)sh tests/support/deps.sh "$(PKGS)" $(DEB_BUILD) $(DEB_PACKAGE)
	$(Q)sh packaging/deb.sh $(VERSION)

dist: ## a tarball for other distributions, with every library but libc: unpack it in /
	$(Q)sh packaging/dist.sh "$(MAKE)" $(VERSION)

format: ## rewrite the sources with .clang-format
	clang-format -i $(wildcard parsers/*.[ch] shipper/*.[ch] shipper/*/*.[ch] tests/*/*.[ch])

clean: ## remove everything built
	rm -rf build

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{printf "  %-10s %s\n", $$1, $$2}'

.PHONY: all deps test-deps demo test unit scenarios soak bench cases tools build-units objects print-units pure fuzz fuzz-build \
        install deb dist format clean help $(FUZZERS)
.DELETE_ON_ERROR:
.SECONDARY:
-include $(shell find build -type d '(' -path build/unpacked -o -path build/deb ')' -prune -o -type f -name '*.d' -print 2>/dev/null)
