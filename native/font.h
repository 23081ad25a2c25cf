// The font of our pictures (Lato Regular), compiled into the command by cmake/EmbedFont.cmake.
#pragma once

/// The bytes of a TrueType font file.
extern const unsigned char inoculate_font[];
/// How many bytes `inoculate_font` has.
extern const unsigned long inoculate_font_size;
