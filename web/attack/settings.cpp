#include "web/attack/settings.h"

#include "web/json/json_reader.h"
#include "web/texts/digits.h"

namespace inoculate::page {

Json to_json(const AttackSettings& s) {
  return {{"method", s.method},
          {"epsilon", s.epsilon},
          {"steps", s.steps},
          {"queries", s.queries},
          {"pixel_budget", s.pixel_budget},
          {"target", s.target ? Json(*s.target) : Json()},
          {"loss", s.loss == Loss::kCrossEntropy ? "crossentropy" : "mse"},
          {"seed", s.seed}};
}

AttackSettings attack_settings(const Json& json) {
  AttackSettings s;
  JsonReader reader(json, "attack");
  reader.string("method", s.method);
  if (find_page_method(s.method) == nullptr) {
    std::string names;
    for (const PageMethod& method : page_methods()) names += std::string(" ") + method.name;
    reader.fail(texts::scripts::method(names));
  }
  reader.number("epsilon", s.epsilon, 0, kLargestEpsilon);
  reader.integer("steps", s.steps, 1, kMostSteps);
  reader.integer("queries", s.queries, kLeastQueries, kMostQueries);
  reader.integer("pixel_budget", s.pixel_budget, 1, kMostPixels);
  int target = -1;
  reader.integer("target", target, 0, 9);
  if (target >= 0) s.target = target;
  std::string loss = "crossentropy";
  reader.string("loss", loss);
  if (loss != "crossentropy" && loss != "mse") reader.fail(texts::scripts::loss);
  s.loss = loss == "mse" ? Loss::kMeanSquaredError : Loss::kCrossEntropy;
  reader.integer("seed", s.seed);
  reader.finish();
  return s;
}

std::string settings_text(const AttackSettings& settings) {
  const PageMethod& method = page_method(settings.method);
  if (settings.method == kLineAttack) return texts::sheet::line;
  std::string text = method.title;
  if (method.has(kEpsilonKnob)) text += ", " + texts::sheet::epsilon(settings.epsilon);
  if (method.has(kStepsKnob)) text += ", " + texts::sheet::steps(settings.steps);
  if (method.has(kQueriesKnob)) text += ", " + texts::sheet::queries(settings.queries);
  if (method.has(kPixelsKnob)) text += ", " + texts::sheet::pixels(settings.pixel_budget);
  if (settings.target) text += ", " + texts::sheet::towards(*settings.target);
  return text;
}

}  // namespace inoculate::page
