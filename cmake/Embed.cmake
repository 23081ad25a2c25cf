# inoculate_embed(<variable> <source> <header> <type> <name> <file>...): a source, in the build
# folder, with the bytes of the files, one after the other, as the <name> that the header declares;
# <type> is a struct of a pointer to them and their number. Appends its path to the variable.
function(inoculate_embed variable source header type name)
  set(output ${PROJECT_BINARY_DIR}/${source})
  set(script ${PROJECT_SOURCE_DIR}/cmake/EmbedFile.cmake)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} "-DINPUT=${ARGN}" -DOUTPUT=${output} -DNAME=${name} -DHEADER=${header}
            -DTYPE=${type} -P ${script}
    DEPENDS ${ARGN} ${script}
    COMMENT "Embedding ${name}" VERBATIM)
  set(${variable} ${${variable}} ${output} PARENT_SCOPE)
endfunction()
