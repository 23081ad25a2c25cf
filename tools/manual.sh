#!/usr/bin/env bash
# manual.sh COMMAND FOLDER: a manual page of `inoculate`, and one of each sub-command, by help2man.
set -euo pipefail
command=$1 folder=$2
version=$("$command" --version | cut -d " " -f 1,2)

# page NAME OPTION TITLE: FOLDER/NAME.1 of what the command says to OPTION.
page() {
  "${HELP2MAN:-help2man}" --no-info --version-string="$version" --help-option="$2" --name="$3" "$command" |
    sed -E "1,/^\\.SH NAME/ s/^\\.TH \\S+/.TH ${1^^}/; s/^inoculate \\\\- /$1 \\\\- /" >"$folder/$1.1"
}

rm -rf "$folder"
mkdir -p "$folder"
# "  train        Train a network by Adam ..." beneath "Subcommands:"
"$command" --help | sed -n '/^Subcommands:/,/^$/ s/^  \([a-z-]\+\)  *\(.*\)/\1 \2/p' |
  while read -r name title; do page "inoculate-$name" "$name --help" "$title"; done
page inoculate --help "attack, defend and judge image classifiers"
