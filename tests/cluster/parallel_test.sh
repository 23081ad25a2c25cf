#!/usr/bin/env bash
# parallel_test.sh COMMAND SAMPLE DOCS FOLDER: GNU parallel, two jobs at a time, judges parts and runs
# a sweep by the lines of DOCS/clusters.md, and what they merge to is what one run says.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/slurm.sh"
source "$here/images.sh"
command=$1 sample=$2 docs=$3 work=$4
parallel --version 2>/dev/null | grep -q '^GNU parallel' || skip "GNU parallel is not installed"

rm -rf "$work"
mkdir -p "$work/data"
cd "$work"
few_images "$sample" "$work/data" 1600 120
export INOCULATE_DATA=$work/data PATH=${command%/*}:$PATH PARALLEL_HOME=$work/parallel
mkdir -p "$PARALLEL_HOME"
touch "$PARALLEL_HOME/will-cite"

# What the page's other lines make first: a network, and the sweep's file.
block "$docs/clusters.md" 'sh run' | grep -v 'xargs\|merge' >first.sh
sh -e first.sh >first.log 2>&1 || fail "$(cat first.log)"
block "$docs/clusters.md" 'sh parallel' >parallel.sh
[[ $(grep -c '^parallel\|| parallel' parallel.sh) == 2 ]] || fail "the page has other lines now"
bash -e parallel.sh >parallel.log 2>&1 || fail "$(cat parallel.log)"

robustness=(inoculate robustness --model cnn.safetensors --attacks quick)
"${robustness[@]}" --json >whole.json 2>whole.log || fail "$(cat whole.log)"
inoculate merge p-*.json --json >merged.json
same_figures whole.json merged.json || fail "merged: $(cat merged.json) but whole: $(cat whole.json)"

inoculate merge --sweep grid.json --csv table.csv --picture sweep.png >table.log
[[ $(wc -l <table.csv) == 5 ]] || fail "the table has other rows than 4: $(cat table.csv)"
[[ -s sweep.png ]] || fail "no picture"
inoculate sweep grid.json --list | parallel --jobs 2 >again.log 2>&1 || fail "$(cat again.log)"
[[ $(grep -c 'was trained before' again.log) == 4 ]] || fail "a cell was trained twice: $(cat again.log)"
echo "4 parts and 4 cells by GNU parallel, 2 at a time: as by one run"
