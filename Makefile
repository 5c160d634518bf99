# make run      build, and show unlearning on a small model (no downloads)
# make test     every test, on the CPU and on PoCL
# make lint     are all sources formatted?
# make format   format all sources
# make sizes    lines of every module, and the longest files
# make binary   a program that needs no Swift libraries where it runs
# make clean    remove what was built

.DEFAULT_GOAL := run
.PHONY: run test lint format sizes binary setup setup-lint clean

SWIFT_SOURCES = Package.swift Sources Tests Examples
C_SOURCES = $(wildcard Sources/CKernels/*.[ch] Sources/CKernels/*/*.[ch] Kernels/*.cl) Kernels/erf.h

# A crash should end the tests, not wait for a debugger's answer.
export SWIFT_BACKTRACE ?= enable=no

run: setup
	swift build -c release --product ofmu-gpu
	.build/release/ofmu-gpu run

test: setup
	swift test -c release --disable-xctest

lint: setup-lint
	swift format lint --strict --recursive --parallel $(SWIFT_SOURCES)
	clang-format --dry-run --Werror $(C_SOURCES)

format: setup-lint
	swift format format --in-place --recursive --parallel $(SWIFT_SOURCES)
	clang-format -i $(C_SOURCES)

sizes:
	@scripts/sizes.sh

binary: setup
	swift build -c release --product ofmu-gpu --static-swift-stdlib --scratch-path .build-static
	@echo "built .build-static/release/ofmu-gpu"

setup:
	@scripts/setup.sh

setup-lint:
	@scripts/setup.sh clang-format

clean:
	rm -rf .build .build-static
