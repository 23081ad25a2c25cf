// The colours that all pictures have in common.
#pragma once

#include "pictures/canvas.h"

namespace inoculate {

inline constexpr Color kPaper{250, 249, 246};
inline constexpr Color kInk{31, 36, 48};       ///< titles
inline constexpr Color kQuiet{112, 117, 128};  ///< notes
inline constexpr Color kLine{222, 220, 213};   ///< between parts
inline constexpr Color kWhite{255, 255, 255};

}  // namespace inoculate
