// The page of the chapter, and the pieces that its sections are made of.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "native/chapter10/chapter.h"
#include "pictures/canvas.h"

namespace inoculate {

/// What became of something that the book says, or keeps silent about.
enum class Finding { kHolds, kFails, kLeftOut };

/// The findings of a section as a list, in plain words; `words` are HTML already.
std::string findings(const std::vector<std::pair<Finding, std::string>>& list);

/// A picture with a text for those who cannot see it, and a caption that is HTML already.
std::string page_figure(const Canvas& canvas, const std::string& words, const std::string& caption);

/// Commands that make the figures of a section, to be pasted.
std::string command_block(const std::vector<std::string>& commands);

/// A finished section of the page.
struct PagePart {
  const ChapterSection* section = nullptr;
  std::string html;
  double seconds = 0;
};

/// The whole page. `command` is what makes it again; `wanted` is how many sections there are to be.
std::string chapter_page(const std::vector<PagePart>& parts, std::size_t wanted,
                         const ChapterScene& scene, const std::string& command);

}  // namespace inoculate
