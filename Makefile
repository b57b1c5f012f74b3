# `make test` sets itself up and runs everything that continuous integration runs; see ci/test.sh.

.PHONY: test
test:
	@bash ci/test.sh
