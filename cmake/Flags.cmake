# Compiler flags. Those that change what a number is, or how memory is laid out, hold for everything.

# Floating point: the same seed must give the same numbers native and in WebAssembly, so a product
# and a sum are never fused behind our back; the matrix products alone may (WebAssembly has no fused
# multiply-add, and they are where it doubles the speed).
add_compile_options(-ffp-contract=off -fno-math-errno -fno-trapping-math)
set(fused -ffp-contract=fast)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Tuned for some processors of AMD, GCC takes narrow chains of them apart again, and sums that
  # differ in width alone would differ in their last bits.
  list(APPEND fused --param=avoid-fma-max-bits=0)
endif()
set_source_files_properties(core/nn/gemm.cpp core/nn/fast/sparse_products.cpp
                            core/nn/fast/nine_taps.cpp core/nn/fast/image_gradient.cpp
                            core/nn/ops/packed.cpp core/nn/ops/depthwise.cpp
                            PROPERTIES COMPILE_OPTIONS "${fused}" SKIP_PRECOMPILE_HEADERS ON)

set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")
set(CMAKE_C_FLAGS_RELEASE "-O3 -DNDEBUG")
set(CMAKE_CXX_FLAGS_SANITIZE "-O1 -g1")
set(CMAKE_C_FLAGS_SANITIZE "-O1 -g1")

if(EMSCRIPTEN)
  # WebAssembly's own exceptions; the Emscripten of Ubuntu 22.04 cannot link them and gets the
  # slower ones by way of JavaScript.
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_FLAGS -fwasm-exceptions)
  check_cxx_source_compiles("int main() { try { throw 1; } catch (int) {} }" INOCULATE_WASM_THROW)
  unset(CMAKE_REQUIRED_FLAGS)
  set(exceptions $<IF:$<BOOL:${INOCULATE_WASM_THROW}>,-fwasm-exceptions,-fexceptions>)
  add_compile_options(-msimd128 ${exceptions})
  add_link_options(${exceptions} -sALLOW_MEMORY_GROWTH=1)
elseif(INOCULATE_ARCH)
  add_compile_options(-march=${INOCULATE_ARCH})
endif()

set(command_library STATIC)
if(INOCULATE_SHARED_COMMAND)
  # Calls within the library are as cheap as within a program: nobody replaces its functions.
  set(command_library SHARED)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  set(CMAKE_CXX_VISIBILITY_PRESET hidden)
  set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fno-semantic-interposition)
  endif()
endif()

if(INOCULATE_SANITIZE)
  add_compile_options(-fsanitize=${INOCULATE_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${INOCULATE_SANITIZE})
endif()

# Our own code compiles without a warning; what comes from outside is not ours to judge.
add_library(inoculate_warnings INTERFACE)
target_compile_options(inoculate_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                                    -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 takes its own AVX-512 intrinsics, inlined from Eigen, for uninitialised (GCC bug 105593),
  # its own concatenation of strings for an overlapping copy (GCC bug 105651), and, as soon as its
  # strings come from a precompiled header, their copies for too long.
  target_compile_options(inoculate_warnings INTERFACE -Wno-maybe-uninitialized -Wno-restrict
                                                      -Wno-stringop-overflow
                                                      -Wno-stringop-overread -Wno-array-bounds)
  if(INOCULATE_SANITIZE OR INOCULATE_COVERAGE)  # between checks or counters it is sure of it
    target_compile_options(inoculate_warnings INTERFACE -Wno-uninitialized)
  endif()
endif()
