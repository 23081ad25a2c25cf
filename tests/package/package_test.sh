#!/usr/bin/env bash
# package_test.sh PACKAGES LEVELS: the .deb in an empty root trains and attacks, on this processor as
# on older ones, and the code of every level that this one has gives the same answers.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/installed.sh"
packages=$1
read -ra levels <<<"$2"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unpacked "$packages"/*.deb "$work/root"
command=$work/root/usr/bin/inoculate
weights=$work/root/usr/share/inoculate/standard.safetensors
train_an_epoch "$command" "$INOCULATE_SAMPLE" "$work"
for page in inoculate inoculate-attack inoculate-train; do
  [[ -e $work/root/usr/share/man/man1/$page.1 ]] || fail "no manual page $page"
done
echo "The .deb: installed into an empty root, it trains"
[[ ${#levels[@]} -gt 0 ]] || { echo "SKIP: no levels on $(uname -m)"; exit 0; }

# adversaries LEVEL RUNNER...: those of PGD and the logits' accuracy, by the code of one level.
loader=$(readelf -l "$command" | sed -n 's/.*interpreter: \(.*\)]/\1/p')
highest=$("$command" --version | grep -o 'x86-64-v[234]') || fail "the version names no level"
echo "This processor gets $highest"
attack() {
  "$@" attack pgd --model "$weights" --data "$INOCULATE_SAMPLE" --count 200 --epsilon 0.03 --seed 3 --json
}
figure() { grep -o "\"$2\": *[0-9.]*" <<<"$1" | head -1 | grep -o '[0-9.]*$'; }
base=$(attack "$loader" --glibc-hwcaps-mask none "$command")
"$loader" --glibc-hwcaps-mask none "$command" --version | grep -q x86-64-v2 || fail "no code for all"
for level in "${levels[@]}"; do
  [[ ! $level > $highest ]] || { echo "SKIP: this processor is below $level"; continue; }
  "$loader" --glibc-hwcaps-mask "$level" "$command" --version | grep -q "$level" || fail "no code of $level"
  other=$(attack "$loader" --glibc-hwcaps-mask "$level" "$command")
  for key in clean_accuracy adversarial_accuracy; do
    awk -v a="$(figure "$base" $key)" -v b="$(figure "$other" $key)" \
      'BEGIN { exit !(a != "" && b != "" && (a - b)^2 <= 0.0101^2) }' ||
      fail "$key of $level differs from that of x86-64-v2 by more than two of 200 images"
  done
  echo "$level agrees with x86-64-v2: $(figure "$other" clean_accuracy), $(figure "$other" adversarial_accuracy)"
done

command -v qemu-x86_64 >/dev/null || { echo "SKIP: older processors: qemu-user is not installed"; exit 0; }
for processor in Nehalem:x86-64-v2 Haswell:x86-64-v3; do
  run=(qemu-x86_64 -cpu "${processor%:*}" "$command")
  "${run[@]}" --version 2>/dev/null | grep -q "${processor#*:}" || fail "not ${processor#*:} on ${processor%:*}"
  (cd "$work" && "${run[@]}" train --data "$INOCULATE_SAMPLE" --epochs 1 --train-range 0:64 --threads 1 \
    --out "${processor%:*}.safetensors" >/dev/null 2>&1) || fail "no training on ${processor%:*}"
  "${run[@]}" evaluate --model "$weights" --data "$INOCULATE_SAMPLE" --count 20 --threads 1 >/dev/null 2>&1 ||
    fail "no reading on ${processor%:*}"
  echo "${processor%:*}: ${processor#*:}, trains and reads"
done
