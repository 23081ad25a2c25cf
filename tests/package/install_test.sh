#!/usr/bin/env bash
# install_test.sh BUILD SAMPLE FOLDER: what `cmake --install` and cpack of a build leave works on its
# own, and another program builds against it. Works in FOLDER.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/installed.sh"
build=$1 sample=$2 work=$3
rm -rf "$work"
mkdir -p "$work"

cmake --install "$build" --prefix "$work/usr" >/dev/null
command=$work/usr/bin/inoculate
"$command" --version | grep -q '^inoculate ' || fail "no version"
train_an_epoch "$command" "$sample" "$work"
"$command" evaluate --model "$work/usr/share/inoculate/standard.safetensors" --data "$sample" >/dev/null ||
  fail "the weights that are installed cannot be read"

# Completion, as bash asks for it: of a sub-command, of an option's values.
completed() {
  bash -c 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _inoculate; echo "${COMPREPLY[*]}"' \
    "$work/usr/share/bash-completion/completions/inoculate" "$@"
}
[[ $(completed inoculate adv) == adversarial-train ]] || fail "completion of sub-commands"
[[ $(completed inoculate convert --to on) == onnx ]] || fail "completion of values"
[[ $(completed inoculate attack pgd --step-s) == --step-size ]] || fail "completion of options"
for shell in zsh fish; do
  ! command -v $shell >/dev/null || "$shell" -n "$work"/usr/share/$shell/vendor*/*inoculate* ||
    fail "$shell cannot read its completion"
done

cmake -S "$here/../../examples/embed" -B "$work/embed" -DCMAKE_PREFIX_PATH="$work/usr" \
  -DCMAKE_BUILD_TYPE=Release >"$work/embed.log" || fail "$(cat "$work/embed.log")"
cmake --build "$work/embed" >"$work/embed.log" || fail "$(cat "$work/embed.log")"
"$work/embed/embed" "$work/usr/share/inoculate/standard.safetensors" >"$work/said"
# What it is read as before the attack is what the command says; the attack must have fooled it.
grep -Eq '^read as ([0-9]), after PGD within 0\.3[0-9]* as ([0-9])$' "$work/said" ||
  fail "the example said: $(cat "$work/said")"
read -r _ _ before _ _ _ _ _ after <"$work/said"
[[ ${before%,} != "$after" ]] || fail "the example's attack changed nothing"

command -v dpkg-shlibdeps >/dev/null || skip "no .deb can be made here: dpkg-dev is not installed"
(cd "$build" && cpack -G DEB -B "$work/packages" >"$work/cpack.log" 2>&1) || fail "$(cat "$work/cpack.log")"
unpacked "$work"/packages/*.deb "$work/root"
train_an_epoch "$work/root/usr/bin/inoculate" "$sample" "$work"
echo "installed, embedded, packed"
