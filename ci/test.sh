#!/usr/bin/env bash
# All checks of the project, from an empty machine to the last golden vector.
#
# Needs: rustup's Rust, gcc, make, git, Python 3.11. What else it needs it installs: Rust components by
# rustup, Python packages and cargo-deny under target/, and on Debian as root the packages g++ (fuzz
# targets) and python3-venv. Everything is built in one profile (dev), so dependencies are built once.
#
# Golden vectors and data sets are read from $RHEOBASE_SHARED or ../shared, where that folder is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

CARGO_DENY_VERSION=0.20.2
target=${CARGO_TARGET_DIR:-target}
shared=${RHEOBASE_SHARED:-../shared}
summary=()
# One selection of packages and features for every command, so that cargo builds each dependency once;
# the fuzz targets are built with the tests.
everything=(--locked --workspace --features rheobase-fuzz/libfuzzer)
# Where nothing is built a second time, what would speed that up only takes time and room.
[ -z "${CI:-}" ] || export CARGO_INCREMENTAL=0

step() { printf '\n== %s (%d s) ==\n' "$1" "$SECONDS"; }
say() { summary+=("$1"); printf '%s\n' "$1"; }
missing() { printf 'make test: %s\n' "$1" >&2; exit 1; }

# Installs a Debian package as root; says what to install otherwise.
debian_package() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        { apt-get install -y -q "$1" || { apt-get update -q && apt-get install -y -q "$1"; }; } >/dev/null
    else
        missing "$2 is missing: install it (on Debian: apt-get install $1)"
    fi
}

set_up_rust() {
    command -v cargo >/dev/null || missing "cargo is missing: install Rust from https://rustup.rs"
    cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 && return
    command -v rustup >/dev/null || missing "rustfmt or clippy is missing: install both"
    rustup component add rustfmt clippy
}

# A Python with h5py and numpy, for the test that exchanges files with it.
set_up_python() {
    local venv="$target/ci-python"
    command -v python3 >/dev/null || missing "python3 is missing: install Python 3.11"
    if ! "$venv/bin/python" -c 'import h5py, numpy' 2>/dev/null; then
        rm -rf "$venv"
        # Debian ships venv without ensurepip until python3-venv is installed.
        if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
            debian_package python3-venv "Python's venv module"
        fi
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check h5py numpy
    fi
    python=$venv/bin/python
}

check_dependencies() {
    local tools="$target/ci-tools"
    if [ "$("$tools/bin/cargo-deny" --version 2>/dev/null)" != "cargo-deny $CARGO_DENY_VERSION" ]; then
        # Without optimization: it builds in a minute and runs in a second.
        CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --debug --locked --root "$tools" \
            --target-dir "$target/ci-tools-build" "cargo-deny@$CARGO_DENY_VERSION"
        rm -rf "$target/ci-tools-build"
    fi
    "$tools/bin/cargo-deny" --log-level warn check bans licenses sources
    if "$tools/bin/cargo-deny" --log-level off fetch db >/dev/null 2>&1; then
        "$tools/bin/cargo-deny" --log-level warn check --disable-fetch advisories
        say "dependencies: bans, licenses, sources and advisories checked"
    else
        say "dependencies: bans, licenses and sources checked; advisories not checked, their database cannot be had here"
    fi
}

# libFuzzer itself is C++.
set_up_fuzzing() {
    command -v c++ >/dev/null || debian_package g++ "a C++ compiler, which libFuzzer needs,"
}

# Golden vectors of the suites that this version knows: the threads must make no difference.
verify_vectors() {
    local threads suite
    # Those of models that the shared ones do not have; made by loihi-export/tests/vectors/make.py.
    "$target/debug/rheobase" verify lava loihi-export/tests/vectors | tail -n 1
    if [ ! -d "$shared/vectors" ]; then
        say "golden vectors: not verified, there is no folder $shared/vectors"
        return
    fi
    for threads in 1 2 8; do
        for suite in nest ltc lava nengo-loihi netx sanafe; do
            "$target/debug/rheobase" --threads "$threads" verify "$suite" "$shared/vectors/$suite" | tail -n 1
        done
    done
    say "golden vectors: verified at 1, 2 and 8 threads"
}

# What we export, run or read by the tools themselves, all of them at the same time. They make their own environments;
# 77 is a comparison that cannot be made on this machine, which is neither passed nor failed.
conformance() {
    local tools=(graphs sanafe lava) failed=() tool status
    declare -A run
    # In the background, a script's commands do not hear Ctrl-C.
    trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
    for tool in "${tools[@]}"; do
        CARGO_TARGET_DIR="$target" "$python" "benches/peers/conformance/run_$tool.py" \
            >"$target/conformance-$tool.log" &
        run[$tool]=$!
    done
    for tool in "${tools[@]}"; do
        status=0
        wait "${run[$tool]}" || status=$?
        cat "$target/conformance-$tool.log"
        case $status in
            0 | 77) say "$(tail -n 1 "$target/conformance-$tool.log")" ;;
            *) failed+=("$tool") ;;
        esac
    done
    trap - EXIT
    [ ${#failed[@]} = 0 ] || { printf 'make test: conformance failed: %s\n' "${failed[*]}" >&2; exit 1; }
}

step "set-up"; set_up_rust; set_up_python; set_up_fuzzing
step "format"; cargo fmt --all --check
step "lints"; cargo clippy "${everything[@]}" --all-targets -- -D warnings
step "tests"; cargo test "${everything[@]}"
say "fuzz targets: built"
step "file exchange with h5py"; "$python" net/tests/formats.py --examples "$target/debug/examples"
step "documentation"; RUSTDOCFLAGS="-D warnings" cargo doc "${everything[@]}" --no-deps --quiet
step "dependencies"; check_dependencies
step "golden vectors"; verify_vectors
step "conformance with other tools"; conformance

printf '\nmake test: all passed in %d s\n' "$SECONDS"
printf '  %s\n' "${summary[@]}"
