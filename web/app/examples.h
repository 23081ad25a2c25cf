// A drawing of our own, on the pad when the page opens.
#pragma once

#include <vector>

#include "web/picture/strokes.h"

namespace inoculate::page {

/// A seven.
std::vector<Stroke> example_drawing();

}  // namespace inoculate::page
