# Functions for ./run: the Python package, built and tested in an environment of its own.

python_venv=$root/build/python

# find_python: sets $python to an interpreter with what the package is built and tested with; where
# there can be none says why, and leaves it empty.
find_python() {
  local needs=$root/bindings/python/requirements.txt
  python=$python_venv/bin/python
  cmp --quiet "$needs" "$python_venv/requirements.txt" && return
  python=''
  if ! have_python && ! (install_packages python3-dev python3-venv && have_python); then
    say "SKIP the Python package: there is no Python of 3.10 or newer with its headers"
    return
  fi
  say "Getting what the Python package is built and tested with"
  rm -rf "$python_venv"
  if python3 -m venv "$python_venv" &&
    quietly "$python_venv/bin/pip" install --disable-pip-version-check --requirement "$needs"; then
    cp "$needs" "$python_venv/requirements.txt"
    python=$python_venv/bin/python
  else
    say "SKIP the Python package: pip did not give what $needs names"
  fi
}

# have_python: whether python3 is 3.10 or newer and can make environments and compile modules.
have_python() {
  python3 - <<'END' 2>/dev/null
import ensurepip, pathlib, sys, sysconfig, venv
headers = pathlib.Path(sysconfig.get_paths()["include"], "Python.h")
sys.exit(not (headers.exists() and sys.version_info >= (3, 10)))
END
}

# build_wheel: a wheel for this machine's Python in build/wheels, tested as it would be installed.
build_wheel() {
  local wheels=$root/build/wheels site=$root/build/wheels.site test
  setup "$native_needs"
  get_sample
  find_python
  [[ -n $python ]] || die "There is no Python to build the package with."
  say "Building a wheel"
  rm -rf "$wheels" "$site"
  quietly "$python" -m pip wheel --disable-pip-version-check --no-build-isolation --no-deps \
    --wheel-dir "$wheels" "$root"
  say "Testing it"
  quietly "$python" -m pip install --disable-pip-version-check --no-deps --target "$site" \
    "$wheels"/inoculate-*.whl
  # Without the command, which is built for this processor alone and need not give the same bits.
  for test in "$root"/bindings/python/tests/test_*.py; do
    test=${test##*/}
    PYTHONPATH=$site INOCULATE_SAMPLE_DIR=$sample INOCULATE_COMMAND=none \
      "$python" "$root/bindings/python/tests/run.py" "${test%.py}" || (($? == 77))
  done
  ls "$wheels"/*.whl
}
