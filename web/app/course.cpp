#include "web/app/course.h"

namespace inoculate::page {

Score score_of(const Json& json) {
  const Json& interval = json.at("interval");
  return {json.at("n").get<int>(), json.at("accuracy").get<double>(), interval.at(0).get<double>(),
          interval.at(1).get<double>()};
}

Scores scores_of(const Json& json) {
  return {score_of(json.at("clean")), score_of(json.at("replayed")), score_of(json.at("fresh"))};
}

Json to_json(const Score& score) {
  return {{"n", score.n}, {"accuracy", score.accuracy}, {"interval", {score.low, score.high}}};
}

Json to_json(const Scores& scores) {
  return {{"clean", to_json(scores.clean)},
          {"replayed", to_json(scores.replayed)},
          {"fresh", to_json(scores.fresh)}};
}

void note_progress(RunningInoculation& running, const Json& head) {
  running.phase = head.value("phase", "");
  if (running.phase != kTraining) return;
  running.epoch = head.at("epoch").get<int>();
  running.epochs = head.at("epochs").get<int>();
  const int steps = head.at("steps").get<int>();
  running.steps = steps * running.epochs;
  running.steps_done = (running.epoch - 1) * steps + head.at("step").get<int>();
  running.seconds_left = head.at("seconds_left").get<double>();
  running.points.push_back({head.at("loss").get<float>(), head.at("accuracy").get<float>()});
}

}  // namespace inoculate::page
