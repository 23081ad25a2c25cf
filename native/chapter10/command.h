// inoculate reproduce chapter10.
#pragma once

#include "native/commands.h"

namespace inoculate {

/// Adds it to `inoculate reproduce`.
void add_chapter10(Command reproduce, CommonOptions& common);

}  // namespace inoculate
