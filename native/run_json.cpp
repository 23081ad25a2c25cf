#include "native/run_json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <system_error>

#include "native/classifier.h"
#include "native/files.h"
#include "native/json_members.h"
#include "native/preprocess_options.h"
#include "native/threat_options.h"
#include "native/version.h"
#include "train/checkpoint.h"

namespace inoculate {
namespace {

using Plain = nlohmann::json;

constexpr int kMostClasses = 1 << 24;
constexpr int kMostSide = 1 << 20;
constexpr std::size_t kLargestFile = std::numeric_limits<std::int32_t>::max();

std::string hexadecimal(std::uint64_t fingerprint) {
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(fingerprint));
  return text.data();
}

// Nothing of a file that is not there: notes need not be.
std::string fingerprint_of(const std::filesystem::path& path) {
  std::error_code failure;
  if (path.empty() || !std::filesystem::exists(path, failure)) return "";
  return hexadecimal(fingerprint(read_file(path, kLargestFile)));
}

Plain json_of(const ModelSpec& spec) {
  return {{"file", fingerprint_of(spec.name)},
          {"notes", fingerprint_of(notes_file(spec.name))},
          {"input", {spec.input.h, spec.input.w, spec.input.c}},
          {"classes", spec.classes},
          {"class names", spec.class_names},
          {"gives", knowledge_name(spec.gives)},
          {"promised accuracy", spec.promised_accuracy ? Plain(*spec.promised_accuracy) : Plain()}};
}

ModelSpec spec_of(const Plain& json, const std::string& path) {
  for (const char* key : {"file", "notes"}) text_member(json, key);
  ModelSpec spec;
  spec.name = path;
  const Plain& input = list_member(json, "input", 3);
  std::array<int, 3> sides{};
  std::int64_t size = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto side = json_integer(input[i], 1, kMostSide);
    size *= side.value_or(0);
    if (size <= 0 || size > std::numeric_limits<std::int32_t>::max()) {
      refuse_member("input", "no shape of an image");
    }
    sides[i] = static_cast<int>(*side);
  }
  spec.input = {sides[0], sides[1], sides[2]};
  spec.classes = integer_member(json, "classes", 2, kMostClasses);
  for (const Plain& name : list_member(json, "class names")) {
    if (!name.is_string()) refuse_member("class names", "no list of names");
    spec.class_names.push_back(name.get<std::string>());
  }
  const std::string gives = text_member(json, "gives");
  constexpr std::array kAll{Knowledge::kLabels, Knowledge::kTopProbability,
                            Knowledge::kProbabilities, Knowledge::kGradients};
  const auto found = std::find_if(kAll.begin(), kAll.end(),
                                  [&](Knowledge one) { return gives == knowledge_name(one); });
  if (found == kAll.end()) refuse_member("gives", "not known here");
  spec.gives = *found;
  if (!member(json, "promised accuracy").is_null()) {
    spec.promised_accuracy = real_member(json, "promised accuracy", 0, 1);
  }
  return spec;
}

// What is not UTF-8 (paths, names of classes) as it will be read back, numbers too.
Plain as_written(const Plain& json) {
  return Plain::parse(json.dump(-1, ' ', false, Plain::error_handler_t::replace));
}

std::string shown(const Plain& value) {
  return value.dump(-1, ' ', false, Plain::error_handler_t::replace);
}

}  // namespace

RunJson json_of_run(const RobustnessRun& run, const std::vector<ModelSpec>& models,
                    const LabelledImages& images, int shards) {
  const ThreatModel& threat = run.judging.threat;
  PreprocessOptions preprocess = run.preprocess;
  const std::string classes = preprocess["classes"];  // what it says is in the specs
  std::erase_if(preprocess,
                [](const auto& entry) { return entry.second.empty() || entry.first == "classes"; });
  Plain same{{"version", version_number()},
             {"shards", shards},
             {"images", images.labels.size()},
             {"images' fingerprint", hexadecimal(fingerprint(images.images, images.labels))},
             {"norm", norm_name(threat.norm)},
             {"epsilon", threat.epsilon},
             {"attacks", run.suite_name},
             {"cascade", run.judging.cascade},
             {"quantise", run.judging.quantise},
             {"seed", run.judging.seed},
             {"preprocess", preprocess},
             {"purify", fingerprint_of(run.purify.generator)},
             {"purify-steps", run.purify.search.steps},
             {"purify-restarts", run.purify.search.restarts},
             {"certify", run.certificate == nullptr ? "" : run.certificate->name},
             {"curve", !run.epsilons.empty()},
             {"models", Plain::array()}};
  Plain told{{"data", run.data.string()}, {"images", run.images}, {"labels", run.labels},
             {"count", run.count},        {"classes", classes},   {"purify", run.purify.generator},
             {"models", Plain::array()}};
  for (const ModelSpec& spec : models) {
    same["models"].push_back(json_of(spec));
    told["models"].push_back(spec.name);
  }
  return {as_written(same), as_written(told)};
}

