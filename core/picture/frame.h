// The frame that a scan's edge or a drawn border puts round a page.
#pragma once

#include "picture/channels.h"

namespace inoculate {

/// The page inside a frame: the rectangle, not quite touched by it. All of the picture when there
/// is no frame, that is when what the colour of the outermost pixels encloses is no rectangle, or
/// does not differ from it.
Box inside_frame(const Channels& channels);

}  // namespace inoculate
