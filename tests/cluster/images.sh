# Functions for the tests of docs/clusters.md: images to judge, and judgements to compare.

# big_endian N: the four bytes of a number.
big_endian() {
  local hex
  printf -v hex '\\x%02x' $(($1 >> 24)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255))
  printf '%b' "$hex"
}

# few_images SAMPLE FOLDER TRAIN TEST: IDX files of so many of the sample's images, as a data set.
few_images() {
  local sample=$1 folder=$2 split count
  for split in "train $3" "t10k $4"; do
    count=${split#* } split=${split% *}
    {
      printf '\0\0\x08\x03'
      big_endian "$count"
      big_endian 28
      big_endian 28
      tail -c +17 "$sample/sample-images-idx3-ubyte" | head -c $((784 * count))
    } >"$folder/$split-images-idx3-ubyte" 2>/dev/null
    {
      printf '\0\0\x08\x01'
      big_endian "$count"
      tail -c +9 "$sample/sample-labels-idx1-ubyte" | head -c "$count"
    } >"$folder/$split-labels-idx1-ubyte" 2>/dev/null
  done
}

# same_figures FILE FILE: whether two judgements in JSON are the same but for their seconds.
same_figures() {
  [[ -s $1 ]] && cmp -s <(sed -E 's/"seconds":[0-9.e+-]+//g' "$1") \
    <(sed -E 's/"seconds":[0-9.e+-]+//g' "$2")
}
