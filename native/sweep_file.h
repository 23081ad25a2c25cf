// A sweep: one judgement for each point of a grid, as a file of JSON describes it.
//
//   {"folder": "runs",
//    "grid": {"seed": [1, 2, 3], "method": ["pgd", "mixed-batch"], "epsilon": [0.1, 0.3]},
//    "adversarial-train": {"method": "{method}", "epsilon": "{epsilon}", "seed": "{seed}"},
//    "robustness": {"epsilon": "{epsilon}", "attacks": "quick", "count": 1000}}
//
// docs/clusters.md describes it for users.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inoculate {

/// A direction of the grid and its values, as text.
struct SweepAxis {
  std::string name;
  std::vector<std::string> values;
};

/// A sub-command with its options, as "--epsilon" and "{epsilon}"; a flag has no value.
struct SweepStep {
  std::string command;
  std::vector<std::pair<std::string, std::string>> options;
};

struct Sweep {
  std::filesystem::path file;
  std::filesystem::path folder;  ///< in which every cell has a folder of its own
  std::vector<SweepAxis> axes;   ///< in the order of their names
  std::vector<SweepStep> steps;  ///< training, if there is any, and robustness
};

/// A point of the grid.
struct SweepCell {
  std::string name;                 ///< of its folder: "epsilon=0.1,method=pgd,seed=1"
  std::vector<std::string> values;  ///< of each axis
};

/// Most cells of a grid.
inline constexpr std::size_t kMostCells = 10'000;

/// Most bytes of such a file.
inline constexpr std::size_t kLargestSweep = std::size_t{1} << 20;

/// The sweep that the file at `path` says, whose text this is. Throws Error, in one line that
/// begins with the path and names what is wrong: for unknown keys, empty lists, values twice, axes
/// that no step uses, placeholders of no axis, and too many cells. Whether sub-commands take the
/// options is not looked at.
Sweep parse_sweep(std::string_view text, const std::filesystem::path& path);

/// All cells; the last axis runs fastest.
std::vector<SweepCell> cells_of(const Sweep& sweep);

/// The cell of that name. Throws UsageError if there is none.
SweepCell find_cell(const Sweep& sweep, const std::string& name);

/// The options of a step with the cell's values in them: "--epsilon", "0.1", "--cascade".
std::vector<std::string> options_of(const Sweep& sweep, const SweepCell& cell,
                                    const SweepStep& step);

/// The files of a cell: its network, if it trains one, and its judgement, a part that is all.
std::filesystem::path network_of(const Sweep& sweep, const SweepCell& cell);
std::filesystem::path judgement_of(const Sweep& sweep, const SweepCell& cell);

/// All arguments of a step, which writes one of those files.
std::vector<std::string> arguments_of(const Sweep& sweep, const SweepCell& cell,
                                      const SweepStep& step);

}  // namespace inoculate
