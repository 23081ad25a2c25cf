# Every library Inoculate stands on, each as one target `inoculate::<name>`.
#
# The distribution's copy comes first. Where it has none, or one too old, the sources are fetched at
# a pinned commit; sources that are already here go in with -DFETCHCONTENT_SOURCE_DIR_<NAME>=folder.
# Their headers are system headers: our warnings are not for them.
include(FetchContent)

# The distribution's headers serve WebAssembly too, but never its whole /usr/include, which would
# hide Emscripten's C library: a folder of links shows just the ones named.
set(inoculate_header_links ${PROJECT_BINARY_DIR}/distribution_headers)

# inoculate_find_headers(<variable> <header> [<suffix>...]): the folder of the distribution's
# <header>, safe to put on the include path; empty when there is none.
function(inoculate_find_headers variable header)
  find_path(${variable}_FOUND_IN NAMES ${header} PATHS /usr/include PATH_SUFFIXES ${ARGN}
            NO_CMAKE_FIND_ROOT_PATH)
  set(folder "${${variable}_FOUND_IN}")
  if(folder STREQUAL "/usr/include")
    string(REGEX MATCH "^[^/]+" entry "${header}")
    file(MAKE_DIRECTORY ${inoculate_header_links})
    file(CREATE_LINK ${folder}/${entry} ${inoculate_header_links}/${entry} SYMBOLIC)
    set(folder ${inoculate_header_links})
  endif()
  if(NOT folder)
    set(folder "")
  endif()
  set(${variable} "${folder}" PARENT_SCOPE)
endfunction()

# inoculate_read_version(<variable> <file> <macro>...): the version that a header's macros spell.
function(inoculate_read_version variable file)
  set(version "")
  if(EXISTS "${file}")
    file(READ "${file}" text)
    foreach(macro IN LISTS ARGN)
      if(text MATCHES "#[ \t]*define[ \t]+${macro}[ \t]+([0-9]+)")
        list(APPEND version ${CMAKE_MATCH_1})
      endif()
    endforeach()
  endif()
  list(JOIN version "." version)
  set(${variable} "${version}" PARENT_SCOPE)
endfunction()

# inoculate_fetch(<name> <repository> <commit>): sets <name>_SOURCE_DIR to the sources, and adds
# nothing of them to the build (the SOURCE_SUBDIR does not exist).
macro(inoculate_fetch name repository commit)
  message(STATUS "${name}: from sources")
  FetchContent_Declare(${name} GIT_REPOSITORY ${repository} GIT_TAG ${commit}
                       SOURCE_SUBDIR none-of-its-build)
  FetchContent_MakeAvailable(${name})
endmacro()

# inoculate_headers(<name> <folder>...): a library of headers alone.
function(inoculate_headers name)
  add_library(inoculate_${name} INTERFACE)
  target_include_directories(inoculate_${name} SYSTEM INTERFACE ${ARGN})
  add_library(inoculate::${name} ALIAS inoculate_${name})
endfunction()

# inoculate_sources(<name> <folder> <file>...): a static library of C or C++ sources not ours.
function(inoculate_sources name folder)
  list(TRANSFORM ARGN PREPEND "${folder}/")
  add_library(inoculate_${name} STATIC ${ARGN})
  target_include_directories(inoculate_${name} SYSTEM PUBLIC ${folder})
  target_compile_options(inoculate_${name} PRIVATE -w)
  add_library(inoculate::${name} ALIAS inoculate_${name})
endfunction()

# --- Threads. WebAssembly has none in our builds: there the engine works on the calling thread.
add_library(inoculate_threads INTERFACE)
add_library(inoculate::threads ALIAS inoculate_threads)
if(NOT EMSCRIPTEN)
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  find_package(Threads REQUIRED)
  target_link_libraries(inoculate_threads INTERFACE Threads::Threads)
endif()

# --- Eigen 3.4: matrices.
inoculate_find_headers(eigen Eigen/Core eigen3)
inoculate_read_version(eigen_version "${eigen}/Eigen/src/Core/util/Macros.h"
                       EIGEN_WORLD_VERSION EIGEN_MAJOR_VERSION)
if(NOT eigen_version VERSION_EQUAL 3.4)
  inoculate_fetch(eigen https://gitlab.com/libeigen/eigen.git
                  3147391d946bb4b6c68edd901f2add6ac1f31f8c)  # 3.4.0
  set(eigen ${eigen_SOURCE_DIR})
endif()
inoculate_headers(eigen ${eigen})

# --- nlohmann-json 3.10 or newer: the header of safetensors, --json.
inoculate_find_headers(json nlohmann/json.hpp)
foreach(header nlohmann/json.hpp nlohmann/detail/abi_macros.hpp)  # where it was, where it is
  inoculate_read_version(json_version "${json}/${header}" NLOHMANN_JSON_VERSION_MAJOR
                         NLOHMANN_JSON_VERSION_MINOR)
  if(json_version)
    break()
  endif()
