#include "web/photo/settings.h"

#include "base/quote.h"
#include "web/json/json_reader.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

constexpr int kMostSteps = 200, kLeastQueries = 2, kMostQueries = 20000;
constexpr double kLeastArea = 0.005, kMostArea = 0.5, kMostConfidence = 0.99;
// A little more than the largest epsilon, and less than the least, for what division rounds.
constexpr double kLeastEpsilon = 0.999 / 255, kMostEpsilon = (kMostLevels + 0.001) / 255;

}  // namespace

PhotoAttackSettings photo_attack_settings(const Json& json, int classes) {
  PhotoAttackSettings s;
  JsonReader reader(json, "attack");
  reader.string("method", s.method);
  if (find_photo_method(s.method) == nullptr) {
    std::string names;
    for (const PhotoMethod& method : photo_methods()) {
      names += (names.empty() ? "" : ", ") + std::string(method.name);
    }
    reader.fail("there is no method " + quote(s.method) + "; choose one of " + names);
  }
  reader.number("epsilon", s.epsilon, 0, 1);
  if (!(s.epsilon >= kLeastEpsilon && s.epsilon <= kMostEpsilon)) {
    reader.fail(texts::scripts::epsilon_levels(kMostLevels));
  }
  reader.integer("steps", s.steps, 1, kMostSteps);
  reader.integer("queries", s.queries, kLeastQueries, kMostQueries);
  reader.number("area", s.area, kLeastArea, kMostArea);
  if (const Json* target = reader.find("target"); target != nullptr) {
    int number = 0;
    reader.integer("target", number, 0, classes - 1);
    s.target = number;
  }
  reader.number("confidence", s.confidence, 0, kMostConfidence);
  reader.integer("seed", s.seed);
  reader.finish();
  return s;
}

Json photo_choices() {
  Json methods = Json::array();
  for (const PhotoMethod& m : photo_methods()) {
    methods.push_back({{"name", m.name},
                       {"epsilon", m.has(kPhotoEpsilon)},
                       {"steps", m.has(kPhotoSteps)},
                       {"queries", m.has(kPhotoQueries)},
                       {"area", m.has(kPhotoArea)}});
  }
  return methods;
}

}  // namespace inoculate::page
