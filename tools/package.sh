# Functions for ./run: what is packed for others, in build/packages.

package_needs='
file                file
fakeroot            fakeroot
help2man            help2man
'
packages=$root/build/packages

# levels: those of x86-64 processors for which a package has code besides that for all of them.
levels() {
  [[ $(uname -m) != x86_64 ]] || echo x86-64-v3 x86-64-v4
}

# configure_package FOLDER ARCH [CMAKE-OPTION...]: a build for packages in build/FOLDER.
configure_package() {
  local folder=$root/build/$1 arch=$2 imgui=()
  shift 2
  ! distribution_source imgui || imgui=("-DFETCHCONTENT_SOURCE_DIR_IMGUI=$root/build/sources/imgui")
  quietly cmake -S "$root" -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_INSTALL_PREFIX=/usr -DINOCULATE_TESTS=OFF -DINOCULATE_SHARED_COMMAND=ON \
    "-DINOCULATE_ARCH=$arch" "${imgui[@]}" "$@"
}

# pack_command: the .deb and the .tar.gz of the command and the library.
pack_command() {
  local level arch='' folders=()
  setup "$native_needs$package_needs"
  [[ $(uname -m) != x86_64 ]] || arch=x86-64-v2
  for level in $(levels); do
    configure_package "package-$level" "$level"
    say "Building for $level"
    cmake --build "$root/build/package-$level" --target inoculate_native -j "$(nproc)" >&2
    folders+=("$root/build/package-$level")
  done
  configure_package package "$arch" "-DINOCULATE_LEVEL_BUILDS=$(IFS=';' && echo "${folders[*]}")"
  say "Building for ${arch:-this kind of processor}"
  cmake --build "$root/build/package" -j "$(nproc)" >&2
  say "Packing"
  mkdir -p "$packages"
  (cd "$root/build/package" && quietly cpack -B "$packages")
  rm -rf "$packages/_CPack_Packages"
}

# build_packages: those, and the page as a .zip, ready for any web server.
build_packages() {
  rm -rf "$packages"
  pack_command
  build_page
  (cd "$root/build/page" && quietly cmake -E tar cf "$packages/inoculate_page.zip" --format=zip .)
  ls -sh "$packages" >&2
}

# test_packages: whether what is packed works where nothing else of ours is.
test_packages() {
  pack_command
  have qemu-x86_64 || [[ $(uname -m) != x86_64 ]] || install_packages qemu-user
  get_sample
  say "Testing"
  INOCULATE_SAMPLE=$sample "$root/tests/package/package_test.sh" "$packages" "$(levels)"
}
