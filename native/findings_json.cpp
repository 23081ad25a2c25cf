#include "native/findings_json.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "data/base64.h"
#include "native/json_members.h"

namespace inoculate {
namespace {

using Plain = nlohmann::json;
using Flags = std::vector<std::uint8_t>;

constexpr int kMost = std::numeric_limits<std::int32_t>::max();
constexpr double kLargest = std::numeric_limits<float>::max();

double finite(double value, const char* what) {
  if (!std::isfinite(value)) throw Error("has a " + std::string(what) + " that is not finite");
  return value;
}

// "0110": a sign an image.
std::string text_of(const Flags& flags) {
  std::string text;
  for (const std::uint8_t flag : flags) text += flag != 0 ? '1' : '0';
  return text;
}

Flags flags_member(const Plain& json, const char* key, int size) {
  const std::string text = text_member(json, key);
  if (text.size() != static_cast<std::size_t>(size)) {
    refuse_member(key,
                  "of " + std::to_string(text.size()) + " images, not " + std::to_string(size));
  }
  Flags flags;
  for (const char sign : text) {
    if (sign != '0' && sign != '1') refuse_member(key, "not made of 0 and 1");
    flags.push_back(sign == '1');
  }
  return flags;
}

// Flags that only images of `among` may have.
Flags flags_member(const Plain& json, const char* key, const Flags& among) {
  Flags flags = flags_member(json, key, static_cast<int>(among.size()));
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i] > among[i]) refuse_member(key, "of images that were not attacked");
  }
  return flags;
}

std::ptrdiff_t count(const Flags& flags) {
  std::ptrdiff_t count = 0;
  for (const std::uint8_t flag : flags) count += flag;
  return count;
}

// Values of the images that have a flag, in their order.
template <class Values, class Number>
Plain list_of(const Flags& flags, const Values& values, const Number& number) {
  Plain list = Plain::array();
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i] != 0) list.push_back(number(values[i]));
  }
  return list;
}

// The inverse: 0 where an image has no flag. read(value) gives nothing for what is no `kind`.
template <class T, class Read>
std::vector<T> values_member(const Plain& json, const char* key, const Flags& flags,
                             const char* kind, const Read& read) {
  const Plain& list = list_member(json, key, count(flags));
  std::vector<T> values(flags.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i] == 0) continue;
    const auto value = read(list[next++]);
    if (!value) refuse_member(key, "no list of " + std::string(kind));
    values[i] = static_cast<T>(*value);
  }
  return values;
}

std::vector<int> integers_member(const Plain& json, const char* key, const Flags& flags,
                                 int highest) {
  return values_member<int>(json, key, flags, "counts",
                            [&](const Plain& value) { return json_integer(value, 0, highest); });
}

template <class T = double>
std::vector<T> reals_member(const Plain& json, const char* key, const Flags& flags) {
  return values_member<T>(json, key, flags, "numbers of 0 or more",
                          [](const Plain& value) { return json_real(value, 0, kLargest); });
}

std::string pixels_text(const std::vector<float>& pixels) {
  Bytes bytes(pixels.size() * sizeof(float));
  std::memcpy(bytes.data(), pixels.data(), bytes.size());
  return to_base64url(bytes);
}

std::vector<float> pixels_member(const Plain& json, const char* key, int size) {
  const Bytes bytes = from_base64url(text_member(json, key));
  if (bytes.size() != static_cast<std::size_t>(size) * sizeof(float)) {
    refuse_member(key, "no picture of the model's size");
  }
  std::vector<float> pixels(static_cast<std::size_t>(size));
  std::memcpy(pixels.data(), bytes.data(), bytes.size());
  for (const float pixel : pixels) {
    if (!std::isfinite(pixel)) refuse_member(key, "no picture");
  }
  return pixels;
}

Plain json_of(const SheetEntry& e) {
  return {{"label", e.label},
          {"original", pixels_text(e.original)},
          {"adversary", pixels_text(e.adversary)},
          {"read before", e.predicted_before},
          {"confidence before", finite(static_cast<double>(e.confidence_before), "confidence")},
          {"read after", e.predicted_after},
          {"confidence after", finite(static_cast<double>(e.confidence_after), "confidence")}};
}

SheetEntry entry_of(const Plain& json, const ModelSpec& spec) {
  const int last = spec.classes - 1;
  return {pixels_member(json, "original", spec.input.size()),
          pixels_member(json, "adversary", spec.input.size()),
          integer_member(json, "label", 0, last),
          integer_member(json, "read before", 0, last),
          static_cast<float>(real_member(json, "confidence before", 0, 1.001)),
          integer_member(json, "read after", 0, last),
          static_cast<float>(real_member(json, "confidence after", 0, 1.001))};
}

Plain json_of(const AttackOutcomes& attack, const Flags& counted) {
  return {
      {"attack", attack.name},
      {"fooled", text_of(attack.fooled)},
      {"stored", text_of(attack.stored_fooled)},
      {"distances", list_of(attack.fooled, attack.distances,
                            [](float d) { return finite(static_cast<double>(d), "distance"); })},
      {"forward", list_of(counted, attack.calls, [](AttackCalls c) { return c.forward; })},
      {"gradient", list_of(counted, attack.calls, [](AttackCalls c) { return c.gradient; })},
      {"furthest", finite(static_cast<double>(attack.furthest), "distance")},
      {"beyond range", finite(static_cast<double>(attack.beyond_range), "pixel")},
      {"seconds", attack.seconds}};
}

