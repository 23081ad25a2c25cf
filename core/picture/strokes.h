// Which ink is the digit's, and how thick its strokes are.
#pragma once

#include "picture/ink.h"

namespace inoculate {

struct Strokes {
  Plane ink;             ///< 0..1, of the digit alone
  Box box;               ///< which holds all of it; empty when there is no digit
  bool dropped = false;  ///< whether lines at the edge, frames or specks were left out
};

/// The digit among the ink: its regions without specks, without lines that run along the picture's
/// edge, and without a drawn frame.
Strokes find_strokes(const Ink& ink);

/// Thickens strokes that would be thinner than those that MNIST has, once their box is scaled to
/// `box_side` pixels. Returns whether they were.
bool thicken(Strokes& strokes, int box_side);

}  // namespace inoculate
