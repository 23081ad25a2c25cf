#include "native/sweep_file.h"

#include <algorithm>
#include <set>

#include "base/quote.h"
#include "data/json.h"
#include "native/commands.h"
#include "native/json_members.h"

namespace inoculate {
namespace {

using Plain = nlohmann::json;

constexpr std::size_t kLongestName = 200;

// What a step may not be told, since the sweep says it or nothing would become of it.
const std::set<std::string> kOwn{"out",  "shard",  "resume", "checkpoint", "json",
                                 "help", "report", "curve",  "per-image"};

std::string text_of(const Plain& value, const std::string& what) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return value.dump();
  throw Error("has " + what + " that is neither text nor a number");
}

std::vector<SweepAxis> axes_of(const Plain& grid) {
  if (!grid.is_object() || grid.empty()) throw Error("has a grid that is no object of lists");
  std::vector<SweepAxis> axes;
  for (const auto& [name, list] : grid.items()) {
    const std::string axis = "axis " + quote(name);
    if (name.empty() || name.find_first_of("{}=,/ ") != std::string::npos) {
      throw Error("has an " + axis + "; names of axes are words");
    }
    if (!list.is_array() || list.empty()) {
      throw Error("has an " + axis + " without values; give a list such as [1, 2, 3]");
    }
    axes.push_back({name, {}});
    for (const Plain& value : list) {
      axes.back().values.push_back(text_of(value, "a value of " + axis));
      if (axes.back().values.back().empty()) throw Error("has an empty value of " + axis);
    }
  }
  return axes;
}

SweepStep step_of(const std::string& command, const Plain& options) {
  if (!options.is_object()) throw Error("has no object of options for " + command);
  SweepStep step{command, {}};
  for (const auto& [key, value] : options.items()) {
    if (kOwn.contains(key)) {
      throw Error("has the option " + quote(key) + " for " + command +
                  ", which a sweep gives or does not need; leave it out");
    }
    const std::string option = "--" + key;
    if (value.is_boolean()) {
      if (value.get<bool>()) step.options.emplace_back(option, "");
      continue;
    }
    step.options.emplace_back(option, text_of(value, "an option " + quote(key)));
    if (step.options.back().second.empty()) throw Error("has an empty option " + quote(key));
  }
  return step;
}

std::vector<SweepStep> steps_of(const Plain& json) {
  std::vector<SweepStep> steps;
  for (const char* command : {"train", "adversarial-train"}) {
    if (json.contains(command)) steps.push_back(step_of(command, json[command]));
  }
  if (steps.size() > 1) throw Error("trains in two ways; a sweep has one of them");
  if (!json.contains("robustness")) throw Error("has no robustness, which every sweep needs");
  steps.push_back(step_of("robustness", json["robustness"]));
  if (steps.size() > 1 && json["robustness"].contains("model")) {
    throw Error(
        "has the option 'model' for robustness, which judges what the sweep trains; leave "
        "it out, or the training");
  }
  return steps;
}

// The text with the cell's values in the place of {axis}.
std::string filled(const std::string& text, const std::vector<SweepAxis>& axes,
                   const std::vector<std::string>& values, std::set<std::string>* used = nullptr) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = text.find('{', at), close = text.find('}', open);
    if (open == std::string::npos || close == std::string::npos) return result + text.substr(at);
    const std::string name = text.substr(open + 1, close - open - 1);
    const auto axis =
        std::find_if(axes.begin(), axes.end(), [&](const SweepAxis& a) { return a.name == name; });
    if (axis == axes.end())
      throw Error("has {" + printable(name) + "}, which is no axis of its grid");
    if (used != nullptr) used->insert(name);
    result += text.substr(at, open - at) + values[static_cast<std::size_t>(axis - axes.begin())];
    at = close + 1;
  }
  return result;
}

std::string cell_name(const std::vector<SweepAxis>& axes, const std::vector<std::string>& values) {
  std::string name;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    name += (i == 0 ? "" : ",") + axes[i].name + "=";
    for (const char c : values[i]) {
      const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' ||
                            c == '-' || c == '+' || c == '_';
      name += is_plain ? c : '-';
    }
  }
  return name;
}

