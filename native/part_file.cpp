#include "native/part_file.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/parallel.h"
#include "data/json.h"
#include "native/files.h"
#include "native/findings_json.h"
#include "native/json_members.h"
#include "native/output.h"

namespace inoculate {
namespace {

using Plain = nlohmann::json;

constexpr const char* kKind = "part of a judgement";
constexpr int kFormat = 1;
constexpr std::size_t kLargestFile = std::size_t{1} << 28;

Part part_of(const Plain& json) {
  if (!json.is_object() || !json.contains("inoculate") || json["inoculate"] != kKind) {
    throw Error("is no part of a judgement, which robustness --shard writes");
  }
  if (integer_member(json, "format", 0, 1 << 30) != kFormat) {
    throw Error("is of another version of inoculate; judge this part again");
  }
  Part part{
      {member(json, "run"), member(json, "told")}, text_member(json, "build"), {}, {}, {}, {}};
  const RobustnessRun run = run_of_json(part.run);
  const std::vector<ModelSpec> specs = specs_of_json(part.run);
  part.shard.of = shards_of_json(part.run);
  part.shard.number = integer_member(json, "shard", 1, part.shard.of);
  const ImageRange range = images_of(part.shard, run.n);
  const int size = range.end - range.begin;
  int classes = specs[0].classes;
  for (const ModelSpec& spec : specs) classes = std::min(classes, spec.classes);
  for (const Plain& label : list_member(json, "labels", size)) {
    const auto number = json_integer(label, 0, classes - 1);
    if (!number) refuse_member("labels", "no list of the models' classes");
    part.labels.push_back(static_cast<std::int32_t>(*number));
  }
  const Plain& models = list_member(json, "models");
  const Plain& signs = list_member(json, "signs");
  if (models.size() > specs.size() || signs.size() > models.size()) {
    throw Error("has findings of more models than were judged");
  }
  for (std::size_t i = 0; i < models.size(); ++i) {
    const bool is_last = i + 1 == models.size();
    const int judged = integer_member(models[i], "judged", is_last ? 1 : size, size);
    part.models.push_back(findings_of_json(models[i], specs[i], judged, run));
  }
  for (const Plain& sign : signs) part.signs.push_back(signs_of_json(sign));
  return part;
}

std::size_t images_in(const Findings& findings) { return findings.outcomes.read.size(); }

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

}  // namespace

ImageRange images_of(const Shard& shard, int n) {
  return {part_begin(n, shard.of, shard.number - 1), part_begin(n, shard.of, shard.number)};
}

bool is_finished(const Part& part, std::size_t models) {
  return part.models.size() == models && images_in(part.models.back()) == part.labels.size() &&
         (part.shard.number != 1 || part.signs.size() == models);
}

void write_part(const std::filesystem::path& path, const Part& part, const RobustnessRun& run) {
  std::string text;
  try {
    Plain json{{"inoculate", kKind},    {"format", kFormat},        {"build", part.build},
               {"run", part.run.same},  {"told", part.run.told},    {"shard", part.shard.number},
               {"labels", part.labels}, {"models", Plain::array()}, {"signs", Plain::array()}};
    for (const Findings& findings : part.models) {
      json["models"].push_back(json_of_findings(findings, run));
      json["models"].back()["judged"] = images_in(findings);
    }
    for (const Signs& signs : part.signs) json["signs"].push_back(json_of_signs(signs));
    text = json.dump(-1, ' ', false, Plain::error_handler_t::replace) + "\n";
  } catch (const Error& error) {
    refuse(path.string(), error.what());
  }
  write_file_atomically(path, Bytes(text.begin(), text.end()));
}

Part parse_part(std::string_view text, const std::string& name) {
  try {
    return part_of(parse_json(text, {.deepest = 16, .most_values = kLargestFile}));
  } catch (const Error& error) {
    refuse(name, error.what());
  }
}

Part read_part(const std::filesystem::path& path) {
  const Bytes bytes = read_file(path, kLargestFile);
  return parse_part({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
}

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

}  // namespace inoculate
