# The front door. `make rehearse` and `make check` do all the set-up they need.
BUILD ?= build
EXAMPLE := examples/glanceflow
PREFIX ?= /usr/local

.PHONY: all help rehearse check check-fast bench install deb format clean setup setup-test

all: $(BUILD)/golive

help:
	@sed -n 's/^## //p' Makefile

## make rehearse    set up this machine, build golive, rehearse a whole production release of the example
rehearse: setup all
	cd $(EXAMPLE) && $(CURDIR)/$(BUILD)/golive rehearse

## make check       set up this machine, build with sanitizers and analyzers, run every test
check: setup-test
	scripts/check

## make check-fast  build and run the unit and command-line tests only
check-fast: all
	meson test -C $(BUILD) --suite unit --suite cli --print-errorlogs

## make bench       measure side by side with the peers; prints ratios
bench: setup
	scripts/setup bench test
	$(MAKE) all
	bench/run

## make install     install golive below PREFIX (/usr/local)
install: setup
	meson setup $(BUILD)-release --prefix=$(PREFIX) --buildtype=release --strip --reconfigure 2>/dev/null || \
	    meson setup $(BUILD)-release --prefix=$(PREFIX) --buildtype=release --strip
	meson install -C $(BUILD)-release

## make deb         build golive_VERSION_ARCH.deb
deb: setup
	scripts/deb

## make format      put every C file into the project's format
format:
	git ls-files '*.c' '*.h' | xargs clang-format -i

## make clean       remove build directories
clean:
	rm -rf build build-*

setup:
	scripts/setup

setup-test:
	scripts/setup test

$(BUILD)/build.ninja:
	meson setup $(BUILD)

$(BUILD)/golive: $(BUILD)/build.ninja FORCE
	ninja -C $(BUILD)

.PHONY: FORCE
FORCE:
