// Which images a sub-command looks at: PNG pictures, or some of a data set.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "native/mnist.h"

namespace inoculate {

struct ImageOptions {
  std::vector<std::string> pictures;
  std::string data;
  std::string split = "test";
  int start = 0;
  CountOption count;
};

/// Adds the pictures, and --data, --split, --start and --count, which they exclude.
void add_image_options(CLI::App& command, ImageOptions& options);

/// The images, with labels unless they are pictures.
LabelledImages load_images(const ImageOptions& options);

}  // namespace inoculate
