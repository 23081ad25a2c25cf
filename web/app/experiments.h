// What is asked of the laboratory, the worker that trains and measures: inoculations, accuracies,
// and curves of robust accuracy.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "web/app/course.h"
#include "web/app/models.h"
#include "web/app/voice.h"
#include "web/lab/inoculation.h"
#include "web/lab/message.h"
#include "web/lab/settings_json.h"

namespace inoculate::page {

/// How a job of the laboratory ended: `error` is empty if well.
struct JobResult {
  Json value;
  std::string error;
};
using OnJobEnd = std::function<void(const JobResult&)>;

class Experiments {
 public:
  /// `digits` are those that send_digits() sends, and may change until then.
  Experiments(Models& models, const Dataset& digits, Send send, const Voice& voice);

  const std::optional<RunningInoculation>& running() const { return running_; }
  const RunningInoculation& last_run() const { return last_run_; }
  const std::vector<Round>& rounds() const { return rounds_; }
  const std::vector<RobustCurve>& robust_curves() const { return robust_curves_; }
  bool measuring_curves() const { return curve_jobs_ > 0; }
  /// How far they are measured, 0..1.
  float curves_progress() const;

  /// Hands the digits to the laboratory, which needs them for all that follows.
  void send_digits();
  /// Trains the network in use, and puts the result in its place. One at a time.
  void inoculate(const InoculationSettings& settings, OnJobEnd on_end = {});
  void pause(bool paused);
  /// Stops the inoculation; the network is as it was before.
  void stop();
  void evaluate(const EvaluationSettings& settings, OnJobEnd on_end);
  /// Of all models, and of the network in use where it was inoculated.
  void measure_robust_curves();
  void stop_measuring_curves();
  /// Whether an inoculation runs, and says so if it does: what replaces the weights in the meantime
  /// would be undone by its end.
  bool refuses_other_weights() const;
  /// Other weights have been put in use: what is known of the former is dropped.
  void forget_rounds();

  /// Takes a message of the laboratory.
  void receive(const Message& message);

 private:
  std::uint64_t send_job(const char* kind, Json settings, const Network& network, OnJobEnd on_end);
  void end_job(std::uint64_t id, const JobResult& result);
  void finish_inoculation(const Message& message);
  void forget_curves();

  Models& models_;
  const Dataset& digits_;
  Send send_;
  const Voice& voice_;
  bool digits_due_ = false;  // the laboratory has lost them
  std::uint64_t last_job_ = 0;
  std::map<std::uint64_t, OnJobEnd> jobs_;
  std::uint64_t inoculation_job_ = 0;
  InoculationSettings running_settings_;
  std::optional<RunningInoculation> running_;
  RunningInoculation last_run_;
  std::vector<Round> rounds_;
  std::vector<RobustCurve> robust_curves_;
  std::map<std::uint64_t, std::size_t> curve_of_job_;
  int curve_jobs_ = 0;
};

}  // namespace inoculate::page
