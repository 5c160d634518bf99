# make run      build, and show unlearning on a small model (no downloads)
# make test     every test, on the CPU and on PoCL
# make binary   a program that needs no Swift libraries where it runs
# make clean    remove what was built

.DEFAULT_GOAL := run
.PHONY: run test binary setup clean

# A crash should end the tests, not wait for a debugger's answer.
export SWIFT_BACKTRACE ?= enable=no

run: setup
	swift build -c release --product ofmu-gpu
	.build/release/ofmu-gpu run

test: setup
	swift test -c release --disable-xctest

binary: setup
	swift build -c release --product ofmu-gpu --static-swift-stdlib --scratch-path .build-static
	@echo "built .build-static/release/ofmu-gpu"

setup:
	@scripts/setup.sh

clean:
	rm -rf .build .build-static
