# make test         everything that must pass before a change lands; installs what it needs
# make race         of these, the packages with goroutines of their own, under the race detector
# make conformance  Go's own test binaries inside the machine, all of the list
# make bench        the machine against this computer and against qemu; the kernel against ipykernel; the page's budgets
# make web          the web page, into build/web: a folder for any static host (needs Node.js and npm)
# make test-web     of these, the page and JupyterLite in Debian's chromium, against rt0 itself; screenshots in build/screenshots
# make fuzz         each fuzz target for FUZZTIME
# make mutants      3,200 programs with broken symbols through run, boot, trace, gdb and dap; make test takes the first dozen

GO       ?= go
FUZZTIME ?= 30s
# Versions of Go besides the local one in which the page has its samples; those that cannot be had are left out.
WEB_GO   ?= 1.25.0,1.21.13
# Versions whose hello lessons boot besides.
HELLO_GO ?= 1.18.10,1.16.15

.PHONY: test check cross unit race conformance bench fuzz mutants tools web test-web

test: tools check cross unit race test-web

# Formatting and vet.
check:
	@test -z "$$(gofmt -l . | tee /dev/stderr)" || { echo "gofmt these files"; exit 1; }
	$(GO) vet ./...

# Nothing may stop the machine from being built for the browser or for other systems.
cross:
	GOOS=js GOARCH=wasm $(GO) build -o /dev/null ./emulator/... ./lessons/... ./wasm/worker ./wasm/session
	GOOS=darwin GOARCH=arm64 $(GO) build ./...
	GOOS=windows GOARCH=amd64 $(GO) build ./...

unit:
	$(GO) test -timeout 30m ./...

# Packages with goroutines of their own. Those of the kernel that are left out run Jupyter's programs, not ours. A test that the
# detector's cost breaks calls race.TooMuch, and one whose interpreted code races is in the list of package internal/race.
RACE = ./emulator/internal/digest ./internal/race ./internal/listen ./internal/logsample ./internal/site ./lessons/interpret ./lessons/model ./kernel ./kernel/cells ./kernel/supervise ./kernel/zeromq ./dap ./emulator/gdbserver ./emulator/history/...

race: tools
	@if ! echo '#include <stdlib.h>' | $$($(GO) env CC) -fsyntax-only -x c - 2>/dev/null; then echo "NOT TESTED: data races: the race detector needs gcc and libc6-dev"; \
	else export CGO_ENABLED=1; $(GO) test -race -timeout 10m $(RACE); fi

conformance:
	$(GO) test -count=1 -timeout 2h ./internal/conformance -v -full

bench: tools web bin/rt0
	$(GO) run ./emulator/bench
	$(GO) run ./kernel/bench
	$(GO) test -run '^$$' -bench . . ./emulator ./emulator/history ./emulator/gdbserver ./kernel/cells ./lessons
	cd wasm/web && npm run --silent bench
	cd wasm/lite && npm run --silent bench

# Up to Go 1.26 the coordinator of fuzzing may take the end of FUZZTIME for a failure when the computer is busy: "context deadline
# exceeded", and no input is written (go.dev/issue/75804).
fuzz:
	@log=$$(mktemp) && trap "rm -f $$log" EXIT && \
	grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u | while read -r dir; do \
		for target in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' $$dir/*_test.go | cut -d' ' -f2); do \
			{ $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x $$dir 2>&1 || echo "$$target failed"; } | tee $$log; \
			if grep -q "^$$target failed$$" $$log; then \
				grep -qx '    context deadline exceeded' $$log && ! grep -q 'Failing input' $$log || exit 1; \
				echo "$$target: its time was over, and nothing was found"; \
			fi; \
		done; \
	done

mutants:
	$(GO) test -run '^TestMutants$$' -timeout 2h . -v -mutants 3200

web: wasm/web/node_modules/.package-lock.json wasm/lite/node_modules/.package-lock.json
	$(GO) run ./wasm/build -go '$(WEB_GO)' -hello '$(HELLO_GO)'
	cd wasm/web && npm run --silent build
	cd wasm/lite && npm run --silent build
	$(GO) run ./wasm/build -precompress build/web

wasm/web/node_modules/.package-lock.json: wasm/web/package-lock.json
	cd wasm/web && npm ci --no-audit --no-fund

wasm/lite/node_modules/.package-lock.json: wasm/lite/package-lock.json
	cd wasm/lite && npm ci --no-audit --no-fund --ignore-scripts

# What can be had is tested whole; without npm or chromium there is no page to be tested, which is said.
test-web: tools
	@if ! $(MAKE) --silent wasm/web/node_modules/.package-lock.json wasm/lite/node_modules/.package-lock.json; then \
		echo "NOT TESTED: the web page and JupyterLite: npm ci does not work here"; \
	elif ! command -v chromium >/dev/null; then echo "NOT TESTED: the web page and JupyterLite: no chromium here"; \
	else $(MAKE) web bin/rt0 && { failed=0; for site in wasm/web wasm/lite; do (cd $$site && npm test --silent) || failed=1; done; exit $$failed; }; fi

.PHONY: bin/rt0
bin/rt0:
	$(GO) build -ldflags=-funcalign=64 -o $@ .

# What the tests and the benchmark compare with. A test whose tool is missing says so and is skipped.
TOOLS = qemu-x86_64:qemu-user gdb:gdb jupyter-kernelspec:jupyter-client jupyter-execute:python3-nbclient jupyter-nbconvert:jupyter-nbconvert \
	jupyter-console:jupyter-console jupyter-notebook:jupyter-notebook jupyterhub:jupyterhub configurable-http-proxy:node-configurable-http-proxy \
	chromium:chromium libdeflate-gzip:libdeflate-tools gcc:gcc
# The same of the C library's headers, which are no command.
HEADERS = stdlib.h:libc6-dev

tools:
	@missing=; for t in $(TOOLS); do command -v $${t%%:*} >/dev/null || missing="$$missing $${t##*:}"; done; \
	for h in $(HEADERS); do [ -e /usr/include/$${h%%:*} ] || missing="$$missing $${h##*:}"; done; \
	for m in jupyter_kernel_test:python3-jupyter-kernel-test ipykernel:python3-ipykernel; do \
		/usr/bin/python3 -c "import $${m%%:*}" 2>/dev/null || missing="$$missing $${m##*:}"; done; \
	if [ -n "$$missing" ]; then \
		if ! command -v apt-get >/dev/null; then echo "not installed:$$missing (no apt-get here)"; \
		else sudo=; [ "$$(id -u)" = 0 ] || sudo="sudo -n"; \
			{ $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends $$missing; } >/dev/null 2>&1 \
				|| echo "could not install:$$missing"; \
		fi; \
	fi; \
	if command -v npm >/dev/null; then $(MAKE) --silent wasm/web/node_modules/.package-lock.json >/dev/null || echo "could not install: playwright-core (npm ci)"; \
	else echo "not installed: playwright-core (no npm here)"; fi
