# Toolchain of the wasm preset: the Emscripten whose emcc is on the PATH, from wherever it came.
find_program(INOCULATE_EMCC emcc NO_CMAKE_FIND_ROOT_PATH)
if(NOT INOCULATE_EMCC)
  message(FATAL_ERROR "emcc is not on the PATH: run ./run setup, or install Emscripten.")
endif()
file(REAL_PATH "${INOCULATE_EMCC}" emscripten_root)
get_filename_component(emscripten_root "${emscripten_root}" DIRECTORY)
include("${emscripten_root}/cmake/Modules/Platform/Emscripten.cmake")
