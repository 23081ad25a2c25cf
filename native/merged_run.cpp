#include "native/merged_run.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.h"
#include "native/output.h"
#include "native/threat_options.h"

namespace inoculate {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& what) {
  throw Error(path + ": " + what);
}

std::string missing_numbers(const std::vector<Part>& parts, int of) {
  std::string missing;
  int shown = 0;
  std::size_t next = 0;
  for (int number = 1; number <= of; ++number) {
    if (next < parts.size() && parts[next].shard.number == number) {
      ++next;
      continue;
    }
    if (++shown > 10) return missing + " and others";
    missing += (missing.empty() ? "" : ", ") + std::to_string(number);
  }
  return missing;
}

// The parts, in their order, as one that judged all images. Tells a note where they are of several
// builds, whose figures may differ in their last digits.
Part join_parts(std::vector<Part> parts, const std::vector<std::string>& paths) {
  const std::size_t models = parts.at(0).run.same["models"].size();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string other = difference(parts[i].run.same, parts[0].run.same);
    if (!other.empty()) {
      refuse(paths[i], "is of another run than " + paths[0] + ": " + other);
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (parts[i].shard.number != parts[j].shard.number) continue;
      refuse(paths[i], "is part " + std::to_string(parts[i].shard.number) + " of the run, as " +
                           paths[j] + " is; give each part once");
    }
    if (!is_finished(parts[i], models)) {
      refuse(paths[i], "is not finished; the command that made it goes on with it");
    }
  }
  std::sort(parts.begin(), parts.end(),
            [](const Part& a, const Part& b) { return a.shard.number < b.shard.number; });
  const int of = parts[0].shard.of;
  if (parts.size() < static_cast<std::size_t>(of)) {
    throw Error("these are " + std::to_string(parts.size()) + " of " + std::to_string(of) +
                " parts; missing: " + missing_numbers(parts, of));
  }
  Part whole = std::move(parts[0]);
  whole.shard = {1, 1};
  std::set<std::string> builds{whole.build};
  for (std::size_t i = 1; i < parts.size(); ++i) {
    builds.insert(parts[i].build);
    whole.labels.insert(whole.labels.end(), parts[i].labels.begin(), parts[i].labels.end());
    for (std::size_t k = 0; k < models; ++k) append(whole.models[k], parts[i].models[k]);
  }
  if (builds.size() > 1) {
    tell_note("the parts were judged by " + std::to_string(builds.size()) +
              " builds, which may differ in the last digit of a logit and so in an image: " +
              *builds.begin() + " and " + *builds.rbegin());
  }
  return whole;
}

}  // namespace

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
  if (run.judging.quantise) require_levels(run.judging.threat);
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