endforeach()
if(NOT json_version VERSION_GREATER_EQUAL 3.10)
  inoculate_fetch(json https://github.com/nlohmann/json.git
                  9cca280a4d0ccf0c08f47a99aa71d1b0e52f8d03)  # 3.11.3
  set(json ${json_SOURCE_DIR}/include)
endif()
inoculate_headers(json ${json})

# --- protozero 1.7 or newer: ONNX files are protocol buffers.
inoculate_find_headers(protozero protozero/pbf_reader.hpp)
inoculate_read_version(protozero_version "${protozero}/protozero/version.hpp"
                       PROTOZERO_VERSION_MAJOR PROTOZERO_VERSION_MINOR)
if(NOT protozero_version VERSION_GREATER_EQUAL 1.7)
  inoculate_fetch(protozero https://github.com/mapbox/protozero.git
                  f379578a3f7c8162aac0ac31c2696de09a5b5f93)  # 1.7.1
  set(protozero ${protozero_SOURCE_DIR}/include)
endif()
inoculate_headers(protozero ${protozero})

# --- zlib: IDX files come gzipped, PNG is deflated.
if(NOT EMSCRIPTEN)
  find_package(ZLIB QUIET)
endif()
if(ZLIB_FOUND)
  add_library(inoculate_zlib INTERFACE)
  target_link_libraries(inoculate_zlib INTERFACE ZLIB::ZLIB)
  add_library(inoculate::zlib ALIAS inoculate_zlib)
else()
  inoculate_fetch(zlib https://github.com/madler/zlib.git
                  51b7f2abdade71cd9bb0e7a373ef2610ec6f9daf)  # 1.3.1
  inoculate_sources(zlib ${zlib_SOURCE_DIR} adler32.c compress.c crc32.c deflate.c inffast.c
                    inflate.c inftrees.c trees.c uncompr.c zutil.c)
  set_target_properties(inoculate_zlib PROPERTIES POSITION_INDEPENDENT_CODE ON)
endif()

if(SKBUILD)
  return()  # the Python package needs no more
endif()

# --- Catch2 2.13 (one header) or 3: the tests.
if(INOCULATE_TESTS)
  if(NOT EMSCRIPTEN)
    find_package(Catch2 3 CONFIG QUIET)
  endif()
  inoculate_find_headers(catch2 catch2/catch.hpp)
  if(Catch2_FOUND)
    add_library(inoculate_catch2 INTERFACE)
    target_link_libraries(inoculate_catch2 INTERFACE Catch2::Catch2)
    add_library(inoculate::catch2 ALIAS inoculate_catch2)
  elseif(catch2)
    inoculate_headers(catch2 ${catch2})
  else()
    inoculate_fetch(catch2 https://github.com/catchorg/Catch2.git
                    182c910b4b63ff587a3440e08f84f70497e49a81)  # 2.13.10
    if(EXISTS ${catch2_SOURCE_DIR}/single_include/catch2/catch.hpp)
      inoculate_headers(catch2 ${catch2_SOURCE_DIR}/single_include)
    else()  # a distribution's sources of Catch2 3, under the name its installation has
      inoculate_sources(catch2 ${catch2_SOURCE_DIR}/extras catch_amalgamated.cpp)
      target_compile_definitions(inoculate_catch2 PRIVATE CATCH_AMALGAMATED_CUSTOM_MAIN)
      file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/catch2_all/catch2/catch_all.hpp
           CONTENT "#include <catch_amalgamated.hpp>\n")
      target_include_directories(inoculate_catch2 SYSTEM PUBLIC ${PROJECT_BINARY_DIR}/catch2_all)
    endif()
  endif()
endif()

# --- stb: letters in pictures (stb_truetype), PNG files of the page (stb_image_write), GIF
# (stb_image).
inoculate_find_headers(stb stb_truetype.h stb)
if(NOT stb)
  inoculate_fetch(stb https://github.com/nothings/stb.git
                  8b5f1f37b5b75829fc72d38e7b5d4bcbf8a26d55)
  set(stb ${stb_SOURCE_DIR})
endif()
inoculate_headers(stb ${stb})

