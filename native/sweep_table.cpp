#include "native/sweep_table.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <system_error>

#include "base/error.h"
#include "base/numbers.h"
#include "native/csv_cell.h"
#include "native/merged_run.h"
#include "native/png.h"
#include "native/robustness_json.h"
#include "native/shell.h"
#include "native/text.h"
#include "pictures/curves.h"

namespace inoculate {
namespace {

constexpr const char* kSeed = "seed";
constexpr std::size_t kMostLines = 12;

using Row = std::vector<std::string>;

std::vector<double> numbers_of(const SweepAxis& axis) {
  std::vector<double> numbers;
  for (const std::string& value : axis.values) {
    const auto number = parse_number(value);
    if (!number) return {};
    numbers.push_back(*number);
  }
  return numbers;
}

bool has_numbers(const SweepAxis& axis) {
  return axis.values.size() > 1 && !numbers_of(axis).empty();
}

std::size_t axis_over(const Sweep& sweep, const std::string& over) {
  for (std::size_t i = sweep.axes.size(); i-- > 0;) {
    const SweepAxis& axis = sweep.axes[i];
    if (over.empty() ? axis.name != kSeed && has_numbers(axis) : axis.name == over) {
      if (has_numbers(axis)) return i;
      throw UsageError("--over " + over + ": has not several numbers");
    }
  }
  throw UsageError(over.empty() ? "--picture: the sweep has no axis of several numbers to draw over"
                                : "--over " + over + ": is no axis of the sweep");
}

// What tells a line of the picture from the others: "method=pgd".
std::string line_name(const Sweep& sweep, const SweepCell& cell, std::size_t over,
                      const JudgedCell* judged, std::size_t model) {
  std::string name;
  for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
    const SweepAxis& axis = sweep.axes[i];
    if (i == over || axis.name == kSeed || axis.values.size() == 1) continue;
    name += (name.empty() ? "" : ", ") + axis.name + " " + cell.values[i];
  }
  if (judged != nullptr && judged->run.models.size() > 1) {
    name += (name.empty() ? "" : ", ") + judged->run.models[model].name;
  }
  return name.empty() ? "all" : name;
}

std::size_t lines_without_models(const Sweep& sweep, std::size_t over) {
  std::size_t lines = 1;
  for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
    if (i != over && sweep.axes[i].name != kSeed) lines *= sweep.axes[i].values.size();
  }
  return lines;
}

// Share of images in the worst case; of a model that reads none there is nothing to judge, and 0 of
// them withstand.
double worst_case(const JudgedModel& model) { return model.verdict.worst_case_accuracy(); }

double clean(const JudgedModel& model) {
  return static_cast<double>(model.verdict.clean) / model.verdict.n;
}

Chart chart_of(const Sweep& sweep, const std::vector<JudgedCell>& cells, std::size_t over,
               const std::string& title, double (*share)(const JudgedModel&)) {
  const std::vector<double> numbers = numbers_of(sweep.axes[over]);
  // The shares of each line at each number; several where there are several seeds.
  std::map<std::string, std::map<double, std::vector<double>>> lines;
  std::vector<std::string> order;
  for (const JudgedCell& cell : cells) {
    const auto& values = sweep.axes[over].values;
    const auto at = std::find(values.begin(), values.end(), cell.cell.values[over]);
    const double x = numbers[static_cast<std::size_t>(at - values.begin())];
    for (std::size_t m = 0; m < cell.run.models.size(); ++m) {
      const std::string name = line_name(sweep, cell.cell, over, &cell, m);
      if (!lines.contains(name)) order.push_back(name);
      lines[name][x].push_back(share(cell.run.models[m]));
    }
  }
  Chart chart{title, sweep.axes[over].name, "accuracy", {}, std::pair{0.0, 1.0}};
  for (const std::string& name : order) {
    Curve curve{name, {}, {}};
    for (const auto& [x, shares] : lines[name]) {
      double sum = 0;
      for (const double one : shares) sum += one;
      curve.x.push_back(x);
      curve.y.push_back(sum / static_cast<double>(shares.size()));
    }
    chart.curves.push_back(std::move(curve));
  }
  return chart;
}

bool has_certificates(const std::vector<JudgedCell>& cells) {
  return std::any_of(cells.begin(), cells.end(),
                     [](const JudgedCell& c) { return c.run.certificate != nullptr; });
}

bool has_several_models(const std::vector<JudgedCell>& cells) {
  return std::any_of(cells.begin(), cells.end(),
                     [](const JudgedCell& c) { return c.run.models.size() > 1; });
}

// The shares of images that a row tells, with what they are called.
std::vector<std::pair<std::string, std::optional<int>>> shares_of(const JudgedModel& model,
                                                                  bool certified) {
  std::vector<std::pair<std::string, std::optional<int>>> shares{
      {"clean", model.verdict.clean},
      {"worst_case", model.verdict.worst_case},
      {"stored_worst_case", model.verdict.stored_worst_case}};
  if (model.verdict.nothing_to_judge()) shares[1].second = shares[2].second = std::nullopt;
  if (certified) {
    shares.emplace_back("certified",
                        model.proven ? std::optional(model.proven->certified) : std::nullopt);
  }
  return shares;
}

}  // namespace

