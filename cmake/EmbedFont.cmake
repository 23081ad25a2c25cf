# cmake -DINPUT=font.ttf -DOUTPUT=font.cpp -P EmbedFont.cmake: writes the bytes native/font.h declares.
file(READ "${INPUT}" bytes HEX)
string(LENGTH "${bytes}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
file(WRITE "${OUTPUT}" "#include \"native/font.h\"\n"
     "const unsigned char inoculate_font[] = {${bytes}};\n"
     "const unsigned long inoculate_font_size = ${size};\n")