# --- Lato (SIL Open Font License): the letters themselves, compiled in (pictures/font.h). Of its
# 3,000 characters only those of Western languages (bold, for headings of our own: of English), where
# hb-subset is there to take them.
set(characters_Regular 20-7E,A0-FF,3B5,2010-2026,2122,2212,2248,2260,2264,2265,221E,FFFD)
set(characters_Bold 20-7E,2013,FFFD)
find_program(INOCULATE_HB_SUBSET hb-subset NO_CMAKE_FIND_ROOT_PATH)
set(inoculate_font_sources "")
foreach(weight Regular Bold)
  find_file(INOCULATE_LATO_${weight} Lato-${weight}.ttf PATHS /usr/share/fonts
            PATH_SUFFIXES truetype/lato NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH)
  set(font ${INOCULATE_LATO_${weight}})
  if(NOT font)
    inoculate_fetch(lato https://github.com/googlefonts/LatoGFVersion.git
                    080cb69711ca050d91e9c866e58df7a73095c69a)
    set(font ${lato_SOURCE_DIR}/fonts/Lato-${weight}.ttf)
  endif()
  if(INOCULATE_HB_SUBSET)
    set(subset ${PROJECT_BINARY_DIR}/lato_${weight}.ttf)
    add_custom_command(
      OUTPUT ${subset}
      COMMAND ${INOCULATE_HB_SUBSET} ${font} --unicodes=${characters_${weight}} --no-hinting
              --drop-tables=GSUB,GPOS,GDEF,kern --output-file=${subset}
      DEPENDS ${font}
      COMMENT "Taking the characters we use from ${font}")
    set(font ${subset})
  endif()
  inoculate_embed(inoculate_font_sources lato_${weight}.cpp pictures/font.h FontFile
                  kLato${weight} ${font})
endforeach()

# --- Dear ImGui 1.86 or newer: the page's panels. Its sources are compiled with them; the parts
# that speak to SDL and OpenGL are a library of their own, so that tests need neither.
inoculate_fetch(imgui https://github.com/ocornut/imgui.git
                512c54bbc062c41c74f8a8bd8ff1fd6bebd1e6d0)  # 1.86
inoculate_sources(imgui ${imgui_SOURCE_DIR} imgui.cpp imgui_draw.cpp imgui_tables.cpp
                  imgui_widgets.cpp)
target_compile_definitions(inoculate_imgui PUBLIC IMGUI_DISABLE_OBSOLETE_FUNCTIONS
                                                  IMGUI_DISABLE_DEMO_WINDOWS)