void check_cells(const Sweep& sweep) {
  std::size_t count = 1;
  for (const SweepAxis& axis : sweep.axes) {
    count *= std::min(axis.values.size(), kMostCells + 1);
    if (count > kMostCells) {
      throw Error("has a grid of more than " + std::to_string(kMostCells) + " cells");
    }
  }
  std::set<std::string> names, used;
  for (const SweepCell& cell : cells_of(sweep)) {
    if (cell.name.size() > kLongestName) {
      throw Error("has the cell " + quote(cell.name) + ", whose name is too long for a folder");
    }
    if (!names.insert(cell.name).second) {
      throw Error("has two cells called " + quote(cell.name) + "; give each value once");
    }
    for (const SweepStep& step : sweep.steps) {
      for (const auto& [option, value] : step.options) {
        filled(value, sweep.axes, cell.values, &used);
      }
    }
  }
  for (const SweepAxis& axis : sweep.axes) {
    if (used.contains(axis.name)) continue;
    throw Error("has an axis " + quote(axis.name) + " that no option uses; write \"{" +
                printable(axis.name) + "}\" where its values belong");
  }
}

}  // namespace

Sweep parse_sweep(std::string_view text, const std::filesystem::path& path) {
  try {
    const Plain json = parse_json(text, {.deepest = 4, .most_values = 100'000});
    if (!json.is_object()) throw Error("is no object of JSON");
    for (const auto& [key, value] : json.items()) {
      const std::set<std::string> known{"folder", "grid", "train", "adversarial-train",
                                        "robustness"};
      if (known.contains(key)) continue;
      throw Error("has " + quote(key) +
                  ", which is not known; a sweep has folder, grid, train or adversarial-train, and "
                  "robustness");
    }
    Sweep sweep{path, text_member(json, "folder"), axes_of(member(json, "grid")), steps_of(json)};
    if (sweep.folder.empty()) throw Error("has an empty folder");
    check_cells(sweep);
    return sweep;
  } catch (const Error& error) {
    throw Error(path.string() + ": " + error.what());
  }
}

std::vector<SweepCell> cells_of(const Sweep& sweep) {
  std::vector<SweepCell> cells{{}};
  for (const SweepAxis& axis : sweep.axes) {
    std::vector<SweepCell> longer;
    for (const SweepCell& cell : cells) {
      for (const std::string& value : axis.values) {
        longer.push_back(cell);
        longer.back().values.push_back(value);
      }
    }
    cells = std::move(longer);
  }
  for (SweepCell& cell : cells) cell.name = cell_name(sweep.axes, cell.values);
  return cells;
}

SweepCell find_cell(const Sweep& sweep, const std::string& name) {
  for (SweepCell& cell : cells_of(sweep)) {
    if (cell.name == name) return cell;
  }
  throw UsageError("--run: " + sweep.file.string() + " has no cell " + quote(name) +
                   "; --list tells which there are");
}

std::vector<std::string> options_of(const Sweep& sweep, const SweepCell& cell,
                                    const SweepStep& step) {
  std::vector<std::string> words;
  for (const auto& [option, value] : step.options) {
    words.push_back(option);
    if (!value.empty()) words.push_back(filled(value, sweep.axes, cell.values));
  }
  return words;
}

std::filesystem::path network_of(const Sweep& sweep, const SweepCell& cell) {
  return sweep.folder / cell.name / "network.safetensors";
}

std::filesystem::path judgement_of(const Sweep& sweep, const SweepCell& cell) {
  return sweep.folder / cell.name / "judgement.json";
}

std::vector<std::string> arguments_of(const Sweep& sweep, const SweepCell& cell,
                                      const SweepStep& step) {
  std::vector<std::string> words{step.command};
  for (const std::string& word : options_of(sweep, cell, step)) words.push_back(word);
  const std::string network = network_of(sweep, cell).string();
  if (step.command != "robustness") {
    words.insert(words.end(), {"--out", network, "--checkpoint", network + ".checkpoint"});
    return words;
  }
  if (sweep.steps.size() > 1) words.insert(words.end(), {"--model", network});
  words.insert(words.end(), {"--shard", "1/1", "--out", judgement_of(sweep, cell).string()});
  return words;
}

}  // namespace inoculate
