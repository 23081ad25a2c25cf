# What `cmake --install` puts where, and what cpack packs: the command with its manual pages and
# completions, the weights that we ship, and the library with its headers for other programs.
#
# A package runs on every x86-64 processor, and fast: with INOCULATE_SHARED_COMMAND the command's
# code is a shared library, and glibc's loader takes the copy of it, out of glibc-hwcaps/, that was
# compiled for the highest level that the processor has. Builds with -DINOCULATE_ARCH=x86-64-v3 and
# the like, named in INOCULATE_LEVEL_BUILDS, give those copies and nothing else to the package.
include(GNUInstallDirs)
set(INOCULATE_LEVEL_BUILDS "" CACHE STRING "Folders of builds for higher levels of x86-64")

set(command_folder lib/inoculate)
if(INOCULATE_SHARED_COMMAND)
  set_target_properties(inoculate_native PROPERTIES OUTPUT_NAME inoculate-command)
  set_target_properties(inoculate PROPERTIES INSTALL_RPATH "\$ORIGIN/../${command_folder}")
  if(INOCULATE_ARCH MATCHES "^x86-64-v[34]$")
    install(TARGETS inoculate_native
            LIBRARY DESTINATION ${command_folder}/glibc-hwcaps/${INOCULATE_ARCH})
    return()
  endif()
  install(TARGETS inoculate_native LIBRARY DESTINATION ${command_folder})
endif()
install(TARGETS inoculate)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/THIRD_PARTY_NOTICES
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
file(GLOB shipped_weights CONFIGURE_DEPENDS assets/*.safetensors)
install(FILES ${shipped_weights} assets/README.md DESTINATION ${CMAKE_INSTALL_DATADIR}/inoculate)

# --- Made by asking the command: manual pages, and what shells complete.
set(papers ${PROJECT_BINARY_DIR}/papers)
add_custom_command(OUTPUT ${papers}/inoculate.bash ${papers}/_inoculate ${papers}/inoculate.fish
                   COMMAND ${CMAKE_COMMAND} -E make_directory ${papers}
                   COMMAND inoculate completion bash > ${papers}/inoculate.bash
                   COMMAND inoculate completion zsh > ${papers}/_inoculate
                   COMMAND inoculate completion fish > ${papers}/inoculate.fish
                   DEPENDS inoculate)
add_custom_target(inoculate_completions ALL DEPENDS ${papers}/inoculate.bash)
install(FILES ${papers}/inoculate.bash RENAME inoculate
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${papers}/_inoculate DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${papers}/inoculate.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

find_program(INOCULATE_HELP2MAN help2man DOC "What makes manual pages of --help")
if(INOCULATE_HELP2MAN)
  add_custom_command(OUTPUT ${papers}/man1/inoculate.1
                     COMMAND ${CMAKE_COMMAND} -E env HELP2MAN=${INOCULATE_HELP2MAN} bash
                             ${PROJECT_SOURCE_DIR}/tools/manual.sh $<TARGET_FILE:inoculate>
                             ${papers}/man1
                     DEPENDS inoculate ${PROJECT_SOURCE_DIR}/tools/manual.sh)
  add_custom_target(inoculate_manual ALL DEPENDS ${papers}/man1/inoculate.1)
  install(DIRECTORY ${papers}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR})
else()
  message(STATUS "No manual pages: help2man is not installed")
endif()

# --- The library, for find_package(Inoculate). Who uses it must be compiled for the same
# processors, since the headers' types depend on them: its target says so.
install(TARGETS inoculate_core ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY core/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/inoculate
        FILES_MATCHING PATTERN "*.h")
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/Inoculate)
include(CMakePackageConfigHelpers)
configure_package_config_file(cmake/InoculateConfig.cmake.in InoculateConfig.cmake
                              INSTALL_DESTINATION ${package_folder}
                              PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(InoculateConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/InoculateConfig.cmake
              ${PROJECT_BINARY_DIR}/InoculateConfigVersion.cmake DESTINATION ${package_folder})

# --- Packages.
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGE_NAME inoculate)
set(CPACK_PACKAGE_CONTACT "The founders of Inoculate")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "attacks, defends and judges image classifiers")
set(CPACK_PACKAGE_DESCRIPTION
    "Trains small networks, reads any classifier that ONNX describes, attacks them in thirty ways,
defends them, and says with confidence intervals what the defence bought. The library with its
headers for C++ programs comes with the command.")
set(CPACK_PACKAGE_FILE_NAME inoculate_${PROJECT_VERSION}_${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libeigen3-dev, nlohmann-json3-dev, libprotozero-dev, zlib1g-dev")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_CMAKE_PROJECTS "")
foreach(folder IN LISTS PROJECT_BINARY_DIR INOCULATE_LEVEL_BUILDS)
  list(APPEND CPACK_INSTALL_CMAKE_PROJECTS ${folder} inoculate ALL /)
endforeach()
include(CPack)