if(EMSCRIPTEN)
  # --- SDL 2.0.20 to 2.30, as far as a page needs it: video, events, timers. Compiled as it stands:
  # its own build spends minutes on finding out what SDL_config_emscripten.h says.
  inoculate_fetch(libsdl2 https://github.com/libsdl-org/SDL.git
                  ac13ca9ab691e13e8eebe9684740ddcb0d716203)  # 2.26.5
  set(sdl_sources "")
  foreach(part . atomic audio cpuinfo events file filesystem/emscripten haptic haptic/dummy joystick
          joystick/dummy joystick/emscripten libm
          loadso/dummy locale locale/emscripten misc misc/emscripten power power/emscripten render
          sensor sensor/dummy stdlib thread thread/generic timer timer/unix video video/emscripten
          video/yuv2rgb)
    file(GLOB sources RELATIVE ${libsdl2_SOURCE_DIR} ${libsdl2_SOURCE_DIR}/src/${part}/*.c)
    list(APPEND sdl_sources ${sources})
  endforeach()
  inoculate_sources(sdl2 ${libsdl2_SOURCE_DIR} ${sdl_sources})
  target_include_directories(inoculate_sdl2 SYSTEM BEFORE PUBLIC ${libsdl2_SOURCE_DIR}/include)
  target_compile_options(inoculate_sdl2 PRIVATE -Oz)
  target_compile_definitions(inoculate_sdl2 PRIVATE SDL_LEAN_AND_MEAN=1)  # no surfaces to blit
  foreach(part AUDIO HAPTIC JOYSTICK LOADSO RENDER SENSOR)
    target_compile_definitions(inoculate_sdl2 PRIVATE SDL_${part}_DISABLED=1)
  endforeach()
else()
  # --- SDL 2 and OpenGL of the system: the page as a window. Without them there is none.
  find_package(SDL2 2.0.20 CONFIG QUIET)
  find_package(OpenGL QUIET)
  if(TARGET SDL2::SDL2 AND OPENGL_FOUND)
    add_library(inoculate_sdl2 INTERFACE)
    target_link_libraries(inoculate_sdl2 INTERFACE SDL2::SDL2 OpenGL::GL)
    add_library(inoculate::sdl2 ALIAS inoculate_sdl2)
  endif()
endif()
if(TARGET inoculate::sdl2)
  foreach(name sdl2 sdl)  # the backend's new name, and its old one
    if(EXISTS ${imgui_SOURCE_DIR}/backends/imgui_impl_${name}.cpp)
      inoculate_sources(imgui_sdl ${imgui_SOURCE_DIR}/backends imgui_impl_${name}.cpp
                        imgui_impl_opengl3.cpp)
      break()
    endif()
  endforeach()
  target_link_libraries(inoculate_imgui_sdl PUBLIC inoculate::imgui inoculate::sdl2)
  if(EMSCRIPTEN)
    target_compile_definitions(inoculate_imgui_sdl PRIVATE IMGUI_IMPL_OPENGL_ES2)
  endif()
endif()

if(EMSCRIPTEN)
  return()  # what follows is for the command alone
endif()

# --- CLI11 2.1 or newer: the command line.
find_package(CLI11 2.1 CONFIG QUIET)
if(CLI11_FOUND)
  add_library(inoculate_cli11 INTERFACE)
  target_link_libraries(inoculate_cli11 INTERFACE CLI11::CLI11)
  add_library(inoculate::cli11 ALIAS inoculate_cli11)
else()
  inoculate_fetch(cli11 https://github.com/CLIUtils/CLI11.git
                  6c7b07a878ad834957b98d0f9ce1dbe0cb204fc9)  # 2.4.2
  inoculate_headers(cli11 ${cli11_SOURCE_DIR}/include)
endif()

# --- libpng: pictures in and out.
find_package(PNG 1.6 QUIET)
if(PNG_FOUND)
  add_library(inoculate_png INTERFACE)
  target_link_libraries(inoculate_png INTERFACE PNG::PNG)
  add_library(inoculate::png ALIAS inoculate_png)
else()
  inoculate_fetch(png https://github.com/pnggroup/libpng.git
                  ed217e3e601d8e462f7fd1e04bed43ac42212429)  # 1.6.43
  configure_file(${png_SOURCE_DIR}/scripts/pnglibconf.h.prebuilt
                 ${PROJECT_BINARY_DIR}/png/pnglibconf.h COPYONLY)
  inoculate_sources(png ${png_SOURCE_DIR} png.c pngerror.c pngget.c pngmem.c pngpread.c pngread.c
                    pngrio.c pngrtran.c pngrutil.c pngset.c pngtrans.c pngwio.c pngwrite.c
                    pngwtran.c pngwutil.c)
  target_include_directories(inoculate_png SYSTEM PUBLIC ${PROJECT_BINARY_DIR}/png)
  target_compile_definitions(inoculate_png PRIVATE PNG_INTEL_SSE_OPT=0 PNG_ARM_NEON_OPT=0)
  target_link_libraries(inoculate_png PUBLIC inoculate::zlib)
endif()

# --- libjpeg-turbo: JPEG pictures in. Any libjpeg that reads from memory serves.
find_package(JPEG QUIET)
if(JPEG_FOUND)
  add_library(inoculate_jpeg INTERFACE)
  target_link_libraries(inoculate_jpeg INTERFACE JPEG::JPEG)
  add_library(inoculate::jpeg ALIAS inoculate_jpeg)
else()
  inoculate_fetch(jpeg https://github.com/libjpeg-turbo/libjpeg-turbo.git
                  8ecba3647edb6dd940463fedf38ca33a8e2a73d1)  # 2.1.5.1
  function(inoculate_build_jpeg)  # has the variables that its configuration headers are made from
    set(JPEG_LIB_VERSION 62)
    set(VERSION 2.1.5.1)
    set(COPYRIGHT_YEAR 1991-2023)
    set(LIBJPEG_TURBO_VERSION_NUMBER 2001005)
    set(BITS_IN_JSAMPLE 8)
    set(D_ARITH_CODING_SUPPORTED ON)
    set(MEM_SRCDST_SUPPORTED ON)
    set(INLINE inline)
    set(THREAD_LOCAL __thread)
    set(SIZE_T ${CMAKE_SIZEOF_VOID_P})
    foreach(header jconfig.h jconfigint.h jversion.h)
      configure_file(${jpeg_SOURCE_DIR}/${header}.in ${PROJECT_BINARY_DIR}/jpeg/${header})
    endforeach()
    inoculate_sources(jpeg ${jpeg_SOURCE_DIR} jaricom.c jcapimin.c jcapistd.c jccoefct.c jccolor.c
                      jcdctmgr.c jchuff.c jcinit.c jcmainct.c jcmarker.c jcmaster.c jcomapi.c
                      jcparam.c jcphuff.c jcprepct.c jcsample.c jdapimin.c jdapistd.c jdarith.c
                      jdatadst.c jdatasrc.c jdcoefct.c jdcolor.c jddctmgr.c jdhuff.c jdinput.c
                      jdmainct.c jdmarker.c jdmaster.c jdmerge.c jdphuff.c jdpostct.c jdsample.c
                      jerror.c jfdctflt.c jfdctfst.c jfdctint.c jidctflt.c jidctfst.c jidctint.c
                      jidctred.c jmemmgr.c jmemnobs.c jquant1.c jquant2.c jsimd_none.c jutils.c)
    target_include_directories(inoculate_jpeg SYSTEM PUBLIC ${PROJECT_BINARY_DIR}/jpeg)
  endfunction()
  inoculate_build_jpeg()
endif()