RobustnessRun run_of_json(const RunJson& json) {
  const auto& [same, told] = json;
  for (const char* key : {"version", "images' fingerprint", "purify"}) text_member(same, key);
  RobustnessRun run;
  const std::string norm = text_member(same, "norm");
  run.judging.threat.norm = norm_of(norm);
  if (norm_name(run.judging.threat.norm) != norm || norm == "l0") {
    refuse_member("norm", "not known here");
  }
  run.judging.threat.epsilon = static_cast<float>(real_member(same, "epsilon", 0, 1000));
  run.suite_name = text_member(same, "attacks");
  try {
    run.suite = attack_suite(run.suite_name, run.judging.threat.norm);
  } catch (const Error& error) {
    throw Error("has attacks that are not known here: " + std::string(error.what()));
  }
  run.judging.cascade = flag_member(same, "cascade");
  run.judging.quantise = flag_member(same, "quantise");
  const auto seed = json_unsigned(member(same, "seed"));
  if (!seed) refuse_member("seed", "no number of 64 bits");
  run.judging.seed = *seed;
  const Plain& preprocess = member(same, "preprocess");
  if (!preprocess.is_object()) refuse_member("preprocess", "no object");
  for (const auto& [key, value] : preprocess.items()) {
    if (std::find(std::begin(kNoteKeys), std::end(kNoteKeys), key) == std::end(kNoteKeys)) {
      throw Error("has a preprocess with " + quote(key) + ", which is not known here");
    }
    run.preprocess[key] = text_member(preprocess, key.c_str());
  }
  if (const std::string classes = text_member(told, "classes"); !classes.empty()) {
    run.preprocess["classes"] = classes;
  }
  run.purify.generator = text_member(told, "purify");
  run.purify.search.steps = integer_member(same, "purify-steps", 1, 10000);
  run.purify.search.restarts = integer_member(same, "purify-restarts", 1, 10000);
  run.data = text_member(told, "data");
  run.images = text_member(told, "images");
  run.labels = text_member(told, "labels");
  run.count = integer_member(told, "count", 0, kMostImages);
  run.n = integer_member(same, "images", 1, kMostImages);
  const std::string certify = text_member(same, "certify");
  run.certificate = find_certificate_method(certify);
  if (!certify.empty() && run.certificate == nullptr) refuse_member("certify", "not known here");
  if (flag_member(same, "curve")) run.epsilons = curve_epsilons(run.judging.threat.norm);
  return run;
}

std::vector<ModelSpec> specs_of_json(const RunJson& json) {
  const Plain& models = list_member(json.same, "models");
  if (models.empty()) throw Error("has no models");
  const Plain& paths = list_member(json.told, "models", static_cast<std::ptrdiff_t>(models.size()));
  std::vector<ModelSpec> specs;
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (!paths[i].is_string()) refuse_member("models", "no list of paths");
    specs.push_back(spec_of(models[i], paths[i].get<std::string>()));
  }
  return specs;
}

int shards_of_json(const RunJson& json) {
  return integer_member(json.same, "shards", 1,
                        integer_member(json.same, "images", 1, kMostImages));
}

std::string difference(const Plain& same, const Plain& other) {
  if (same == other) return "";
  const Plain mine = same.flatten(), others = other.flatten();
  const auto differs = [](const Plain& a, const Plain& b, const std::string& key) {
    return !a.contains(key) || !b.contains(key) || a[key] != b[key];
  };
  for (const Plain* from : {&others, &mine}) {
    for (const auto& [key, unused] : from->items()) {
      if (!differs(mine, others, key)) continue;
      std::string words = key.substr(1);
      std::replace(words.begin(), words.end(), '/', ' ');
      return "its " + words + " is " + (mine.contains(key) ? shown(mine[key]) : "not there") +
             (others.contains(key) ? ", not " + shown(others[key]) : "");
    }
  }
  return "its options are others";
}

}  // namespace inoculate
