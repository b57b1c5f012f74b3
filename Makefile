# `make test` sets itself up and runs everything that continuous integration runs; see ci/test.sh.

.PHONY: test
test:
	@bash ci/test.sh

# Ours and the peers side by side, in turns, on a quiet machine: about an hour. See benches/peers/README.md.
.PHONY: bench-peers
bench-peers:
	cargo build --release --locked -p rheobase
	"$$(python3 benches/peers/environment.py)" benches/peers/compare.py --readme

# LTC cells beside ncps and JAX, in turns, on one core: a quarter of an hour.
.PHONY: bench-ltc
bench-ltc:
	cargo build --release --locked -p rheobase-benches --example ltc_cells
	"$$(python3 benches/peers/environment.py ltc)" benches/peers/ltc_cells.py

# Graphs onto cores, beside METIS and Mt-KaHyPar, in turns, on one core: half an hour.
.PHONY: bench-mapping
bench-mapping:
	cargo build --release --locked -p rheobase
	"$$(python3 benches/peers/environment.py mapping)" benches/peers/map_peers.py

# Random chips and networks by SANA-FE itself and by ours: two minutes. Says "not run" where there is no SANA-FE.
.PHONY: conformance-sanafe
conformance-sanafe:
	cargo build --release --locked -p rheobase-loihi-export --example sanafe_run
	python3 benches/peers/conformance/sanafe.py

# Instructions of the hot loops, which a loaded machine counts as well as a quiet one. Needs valgrind.
.PHONY: bench-instructions
bench-instructions:
	cargo build --release --locked -p rheobase
	python3 benches/instructions.py

# Random networks as NetX files in lava-dl itself, which brings torch: some gigabytes, and some minutes.
.PHONY: conformance-netx
conformance-netx:
	cargo build --locked -p rheobase -p rheobase-loihi-export --example random_netlists --bin rheobase
	python3 benches/peers/conformance/run_netx.py
