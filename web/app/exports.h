// Pictures to take along, as PNG files.
#pragma once

#include "data/bytes.h"
#include "web/attack/outcome.h"

namespace inoculate::page {

/// A picture of 28 x 28 grey pixels; values outside 0..1 are clipped.
Bytes picture_png(const Picture& picture);

/// Original, perturbation and adversary with their readings, as `inoculate attack --sheet` draws.
Bytes sheet_png(const AttackOutcome& outcome, const AttackSettings& settings);

}  // namespace inoculate::page
