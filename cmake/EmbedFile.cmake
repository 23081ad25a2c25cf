# cmake "-DINPUT=one.ttf;two.txt" -DOUTPUT=bytes.cpp -DHEADER=pictures/font.h -DTYPE=FontFile
# -DNAME=kFont -P EmbedFile.cmake: the bytes of files, one after the other, as the NAME that the
# header declares; TYPE is a struct of a pointer to them and their number.
set(bytes "")
foreach(file IN LISTS INPUT)
  file(READ "${file}" more HEX)
  string(APPEND bytes "${more}")
endforeach()
string(LENGTH "${bytes}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
file(WRITE "${OUTPUT}" "#include \"${HEADER}\"\n"
     "namespace { const unsigned char bytes[] = {${bytes}}; }\n"
     "namespace inoculate { const ${TYPE} ${NAME}{bytes, ${size}}; }\n")
