// The course of the inoculations: the one that runs, and what each bought.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "web/lab/message.h"

namespace inoculate::page {

/// Accuracy on n held-out digits with its 95 % interval.
struct Score {
  int n = 0;
  double accuracy = 0;
  double low = 0;
  double high = 1;
};

struct Scores {
  Score clean;
  Score replayed;  ///< on adversaries of the weights before
  Score fresh;     ///< on adversaries of these weights
};

/// One inoculation, finished.
struct Round {
  float epsilon = 0;  ///< of the adversaries it was trained and measured with
  Scores before;
  Scores after;
};

/// One optimiser step, for the live curve.
struct TrainingPoint {
  float loss = 0;
  float accuracy = 0;
};

/// The one that runs, or ran last.
struct RunningInoculation {
  std::string phase;  ///< of web/lab/message.h; empty until it is told
  int steps_done = 0;
  int steps = 0;
  int epoch = 0;
  int epochs = 0;
  double seconds_left = 0;
  bool paused = false;
  std::vector<TrainingPoint> points;

  float progress() const {
    return steps == 0 ? 0 : static_cast<float>(steps_done) / static_cast<float>(steps);
  }
};

/// Robust accuracy over epsilon, of one network.
struct RobustCurve {
  std::string name;
  std::vector<float> epsilons;
  std::vector<Score> scores;
};

Score score_of(const Json& json);
Scores scores_of(const Json& json);
Json to_json(const Score& score);
Json to_json(const Scores& scores);

/// Notes a progress message of the laboratory.
void note_progress(RunningInoculation& running, const Json& head);

}  // namespace inoculate::page
