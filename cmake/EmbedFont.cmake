# cmake -DINPUT=font.ttf -DOUTPUT=font.cpp -DNAME=kFont -P EmbedFont.cmake: the bytes of a font as
# one of those that pictures/font.h declares.
file(READ "${INPUT}" bytes HEX)
string(LENGTH "${bytes}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
file(WRITE "${OUTPUT}" "#include \"pictures/font.h\"\n"
     "namespace { const unsigned char bytes[] = {${bytes}}; }\n"
     "namespace inoculate { const FontFile ${NAME}{bytes, ${size}}; }\n")
