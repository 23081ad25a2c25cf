#include "web/lab/settings_json.h"

#include <algorithm>

#include "web/json/json_reader.h"
#include "web/texts/digits.h"

namespace inoculate::page {

Json to_json(const InoculationSettings& s) {
  return {{"count", s.count},   {"epsilon", s.epsilon},
          {"epochs", s.epochs}, {"learning_rate", s.learning_rate},
          {"fresh", s.fresh},   {"mix_clean", s.mix_clean},
          {"seed", s.seed}};
}

Json to_json(const EvaluationSettings& s) { return {{"epsilon", s.epsilon}, {"count", s.count}}; }

Json to_json(const SweepSettings& s) {
  return {{"epsilons", s.epsilons}, {"count", s.count}, {"steps", s.steps}};
}

InoculationSettings inoculation_settings(const Json& json) {
  InoculationSettings s;
  JsonReader reader(json, "inoculate");
  reader.integer("count", s.count, 100, 2000);
  reader.number("epsilon", s.epsilon, 0, 0.5);
  reader.integer("epochs", s.epochs, 1, 50);
  reader.number("learning_rate", s.learning_rate, 1e-6, 1e-2);
  reader.boolean("fresh", s.fresh);
  reader.boolean("mix_clean", s.mix_clean);
  reader.integer("seed", s.seed);
  reader.finish();
  return s;
}

EvaluationSettings evaluation_settings(const Json& json) {
  EvaluationSettings s;
  JsonReader reader(json, "evaluate");
  reader.number("epsilon", s.epsilon, 0, 0.5);
  reader.integer("count", s.count, 1, 1000);
  reader.finish();
  return s;
}

SweepSettings sweep_settings(const Json& json) {
  SweepSettings s;
  JsonReader reader(json, "sweep");
  reader.numbers("epsilons", s.epsilons, 0, 0.5, 100);
  reader.integer("count", s.count, 1, 1000);
  reader.integer("steps", s.steps, 1, 100);
  reader.finish();
  if (s.epsilons.empty()) reader.fail(texts::scripts::no_epsilons);
  if (!std::is_sorted(s.epsilons.begin(), s.epsilons.end()))
    reader.fail(texts::scripts::epsilons_order);
  return s;
}

}  // namespace inoculate::page
