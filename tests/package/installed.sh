# Functions for the tests of what is installed: checks that tell what failed.

source "$(dirname "${BASH_SOURCE[0]}")/../checks.sh"

# unpacked DEB FOLDER: the package's files in an empty folder.
unpacked() {
  mkdir -p "$2"
  dpkg -x "$1" "$2"
}

# train_an_epoch COMMAND SAMPLE FOLDER: with nothing but the command, far from the sources.
train_an_epoch() {
  (cd "$3" && "$1" train --data "$2" --epochs 1 --train-range 0:2000 --seed 1 --out one.safetensors) ||
    fail "$1 cannot train"
  (cd "$3" && "$1" evaluate --model one.safetensors --data "$2" --json) | grep -q '"accuracy"' ||
    fail "$1 cannot evaluate what it trained"
}
