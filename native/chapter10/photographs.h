// The photographs and their network that sections use where `./run photo` has made them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "model/classifier.h"
#include "native/chapter10/chapter.h"

namespace inoculate {

struct Photographs {
  std::unique_ptr<Classifier> model;
  std::vector<std::filesystem::path> paths;
  Matrix images;  ///< [N, input]
};

/// Whether there is such a folder.
bool has_photographs(const ChapterScene& scene);

/// At most `most` of them, in the order of their names. Throws Error.
Photographs load_photographs(const ChapterScene& scene, std::size_t most);

/// The paragraph that says what is missing and how to get it.
std::string photographs_missing();

}  // namespace inoculate
