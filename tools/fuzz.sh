# Functions for ./run: what only clang does, which are fuzzing and clang-tidy.

# find_clang: sets $clang to a clang++ that has libFuzzer and the sanitizers.
find_clang() {
  local name
  clang=''
  for name in clang++ clang++-{22..14}; do
    ! have "$name" || { clang=$(command -v "$name"); break; }
  done
  if [[ -z $clang ]]; then
    install_packages clang
    clang=$(command -v clang++)
  fi
  local program='extern "C" int LLVMFuzzerTestOneInput(const char*, decltype(sizeof 0)) { return 0; }'
  "$clang" -fsanitize=fuzzer,address,undefined -x c++ -o /dev/null - <<<"$program" &>/dev/null ||
    install_packages "libclang-rt-$("$clang" -dumpversion | cut -d. -f1)-dev"
}

# fuzz [TARGET] [SECONDS]: damages what a target reads for so long; all of them, as many at a time
# as there are processors, when none is named. Fails when one found something, and says where it is.
fuzz() {
  local names=() name seconds=20 source running=0 status=0
  for source in "$root"/tests/fuzz/*_fuzz.cpp; do
    name=${source##*/}
    names+=("${name%_fuzz.cpp}")
  done
  while (($#)); do
    if [[ $1 =~ ^[0-9]+$ ]]; then
      seconds=$1
    elif [[ -e $root/tests/fuzz/$1_fuzz.cpp ]]; then
      names=("$1")
    else
      die "There is no fuzz target '$1'; there are: ${names[*]}."
    fi
    shift
  done
  setup "$native_needs"'python3 python3'
  configure fuzz
  build fuzz --target "${names[@]/%/_fuzz}"
  python3 "$root/tests/fuzz/make_seeds.py" "$root/build/fuzz/seeds" --dictionaries
  say "Fuzzing for $seconds s each: ${names[*]}"
  for name in "${names[@]}"; do
    if ((running == $(nproc))); then
      wait -n || status=1
    else
      running=$((running + 1))
    fi
    fuzz_target "$name" "$seconds" &
  done
  for ((; running > 0; --running)); do wait -n || status=1; done
  return $status
}

# fuzz_target NAME SECONDS: one, and a line of what came of it. What reaches new code stays in
# build/fuzz/corpus, where the next run begins.
fuzz_target() {
  local name=$1 seconds=$2 fuzz=$root/build/fuzz log found words=()
  log=$fuzz/$name.log
  found=$fuzz/found/$name
  rm -rf "$found"
  mkdir -p "$fuzz/corpus/$name" "$found"
  [[ ! -s $fuzz/seeds/$name.dict ]] || words=("-dict=$fuzz/seeds/$name.dict")
  if ! "$fuzz/tests/fuzz/${name}_fuzz" "$fuzz/corpus/$name" "$fuzz/seeds/$name" \
    "${words[@]}" -artifact_prefix="$found/" -max_total_time="$seconds" \
    -timeout=30 -rss_limit_mb=2048 -malloc_limit_mb=512 -print_final_stats=1 &>"$log"; then
    tail -n 40 "$log" >&2
    echo "$name: failed; what did it is in $found, the log is $log. Once it is repaired, keep the" \
      "file in tests/fuzz/regressions/$name."
    return 1
  fi
  awk -v name="$name" '/ cov: / { for (i = 1; i < NF; ++i) if ($i == "cov:") edges = $(i + 1) }
    /number_of_executed_units/ { runs = $2 }
    END { printf "%-18s %9d executions, %6d edges, nothing found\n", name ":", runs, edges }' "$log"
}

# tidy [FILE...]: clang-tidy over all C++ of ours that is built natively, or over these files.
tidy() {
  setup "$native_needs"
  configure tidy
  build tidy --target inoculate_texts  # a header that is made
  find_clang_tidy
  local files=("$@")
  ((${#files[@]})) || mapfile -t files < <(
    find "$root"/{core,native,pictures,web} -name '*.cpp' |
      grep --fixed-strings --file=<(grep -oP '"file": "\K[^"]+' "$root/build/tidy/compile_commands.json")
  )
  say "Running clang-tidy over ${#files[@]} files"
  printf '%s\0' "${files[@]}" |
    xargs -0 -n 1 -P "$(nproc)" "$clang_tidy" -p "$root/build/tidy" --quiet
}

# find_clang_tidy: sets $clang_tidy to the one of the clang that configured.
find_clang_tidy() {
  clang_tidy=${clang/clang++/clang-tidy}
  [[ -e $clang_tidy ]] || install_packages "clang-tidy-$("$clang" -dumpversion | cut -d. -f1)"
  [[ -e $clang_tidy ]] || clang_tidy=$(command -v "clang-tidy-$("$clang" -dumpversion | cut -d. -f1)")
}