std::string cell_command(const Sweep& sweep, const SweepCell& cell) {
  return shell_quoted(called_as()) + " sweep " + shell_quoted(sweep.file.string()) + " --run " +
         shell_quoted(cell.name);
}

std::vector<JudgedCell> judged_cells(const Sweep& sweep) {
  std::vector<JudgedCell> judged;
  std::vector<SweepCell> missing;
  std::error_code failure;
  const std::vector<SweepCell> cells = cells_of(sweep);
  for (const SweepCell& cell : cells) {
    const std::filesystem::path path = judgement_of(sweep, cell);
    if (!std::filesystem::exists(path, failure)) {
      missing.push_back(cell);
    } else if (missing.empty()) {
      judged.push_back({cell, merged_run({path.string()}, false).run});
    }
  }
  if (!missing.empty()) {
    throw Error(sweep.file.string() + ": " + std::to_string(missing.size()) + " of " +
                std::to_string(cells.size()) + " cells are not finished; the first is made by: " +
                cell_command(sweep, missing[0]));
  }
  return judged;
}

void print_sweep(std::ostream& out, const Sweep& sweep, const std::vector<JudgedCell>& cells) {
  const bool certified = has_certificates(cells), several = has_several_models(cells);
  std::vector<Row> rows{{}};
  for (const SweepAxis& axis : sweep.axes) rows[0].push_back(axis.name);
  if (several) rows[0].emplace_back("model");
  const std::size_t words = rows[0].size();
  for (const char* title : {"n", "clean", "worst case"}) rows[0].emplace_back(title);
  if (certified) rows[0].emplace_back("certified");
  rows[0].emplace_back("alarms");
  for (const JudgedCell& cell : cells) {
    for (const JudgedModel& model : cell.run.models) {
      Row row = cell.cell.values;
      if (several) row.push_back(model.name);
      row.push_back(std::to_string(model.verdict.n));
      for (const auto& [name, count] : shares_of(model, certified)) {
        if (name == "stored_worst_case") continue;
        row.push_back(count ? share_text(*count, model.verdict.n) : "-");
      }
      row.push_back(std::to_string(model.alarms.size()));
      rows.push_back(std::move(row));
    }
  }
  print_table(out, rows, words);
}

std::string sweep_csv(const Sweep& sweep, const std::vector<JudgedCell>& cells) {
  const bool certified = has_certificates(cells);
  std::string csv;
  for (const SweepAxis& axis : sweep.axes) csv += csv_cell(axis.name) + ",";
  csv += "model,n";
  for (const auto& [name, unused] : shares_of(cells.at(0).run.models.at(0), certified)) {
    csv += "," + name + "," + name + "_low," + name + "_high";
  }
  csv += ",alarms\n";
  for (const JudgedCell& cell : cells) {
    for (const JudgedModel& model : cell.run.models) {
      for (const std::string& value : cell.cell.values) csv += csv_cell(value) + ",";
      const int n = model.verdict.n;
      csv += csv_cell(model.spec.name) + "," + std::to_string(n);
      for (const auto& [name, count] : shares_of(model, certified)) {
        if (!count) {
          csv += ",,,";
          continue;
        }
        const Interval interval = wilson_interval(*count, n);
        csv += "," + exact(static_cast<double>(*count) / n) + "," + exact(interval.low) + "," +
               exact(interval.high);
      }
      std::string alarms;
      for (const Alarm& alarm : model.alarms) alarms += (alarms.empty() ? "" : " ") + alarm.name;
      csv += "," + csv_cell(alarms) + "\n";
    }
  }
  return csv;
}

Json sweep_json(const Sweep& sweep, const std::vector<JudgedCell>& cells) {
  Json json{{"cells", Json::array()}};
  for (const JudgedCell& cell : cells) {
    Json values = Json::object();
    for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
      values[sweep.axes[i].name] = cell.cell.values[i];
    }
    json["cells"].push_back({{"cell", values}, {"judgement", to_json(cell.run)}});
  }
  return json;
}

void require_axis(const Sweep& sweep, const std::string& over) {
  const std::size_t axis = axis_over(sweep, over);
  const std::size_t lines = lines_without_models(sweep, axis);
  if (lines > kMostLines) {
    throw UsageError("--picture: over " + sweep.axes[axis].name + " there would be " +
                     std::to_string(lines) + " lines, more than a picture shows; draw from --csv");
  }
}

std::vector<std::uint8_t> sweep_picture(const Sweep& sweep, const std::vector<JudgedCell>& cells,
                                        const std::string& over) {
  require_axis(sweep, over);
  const std::size_t axis = axis_over(sweep, over);
  return write_png(draw_charts({chart_of(sweep, cells, axis, "Clean", clean),
                                chart_of(sweep, cells, axis, "Worst case", worst_case)}));
}

}  // namespace inoculate
