#include "native/merged_run.h"

#include <utility>

#include "base/error.h"

namespace inoculate {

MergedRun merged_run(const std::vector<std::string>& paths, bool want_curve) {
  std::vector<Part> parts;
  for (const std::string& path : paths) parts.push_back(read_part(path));
  const Part whole = join_parts(std::move(parts), paths);
  MergedRun merged{run_of_json(whole.run), whole.labels};
  RobustnessRun& run = merged.run;
  if (!want_curve) {
    run.epsilons.clear();
  } else if (run.epsilons.empty()) {
    throw Error(
        "the parts were judged with --no-curve, and --curve and --report need one; judge them "
        "again without it, or leave these out");
  }
  std::vector<std::string> models;
  for (const Findings& findings : whole.models) models.push_back(findings.spec.name);
  const std::vector<std::string> names = distinct_names(models);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Signs& signs = whole.signs[i];
    run.models.push_back(
        judged_of(names[i], whole.models[i], run, signs.looks, [&] { return signs.better; }));
  }
  return merged;
}

}  // namespace inoculate
