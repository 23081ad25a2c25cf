#!/usr/bin/env bash
# slurm_test.sh COMMAND SAMPLE DOCS MODEL FOLDER: the array of DOCS/clusters.md on a Slurm of this
# machine alone. A task that is killed in the middle is requeued and goes on, and what the parts
# merge to is what one run says.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/slurm.sh"
source "$here/images.sh"
command=$1 sample=$2 docs=$3 model=$4 work=$5
for program in munged slurmctld slurmd sbatch; do
  PATH=$PATH:/usr/sbin command -v $program >/dev/null || skip "$program is not installed"
done
PATH=${command%/*}:$PATH:/usr/sbin

rm -rf "$work"
mkdir -p "$work/data"
few_images "$sample" "$work/data" 10 800
cp "$model" "$work/cnn.safetensors"
export INOCULATE_DATA=$work/data
daemons=()
trap stop_slurm EXIT
start_slurm "$work/slurm" || skip "Slurm does not start here: $(tail -n 3 "$work"/slurm/*.log)"

cd "$work"
parts=4
judge=(--model cnn.safetensors --attacks apgd-ce,pgd --count 800)
block "$docs/clusters.md" 'sh slurm' >parts.sh
job=$(sbatch --parsable --array=1-$parts parts.sh "${judge[@]}")

# The second task, once its part is begun and not finished.
task_process() { victim=$(pgrep -f "^[^ ]*inoculate robustness ${judge[*]} .*--shard 2/$parts"); }
wait_until 120 test -s part-2.json || fail "no part is begun: $(squeue; cat part-*.log)"
task_process || fail "the second task was done before it could be killed"
kill -KILL $victim
inoculate merge part-2.json >killed.log 2>&1 && fail "a part that was killed is merged as if it were whole"
grep -q 'not finished' killed.log || fail "$(cat killed.log)"

restarts() { scontrol show job "${job}_2" | grep -q 'Restarts=1'; }
wait_until 60 restarts || fail "the task was not requeued: $(scontrol show job "${job}_2"; cat part-2.log)"
echo "task 2 was killed with $(grep -o '"judged":[0-9]*' part-2.json | tail -1 | cut -d: -f2) images judged, and requeued"

none_left() { [[ -z $(squeue --noheader --job "$job" 2>/dev/null) ]]; }
wait_until 400 none_left || fail "the array does not end: $(squeue; cat part-*.log)"
grep -q 'goes on with' part-2.log || fail "the requeued task began again: $(cat part-2.log)"

inoculate merge part-*.json --json >merged.json || fail "$(cat part-*.log)"
inoculate robustness "${judge[@]}" --json >whole.json 2>whole.log || fail "$(cat whole.log)"
same_figures whole.json merged.json || fail "merged: $(cat merged.json) but whole: $(cat whole.json)"
echo "$parts tasks of a Slurm array, one of them killed and requeued: as one run"
