#include "native/part_file.h"

#include <algorithm>

#include "base/parallel.h"
#include "data/json.h"
#include "native/files.h"
#include "native/findings_json.h"
#include "native/json_members.h"

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
    throw Error(path.string() + ": " + error.what());
  }
  write_file_atomically(path, Bytes(text.begin(), text.end()));
}

Part parse_part(std::string_view text, const std::string& name) {
  try {
    return part_of(parse_json(text, {.deepest = 16, .most_values = kLargestFile}));
  } catch (const Error& error) {
    throw Error(name + ": " + error.what());
  }
}

Part read_part(const std::filesystem::path& path) {
  const Bytes bytes = read_file(path, kLargestFile);
  return parse_part({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
}

}  // namespace inoculate