AttackOutcomes attack_of(const Plain& json, const std::string& name, const Flags& counted) {
  AttackOutcomes attack;
  attack.name = name;
  if (text_member(json, "attack") != name) refuse_member("attack", "not " + name);
  attack.fooled = flags_member(json, "fooled", counted);
  attack.stored_fooled = flags_member(json, "stored", counted);
  attack.distances = reals_member<float>(json, "distances", attack.fooled);
  const std::vector<int> forward = integers_member(json, "forward", counted, kMost);
  const std::vector<int> gradient = integers_member(json, "gradient", counted, kMost);
  for (std::size_t i = 0; i < counted.size(); ++i)
    attack.calls.push_back({forward[i], gradient[i]});
  attack.furthest = static_cast<float>(real_member(json, "furthest", 0, kLargest));
  attack.beyond_range = static_cast<float>(real_member(json, "beyond range", 0, kLargest));
  attack.seconds = real_member(json, "seconds", 0, 1e15);
  return attack;
}

}  // namespace

Plain json_of_findings(const Findings& findings, const RobustnessRun& run) {
  const Outcomes& outcomes = findings.outcomes;
  const Flags all(outcomes.read.size(), 1);
  const auto counted = counted_images(outcomes, run.judging.cascade);
  Plain json{
      {"read", text_of(outcomes.read)}, {"attacks", Plain::array()}, {"sheets", Plain::array()}};
  for (std::size_t k = 0; k < outcomes.attacks.size(); ++k) {
    json["attacks"].push_back(json_of(outcomes.attacks[k], counted[k]));
    json["sheets"].push_back(Plain::array());
    for (const SheetEntry& e : findings.sheets[k]) json["sheets"].back().push_back(json_of(e));
  }
  if (!run.epsilons.empty()) json["epsilons withstood"] = findings.withstood;
  if (run.certificate == nullptr) return json;
  const Certificates& proven = findings.certificates;
  json["certified"] = text_of(proven.certified);
  if (run.epsilons.empty()) return json;
  json["radii"] = list_of(all, proven.radii, [](double r) { return finite(r, "radius"); });
  return json;
}

Findings findings_of_json(const Plain& json, const ModelSpec& spec, int size,
                          const RobustnessRun& run) {
  const auto attacks = static_cast<std::ptrdiff_t>(run.suite.size());
  Findings findings{spec, {}, {}, {}, {}};
  Outcomes& outcomes = findings.outcomes;
  outcomes.read = flags_member(json, "read", size);
  const Plain& list = list_member(json, "attacks", attacks);
  const Plain& sheets = list_member(json, "sheets", attacks);
  for (std::size_t k = 0; k < run.suite.size(); ++k) {
    outcomes.attacks.emplace_back();
    // Of the attack before are those that count here, in a cascade.
    outcomes.attacks.back().fooled.resize(outcomes.read.size());
    const Flags counted = counted_images(outcomes, run.judging.cascade).back();
    outcomes.attacks.back() = attack_of(list[k], run.suite[k].method->name, counted);
    if (!sheets[k].is_array() || sheets[k].size() > kMostSheetEntries) {
      refuse_member("sheets", "no list of a few pictures");
    }
    findings.sheets.emplace_back();
    for (const Plain& e : sheets[k]) findings.sheets.back().push_back(entry_of(e, spec));
  }
  const Flags all(outcomes.read.size(), 1);
  if (!run.epsilons.empty()) {
    findings.withstood =
        integers_member(json, "epsilons withstood", all, static_cast<int>(run.epsilons.size()));
  }
  if (run.certificate == nullptr) return findings;
  findings.certificates.certified = flags_member(json, "certified", outcomes.read);
  if (run.epsilons.empty()) return findings;
  findings.certificates.radii = reals_member(json, "radii", all);
  return findings;
}

Plain json_of_signs(const Signs& signs) {
  Plain json{{"looks", nullptr}, {"better", nullptr}};
  if (signs.looks) {
    const Looks& looks = *signs.looks;
    json["looks"] = {{"n", looks.n}, {"probabilities", looks.probabilities}, {"dead", looks.dead}};
    if (looks.attacked) {
      json["looks"]["fgsm"] = looks.attacked->fgsm;
      json["looks"]["pgd"] = looks.attacked->pgd;
      json["looks"]["pgd further"] = looks.attacked->pgd_further;
    }
  }
  if (signs.better) {
    const BetterReading& better = *signs.better;
    json["better"] = {{"change", better.change},
                      {"correct", better.correct},
                      {"as they are", better.as_they_are},
                      {"n", better.n}};
  }
  return json;
}

Signs signs_of_json(const Plain& json) {
  Signs signs;
  if (const Plain& found = member(json, "looks"); !found.is_null()) {
    Looks looks;
    looks.n = integer_member(found, "n", 1, kMost);
    looks.probabilities = flag_member(found, "probabilities");
    looks.dead = integer_member(found, "dead", 0, looks.n);
    if (found.contains("fgsm")) {
      looks.attacked = Looks::Attacked{integer_member(found, "fgsm", 0, looks.n),
                                       integer_member(found, "pgd", 0, looks.n),
                                       integer_member(found, "pgd further", 0, looks.n)};
    }
    signs.looks = looks;
  }
  if (const Plain& found = member(json, "better"); !found.is_null()) {
    const int n = integer_member(found, "n", 1, kMost);
    signs.better =
        BetterReading{text_member(found, "change"), integer_member(found, "correct", 0, n),
                      integer_member(found, "as they are", 0, n), n};
  }
  return signs;
}

}  // namespace inoculate
