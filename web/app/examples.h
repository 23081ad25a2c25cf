// A drawing of our own, on the pad when the page opens.
#pragma once

#include <vector>

#include "web/picture/strokes.h"

namespace inoculate::page {

/// A two, which the standard network reads rightly, and which FGSM at the default epsilon makes it
/// misread: what a visitor sees first is an attack that worked.
std::vector<Stroke> example_drawing();

}  // namespace inoculate::page
