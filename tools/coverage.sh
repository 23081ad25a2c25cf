# Functions for ./run: how much of core the native tests run.

# find_gcovr: sets $gcovr, in an environment of its own.
find_gcovr() {
  local venv=$root/build/gcovr needs=$root/tools/coverage_requirements.txt
  gcovr=$venv/bin/gcovr
  cmp --quiet "$needs" "$venv/requirements.txt" && return
  setup 'python3 python3'
  python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
  rm -rf "$venv"
  python3 -m venv "$venv"
  quietly "$venv/bin/pip" install --disable-pip-version-check --requirement "$needs"
  cp "$needs" "$venv/requirements.txt"
}

# coverage: build/coverage/html, a page for each file of core, and a table of lines and branches.
# Branches that only exceptions take are not counted, and a line of a template counts once.
coverage() {
  local build=$root/build/coverage
  setup "$native_needs"
  get_sample
  find_gcovr
  configure coverage
  build coverage
  find "$build" -name '*.gcda' -delete
  # Left out: what compiles anew, and what limits how large a file may be, which the counts hit too.
  summary_last --test-dir "$build" --exclude-regex 'native.(install|native_image_outputs)'
  say "Counting"
  mkdir -p "$build/html"
  "$gcovr" --root "$root" --filter "$root/core/" --gcov-executable "${GCOV:-gcov}" \
    --object-directory "$build" -j "$(nproc)" --gcov-ignore-parse-errors=negative_hits.warn \
    --gcov-ignore-parse-errors=suspicious_hits.warn --merge-lines \
    --exclude-throw-branches --exclude-unreachable-branches --exclude-noncode-lines \
    --html-details "$build/html/index.html" --txt "$build/coverage.txt" --json-summary \
    "$build/coverage.json" --print-summary \
    "$build/CMakeFiles/inoculate_core.dir"
}
