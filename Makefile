# The shop's build.  `make help` lists what it can do.
#
#   make                        release build in build/release
#   make SAN=address,undefined  sanitized build in build/san-address-undefined
#   make SAN=thread             likewise, in build/san-thread
#   make FAULTS=1               with crash points (-DFAULT_POINTS), in build/faults
#   make V=1                    show whole commands
#
# Every target that runs something takes SAN and FAULTS too: `make SAN=thread test`.

MAKEFLAGS += --no-builtin-rules --no-builtin-variables
ifeq ($(filter -j% --jobserver%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all

ifeq ($(filter command environment,$(origin CC)),)
CC := gcc
endif
ifeq ($(filter command environment,$(origin AR)),)
AR := gcc-ar
endif

SAN ?=
FAULTS ?=
FUZZ ?=
SECONDS ?= 60
V ?=
T ?=
Q := $(if $(V),,@)
say = $(if $(V),@:,@printf '  %-8s %s\n' '$(1)' '$(2)')

comma := ,
VARIANT := $(if $(SAN),san-$(subst $(comma),-,$(SAN)))
ifneq ($(FAULTS),)
VARIANT := $(if $(VARIANT),faults-$(VARIANT),faults)
endif
ifneq ($(FUZZ),)
VARIANT := fuzz
endif
VARIANT := $(or $(VARIANT),release)
B   := build/$(VARIANT)
GEN := $(B)/gen
# Fault tests run against the same build with crash points in it.
FAULTS_BUILD := build/$(if $(SAN),faults-san-$(subst $(comma),-,$(SAN)),faults)

# --- Libraries -----------------------------------------------------------------------------------
# Their flags are found once, by dev/libs, which names whatever is missing.  Targets that promise to
# install what they need do so there, before anything is compiled; make then starts over by itself.

QUIET_GOALS   := help clean distclean down status logs ports install format openapi-check picture keys growing \
	charts k8s cluster e2e images images-local sbom
INSTALL_GOALS := run up test unit lint component integration faults contract fuzz bench bench-readme \
	bench-notifier bench-costs images-check
GOALS := $(or $(MAKECMDGOALS),all)
ifneq ($(filter-out $(QUIET_GOALS) debian13,$(GOALS)),)
include build/libs.mk
endif

build/libs.mk: dev/libs dev/install Makefile
	$(Q)dev/install $(if $(filter $(INSTALL_GOALS),$(GOALS)),,--check) build
	$(Q)mkdir -p $(@D)
	$(Q)dev/libs >$@.tmp && mv $@.tmp $@

# --- Flags ---------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wmissing-prototypes -Wstrict-prototypes -Wvla -Wformat=2 -Wcast-qual -Wwrite-strings \
	-Wundef -Wimplicit-fallthrough -Werror
CPPFLAGS := -D_GNU_SOURCE -I. -I$(GEN) $(LIB_CPPFLAGS) $(if $(FAULTS),-DFAULT_POINTS)
# Paths in the binaries are relative, so that the same sources give the same bytes anywhere.
CFLAGS   := -std=c17 -g $(WARNINGS) -fno-common -ffile-prefix-map=$(CURDIR)=. \
	-ffunction-sections -fdata-sections -fPIE
LDFLAGS  := -pie -Wl,--gc-sections
ifeq ($(SAN),)
CPPFLAGS += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
CFLAGS   += -O2 -fstack-protector-strong -fstack-clash-protection $(CFLAGS_CET)
LDFLAGS  += -Wl,--as-needed -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,separate-code
else
# Not --as-needed: a sanitizer defines crypt_r itself, passes it on, and libcrypt would be left out.
CFLAGS   += -O1 -fno-omit-frame-pointer -fsanitize=$(SAN) -fno-sanitize-recover=all \
	$(if $(FUZZ),-fsanitize=fuzzer-no-link)
LDFLAGS  += -fsanitize=$(SAN)
endif
CFLAGS  += $(EXTRA_CFLAGS)
LDLIBS  := $(LIB_LIBS) -pthread

# Whatever changes a flag rebuilds what was made with it.
FLAGS_STAMP := $(B)/flags
FLAGS_NOW   := $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(LDLIBS)
ifneq ($(filter-out $(QUIET_GOALS) debian13,$(GOALS)),)
ifneq ($(FLAGS_NOW),$(file <$(FLAGS_STAMP)))
$(shell mkdir -p $(B))
$(file >$(FLAGS_STAMP),$(FLAGS_NOW))
endif
endif

# --- Sources -------------------------------------------------------------------------------------

objects = $(patsubst %.c,$(B)/obj/%.o,$(1))

SHARED_OBJ   := $(call objects,$(wildcard shared/base/*.c shared/edge/*.c shared/infra/*.c))
AUTH_SRC     := $(wildcard fcgi/auth/*.c)
ITEMS_SRC    := $(wildcard fcgi/items/*.c)
NOTIFICATIONS_SRC := $(wildcard fcgi/notifications/*.c)
NOTIFIER_SRC := $(sort $(shell [ ! -d notifier ] || find notifier -name '*.c'))

# A program's own archive: all of it but main, for unit tests to link with.
without_main = $(call objects,$(filter-out %/main.c,$(1)))
AUTH_OBJ     := $(call without_main,$(AUTH_SRC))
ITEMS_OBJ    := $(call without_main,$(ITEMS_SRC))
NOTIFICATIONS_OBJ := $(call without_main,$(NOTIFICATIONS_SRC))
NOTIFIER_OBJ := $(call without_main,$(NOTIFIER_SRC))

# SQL migrations become a table in the binary.
ifneq ($(wildcard fcgi/auth/schema/*.sql),)
AUTH_OBJ     += $(B)/obj/gen/auth_migrations.o
endif
AUTH_OBJ     += $(B)/obj/gen/common_password_list.o
ifneq ($(wildcard notifier/schema/*.sql),)
NOTIFIER_OBJ += $(B)/obj/gen/notifier_migrations.o
endif
# The mails' templates: their generator adds to NOTIFIER_OBJ and says how it is made.
-include notifier/templates/Makefile.inc

PROGRAMS := $(if $(wildcard fcgi/auth/main.c),$(B)/auth.fcgi) \
	$(if $(wildcard fcgi/items/main.c),$(B)/items.fcgi) \
	$(if $(wildcard fcgi/notifications/main.c),$(B)/notifications.fcgi) \
	$(if $(wildcard notifier/main.c),$(B)/notifier)

UNIT_SRC   := $(wildcard tests/unit/*/test_*.c)
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(UNIT_SRC))
HELPER_SRC := $(wildcard tests/component/*.c tests/integration/*.c tests/contract/*.c \
	tests/faults/*.c tests/bench/*.c) dev/mail_preview.c dev/catalogue.c
HELPERS    := $(addprefix $(B)/tests/,$(notdir $(basename $(HELPER_SRC))))
FUZZ_SRC   := $(wildcard tests/fuzz/fuzz_*.c)
FUZZERS    := $(patsubst tests/fuzz/fuzz_%.c,$(B)/tests/fuzz/%,$(FUZZ_SRC))

.PHONY: all
all: $(PROGRAMS) ## build the programs (the default)

.PHONY: build-tests
build-tests: all $(UNIT_TESTS) $(HELPERS) $(FUZZERS) ## build the programs and the tests, run nothing

.PHONY: build-faults
build-faults: all $(patsubst tests/faults/%.c,$(B)/tests/%,$(wildcard tests/faults/*.c))

# --- Rules ---------------------------------------------------------------------------------------

$(B)/obj/%.o: %.c $(FLAGS_STAMP)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/gen/%.o: $(GEN)/%.c $(FLAGS_STAMP)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# An archive is made anew: `ar` alone would keep the objects of deleted sources.  D: no dates in it.
%.a:
	$(call say,AR,$@)
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcsD $@ $(filter %.o,$^)

$(B)/libshared.a: $(SHARED_OBJ)
$(B)/libauth.a: $(AUTH_OBJ)
$(B)/libitems.a: $(ITEMS_OBJ)
$(B)/libnotifications.a: $(NOTIFICATIONS_OBJ)
$(B)/libnotifier.a: $(NOTIFIER_OBJ)

# A source that went away leaves no newer object behind, yet its archive must be made anew.
define track
$(B)/$(1): $(B)/$(1).list
ifneq ($(1): $$(strip $$($(2))),$$(file <$(B)/$(1).list))
$$(file >$(B)/$(1).list,$(1): $$(strip $$($(2))))
endif
endef
ifneq ($(filter-out $(QUIET_GOALS) debian13,$(GOALS)),)
$(foreach pair,shared:SHARED auth:AUTH items:ITEMS notifications:NOTIFICATIONS notifier:NOTIFIER,\
	$(eval $(call track,lib$(word 1,$(subst :, ,$(pair))).a,$(word 2,$(subst :, ,$(pair)))_OBJ)))
endif

$(GEN)/auth_migrations.c: $(wildcard fcgi/auth/schema/*.sql) dev/embed-migrations
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)dev/embed-migrations auth_migrations fcgi/auth/schema >$@.tmp && mv $@.tmp $@

$(GEN)/common_password_list.c: fcgi/auth/common_passwords.txt dev/embed-passwords
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)dev/embed-passwords $< >$@.tmp && mv $@.tmp $@

$(GEN)/notifier_migrations.c: $(wildcard notifier/schema/*.sql) dev/embed-migrations
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)dev/embed-migrations notifier_migrations notifier/schema >$@.tmp && mv $@.tmp $@

define link
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LDLIBS)
endef

$(B)/auth.fcgi: $(B)/obj/fcgi/auth/main.o $(B)/libauth.a $(B)/libshared.a
	$(link)
$(B)/items.fcgi: $(B)/obj/fcgi/items/main.o $(B)/libitems.a $(B)/libshared.a
	$(link)
# What notifier and notifications share, the webhooks' store, they share by this archive.
$(B)/notifications.fcgi: $(B)/obj/fcgi/notifications/main.o $(B)/libnotifications.a \
		$(B)/libnotifier.a $(B)/libshared.a
	$(link)
$(B)/notifier: $(B)/obj/notifier/main.o $(B)/libnotifier.a $(B)/libshared.a
	$(link)

$(B)/tests/unit/auth/%: LDLIBS += $(CMOCKA_LIBS)
$(B)/tests/unit/auth/%: $(B)/obj/tests/unit/auth/%.o $(B)/libauth.a $(B)/libshared.a
	$(link)
$(B)/tests/unit/items/%: LDLIBS += $(CMOCKA_LIBS)
$(B)/tests/unit/items/%: $(B)/obj/tests/unit/items/%.o $(B)/libitems.a $(B)/libshared.a
	$(link)
$(B)/tests/unit/notifications/%: LDLIBS += $(CMOCKA_LIBS)
$(B)/tests/unit/notifications/%: $(B)/obj/tests/unit/notifications/%.o $(B)/libnotifications.a \
		$(B)/libnotifier.a $(B)/libshared.a
	$(link)
$(B)/tests/unit/notifier/%: LDLIBS += $(CMOCKA_LIBS)
$(B)/tests/unit/notifier/%: $(B)/obj/tests/unit/notifier/%.o $(B)/libnotifier.a $(B)/libshared.a
	$(link)
# base, edge and infra
$(B)/tests/unit/%: LDLIBS += $(CMOCKA_LIBS)
$(B)/tests/unit/%: $(B)/obj/tests/unit/%.o $(B)/libshared.a
	$(link)

# The tests' own C programs, each one file, with every archive at hand.
ARCHIVES := $(if $(AUTH_OBJ),$(B)/libauth.a) $(if $(ITEMS_OBJ),$(B)/libitems.a) \
	$(if $(NOTIFICATIONS_OBJ),$(B)/libnotifications.a) \
	$(if $(NOTIFIER_OBJ),$(B)/libnotifier.a) $(B)/libshared.a
define helper
$(B)/tests/$(notdir $(basename $(1))): $(call objects,$(1)) $(ARCHIVES)
	$$(link)
endef
$(foreach src,$(HELPER_SRC),$(eval $(call helper,$(src))))

# Fuzz targets: with libFuzzer, or with a driver that replays what the corpus holds.
$(B)/tests/fuzz/%: LDFLAGS += $(if $(FUZZ),-fsanitize=fuzzer)
$(B)/tests/fuzz/%: $(B)/obj/tests/fuzz/fuzz_%.o \
		$(if $(FUZZ),,$(B)/obj/tests/fuzz/driver.o) $(ARCHIVES)
	$(link)

-include $(patsubst %.c,$(B)/obj/%.d,$(wildcard shared/*/*.c) $(AUTH_SRC) $(ITEMS_SRC) \
	$(NOTIFICATIONS_SRC) $(NOTIFIER_SRC) $(UNIT_SRC) $(HELPER_SRC) $(wildcard tests/fuzz/*.c))
-include $(wildcard $(B)/obj/gen/*.d)

# --- Running -------------------------------------------------------------------------------------
# BUILD tells the scripts which binaries to take; everything else about the stack is in dev/stack.

export BUILD := $(CURDIR)/$(B)
export FAULTS_BUILD := $(CURDIR)/$(FAULTS_BUILD)

.PHONY: install
install: ## install the packages that building, running and testing need
	$(Q)dev/install build run test

.PHONY: install-run install-test install-browser install-fuzz install-bench
install-run:
	$(Q)dev/install run
install-test:
	$(Q)dev/install run test
# Where none can be had, the stories that need a browser are skipped, saying so.
install-browser:
	$(Q)dev/install preview || true
install-fuzz:
	$(Q)dev/install fuzz
install-bench:
	$(Q)dev/install run bench

.PHONY: run up down status logs ports
run: all install-run ## start the whole shop and stay in front until Ctrl-C
	@exec dev/stack run
up: all install-run ## start it in the background
	@exec dev/stack up
down: ## stop what `make up` or `make run` started
	@exec dev/stack down
status: ## tell which parts run
	@exec dev/stack status
# Without an ID they are followed; FOLLOW=yes and FOLLOW=no decide otherwise.
FOLLOW ?= $(if $(ID),no,yes)
logs: ## what all parts do, as one story: ID=request-or-trace LEVEL=warn FOLLOW=no NAMESPACE=cluster's
	@exec $(if $(NAMESPACE),dev/logs --namespace '$(NAMESPACE)',dev/stack logs) $(if $(ID),--id '$(ID)') \
		$(if $(LEVEL),--level '$(LEVEL)') $(if $(filter y yes 1 true,$(FOLLOW)),--follow)
ports: ## print the ports in use
	@exec dev/stack ports

.PHONY: keys admin
keys: ## make a new token signing key; the old ones stay valid
	@exec dev/keys
admin: ## make EMAIL's account an administrator: make admin EMAIL=you@example.org
	@exec dev/stack admin '$(EMAIL)'

# --- Tests ---------------------------------------------------------------------------------------
# One run of prove, hence one verdict.  dev/test starts the stacks that the chosen tests ask for.

unit_tests        := $(if $(T),$(filter %/test_$(T),$(UNIT_TESTS)),$(UNIT_TESTS))
lint_tests        := $(sort $(wildcard tests/lint/*.t))
component_tests   := $(sort $(wildcard tests/component/*.t))
integration_tests := $(sort $(wildcard tests/integration/*.t))
faults_tests      := $(sort $(wildcard tests/faults/*.t))
contract_tests    := $(sort $(wildcard tests/contract/*.t))
fuzz_tests        := $(sort $(wildcard tests/fuzz/*.t))
cluster_tests     := $(sort $(wildcard tests/cluster/*.t))
only = $(if $(T),$(filter %/$(T).t,$(1)),$(1))

.PHONY: test
test: build-tests install-test install-browser ## every test there is
	+$(if $(faults_tests),$(Q)$(MAKE) FAULTS=1 build-faults)
	@exec dev/test $(lint_tests) $(cluster_tests) $(unit_tests) $(fuzz_tests) $(component_tests) \
		$(contract_tests) $(integration_tests) $(faults_tests)

.PHONY: unit lint cluster e2e component integration faults contract
unit: $(unit_tests) install-test ## the unit tests; `make unit T=arena` runs one
	@exec dev/test $(unit_tests)
lint: ## the sources against the project's rules
	@exec dev/test $(call only,$(lint_tests))
cluster: install-test ## the charts and the manifests of k8s/, without a cluster
	@exec dev/test $(call only,$(cluster_tests))
e2e: ## the shop on the cluster that KUBECONFIG names; `make e2e T=rolling` tells one story
	@exec tests/cluster/e2e/run $(T)
component: build-tests install-test ## each program by itself, over its own socket
	@exec dev/test $(call only,$(component_tests))
integration: build-tests install-test install-browser ## stories told through the gateway, with curl
	@exec dev/test $(call only,$(integration_tests))
faults: build-tests install-test ## what happens when parts die
	+$(Q)$(MAKE) FAULTS=1 build-faults
	@exec dev/test $(call only,$(faults_tests))
contract: build-tests install-test ## the programs against openapi.yaml
	@exec dev/test $(call only,$(contract_tests))

.PHONY: fuzz
fuzz: install-fuzz ## look for bytes that break a parser: make fuzz T=json SECONDS=60
	+$(Q)$(MAKE) FUZZ=1 SAN=address,undefined CC=clang \
		$(patsubst $(B)/%,build/fuzz/%,$(if $(T),$(filter %/$(T),$(FUZZERS)),$(FUZZERS)))
	@exec tests/fuzz/run $(SECONDS) $(or $(T),$(notdir $(FUZZERS)))

ITEMS ?= 1000000

.PHONY: seed bench-catalogue
seed: build-tests ## fill the running shop with a catalogue of ITEMS=1000000; may be interrupted
	@settings=$$(dev/stack env) && eval "$$settings" && \
		exec $(B)/tests/catalogue "$$MONGODB_URI" "$$MONGODB_DATABASE" $(ITEMS)
bench-catalogue: build-tests ## lists and searches of ITEMS items beside those of ten thousand
	@exec tests/bench/catalogue $(ITEMS)

.PHONY: bench bench-readme bench-notifier bench-costs
bench: build-tests install-bench ## speed, beside the limits of this host
	@exec dev/with-stack tests/bench/run
bench-readme: build-tests install-bench ## the same, written into README.md
	@exec dev/with-stack tests/bench/run --readme
bench-notifier: build-tests install-test ## events in, mails and webhooks out, beside the limits of this host
	@exec dev/with-stack tests/bench/notifier
bench-costs: build-tests install-bench ## CPU time and bytes of a request, a mail, a webhook: dev/growing.tsv
	@exec dev/with-stack tests/bench/costs --keep

.PHONY: openapi-check
openapi-check: ## is openapi.yaml valid, complete and true to its examples?
	@exec dev/test tests/contract/openapi.t

.PHONY: debian13
debian13: ## build and unit-test in a Debian 13 of its own; WHAT='faults T=x' makes that there
	@exec dev/debian13 $(WHAT)

# --- The rest ------------------------------------------------------------------------------------

.PHONY: readme
readme: all ## write the settings and the first session into README.md
	@exec tests/contract/readme-tables.sh --write

.PHONY: growing
growing: ## reckon what a growing shop needs: README.md's table, helm/shop/values-SIZE.yaml
	@dev/growing --write && exec tests/contract/readme-tables.sh --write growing

.PHONY: picture
picture: assets/architecture.png ## draw assets/architecture.png
assets/architecture.png: assets/architecture.dot
	$(call say,DOT,$@)
	$(Q)command -v dot >/dev/null || { echo "make picture: dot is missing: install graphviz" >&2; exit 1; }
	$(Q)dot -Tpng -Gdpi=110 -o $@.tmp $< && mv $@.tmp $@

.PHONY: charts k8s
charts: ## the charts with what they depend on, ready for helm install: build/charts
	@exec dev/charts
k8s: ## make k8s/, and each chart's README and schema, from the charts
	@exec dev/chart-files

SERVICES := auth items notifications notifier
# Their arguments, by environment or after `make`, are those of dev/images/build.
.PHONY: images images-local images-check sbom
images: ## container images of the services: BASE=… REGISTRY=… VERSION=… BUILDER=…
	@exec dev/images/build dev/images/Dockerfile $(SERVICES)
images-local: ## likewise of the stores, the broker and a mailbox, for where no registry is reached
	@exec dev/images/build dev/images/Dockerfile.stores postgresql rabbitmq secantusdb mail haproxy
images-check: all install-test ## what `make images` built: contents, sizes, start and end
	@exec tests/cluster/check-images
sbom: ## what each image of the services consists of, as SPDX: build/sbom
	@exec dev/images/sbom $(SERVICES)

.PHONY: mail-preview
mail-preview: $(B)/tests/mail_preview ## show every mail in every language: build/mail-preview/index.html
	$(Q)dev/install preview
	@exec dev/mail-preview $< build/mail-preview

.PHONY: format
format: ## lay out the C sources by .clang-format
	$(Q)command -v clang-format >/dev/null || { echo "make format: clang-format is missing" >&2; exit 1; }
	$(Q)git ls-files -z '*.c' '*.h' | xargs -0 clang-format -i

.PHONY: clean
clean: ## remove what was built and, after asking, the local stack's data
	$(Q)dev/stack clean
	$(Q)rm -rf build

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z][a-z0-9 -]*:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
