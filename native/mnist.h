// Where the command finds its data.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "data/dataset.h"
#include "native/command_line.h"
#include "native/data_files.h"

namespace inoculate {

/// The folder of IDX files: `given` (from --data) if it is not empty, else $INOCULATE_DATA, else
/// data/mnist. Throws Error when it is no folder.
std::filesystem::path find_data(const std::string& given);

/// The images and labels of a split (see data_files.h for the names of its files). Throws Error
/// when one is missing, bad, or not of the form.
Dataset load_split(const std::filesystem::path& folder, Split split, const DataForm& form = {});

/// Most images that --start or --count may name: IDX files hold fewer.
inline constexpr int kMostImages = 1'000'000'000;

/// What --count says: how many images. 0 stands for all there are.
struct CountOption {
  int usual = 0;             ///< if the option is not given; fewer where there are fewer
  std::optional<int> given;  ///< by the user, who wants that many
  const char* name = "--count";

  int value() const { return given.value_or(usual); }
  /// How many of `there` things, called `things` in messages. Throws UsageError when more were
  /// asked for than there are.
  int of(int there, const std::string& things) const;
};

/// Adds --count; `what` describes it up to what 0 means and what is usual.
Option add_count_option(Command command, CountOption& count, const std::string& what);

/// Images begin..end-1.
struct ImageRange {
  int begin = 0;
  int end = 0;
};

/// Those of `size` images from `start` (0 or more) on that `count` names, at least one. Throws
/// UsageError when there are fewer than were asked for.
ImageRange choose(int size, int start, const CountOption& count);

/// Images as the network takes them, with their labels.
struct LabelledImages {
  Matrix images;  // [N, H*W*C]
  Labels labels;
};

/// All of a data set as floats.
LabelledImages all_images(const Dataset& dataset);

}  // namespace inoculate
