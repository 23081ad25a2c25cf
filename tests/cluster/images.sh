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
      head -c $((16 + 784 * count)) "$sample/sample-images-idx3-ubyte" | tail -c +17
    } >"$folder/$split-images-idx3-ubyte"
    {
      printf '\0\0\x08\x01'
      big_endian "$count"
      head -c $((8 + count)) "$sample/sample-labels-idx1-ubyte" | tail -c +9
    } >"$folder/$split-labels-idx1-ubyte"
  done
}

# same_figures FILE FILE: whether two judgements in JSON are the same but for their seconds.
same_figures() {
  [[ -s $1 ]] && cmp -s <(sed -E 's/"seconds":[0-9.e+-]+//g' "$1") \
    <(sed -E 's/"seconds":[0-9.e+-]+//g' "$2")
}
